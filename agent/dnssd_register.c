/* SPDX-License-Identifier: MIT
 *
 * dnssd-register NAME SERVICE_PORT [TXT...]: keeps one service of the type "_practice._tcp" registered with
 * the system's mDNS daemon for as long as standard input stays open. A process of its own, since Avahi's
 * dns_sd.h makes synchronous D-Bus calls and starts threads: nothing of that may stand in the agent's way. It
 * has no keys. common/dnssd_lines.h says what it prints and how it ends.
 */
#include "common/dnssd_lines.h"
#include "common/platform/dnssd_library.h"
#include "proto/name.h"
#include "proto/wire.h"

#include <arpa/inet.h>
#include <dns_sd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    TXT_MAX = 1024,
    TXT_ITEM_MAX = 255,
    MISSING_MS = 5000, /* how long the service may be out of sight before it is registered anew */
    SILENCE_MS = 5000, /* Avahi needs one second for a name that is free, two for one that is not */
    CALL_S = 40,       /* more than D-Bus's own time-out of 25 s, which a bus that hangs does not keep */
    GOODBYE_S = 3,
};

struct registration {
    DNSServiceRef ref;
    bool heard;               /* the daemon called back */
    DNSServiceErrorType last; /* what it said */

    /* What it said is checked by looking: it may call a service registered that nobody can see. */
    DNSServiceRef browse;
    struct name name;
    unsigned seen; /* on so many interfaces and protocols */
    bool told;     /* the parent knows */
    int64_t missing_since_ms;
};

static int fatal(const char *what, DNSServiceErrorType error)
{
    (void)fprintf(stderr, "dnssd-register: %s (dns_sd error %d)\n", what, (int)error);
    return DNSSD_EXIT_DAEMON;
}

static void say(const struct dnssd_line *line)
{
    char text[DNSSD_LINE_MAX];
    size_t length = dnssd_line_format(line, text);
    if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
        exit(DNSSD_EXIT_PARENT_GONE);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool port_from(const char *text, uint16_t *out)
{
    char *end;
    if (*text < '1' || *text > '9')
        return false;
    unsigned long value = strtoul(text, &end, 10);
    *out = (uint16_t)value;
    return *end == '\0' && value <= UINT16_MAX;
}

/* RFC 6763, section 6.1: each item behind a byte with its length. */
static bool txt_from(char *const *items, struct wire_writer *out)
{
    for (; *items; items++) {
        size_t length = strlen(*items);
        if (length == 0 || length > TXT_ITEM_MAX)
            return false;
        wire_write_u8(out, (uint8_t)length);
        wire_write_bytes(out, (const uint8_t *)*items, length);
    }
    return !wire_write_failed(out);
}

static void DNSSD_API on_registered(DNSServiceRef ref, DNSServiceFlags flags, DNSServiceErrorType error,
                                    const char *name, const char *type, const char *domain, void *context)
{
    struct registration *registration = context;
    struct name read;
    (void)ref;
    (void)flags;
    (void)type;
    (void)domain;
    registration->heard = true;
    registration->last = error;
    if (error != kDNSServiceErr_NoError || !name || !name_from_text(&read, name) ||
        strcmp(read.text, registration->name.text) == 0)
        return;
    registration->name = read;
    registration->seen = 0;
    registration->told = false;
    registration->missing_since_ms = now_ms();
}

/* Our own name comes and goes on an interface. */
static void DNSSD_API on_seen(DNSServiceRef ref, DNSServiceFlags flags, uint32_t ifindex, DNSServiceErrorType error,
                              const char *name, const char *type, const char *domain, void *context)
{
    struct registration *registration = context;
    (void)ref;
    (void)ifindex;
    (void)type;
    (void)domain;
    if (error != kDNSServiceErr_NoError) {
        registration->last = error;
        return;
    }
    if (!name || strcmp(name, registration->name.text) != 0)
        return;
    if (flags & kDNSServiceFlagsAdd)
        registration->seen++;
    else if (registration->seen > 0)
        registration->seen--;
    registration->missing_since_ms = now_ms();
    if (registration->seen > 0 && !registration->told) {
        registration->told = true;
        say(&(struct dnssd_line){.event = DNSSD_REGISTERED, .found = {.name = registration->name}});
    }
}

/* Looking begins anew with each name: what was there before is reported again then. */
static bool look(struct registration *registration)
{
    if (registration->browse)
        DNSServiceRefDeallocate(registration->browse);
    registration->browse = NULL;
    (void)alarm(CALL_S);
    DNSServiceErrorType error = DNSServiceBrowse(&registration->browse, 0, kDNSServiceInterfaceIndexAny, DNSSD_TYPE,
                                                 DNSSD_DOMAIN, on_seen, registration);
    (void)alarm(0);
    return error == kDNSServiceErr_NoError;
}

/* What the parent writes means nothing; that it stops existing does. */
static bool parent_gone(void)
{
    char ignored[64];
    return read(STDIN_FILENO, ignored, sizeof ignored) <= 0;
}

static void DNSSD_API ignore(DNSServiceRef ref, DNSServiceFlags flags, uint32_t ifindex, DNSServiceErrorType error,
                             const char *name, const char *type, const char *domain, void *context)
{
    (void)ref;
    (void)flags;
    (void)ifindex;
    (void)error;
    (void)name;
    (void)type;
    (void)domain;
    (void)context;
}

static void on_alarm(int number)
{
    (void)number;
    _exit(DNSSD_EXIT_DAEMON);
}

/* Silence has two causes: of a name that it cannot have Avahi may say nothing, and a daemon that hangs says
 * nothing at all. Only the latter leaves this call, too, without an answer. */
static bool daemon_answers(void)
{
    DNSServiceRef ref;
    (void)alarm(CALL_S);
    if (DNSServiceBrowse(&ref, 0, kDNSServiceInterfaceIndexAny, DNSSD_TYPE, DNSSD_DOMAIN, ignore, NULL) !=
        kDNSServiceErr_NoError)
        return false;
    DNSServiceRefDeallocate(ref);
    return true;
}

static int conflict(void)
{
    say(&(struct dnssd_line){.event = DNSSD_CONFLICT});
    return DNSSD_EXIT_CONFLICT;
}

/* Sends the goodbye. The daemon sends it as well when this process leaves the bus: it is worth no long wait. */
static int goodbye(struct registration *registration)
{
    (void)alarm(GOODBYE_S);
    DNSServiceRefDeallocate(registration->ref);
    if (registration->browse)
        DNSServiceRefDeallocate(registration->browse);
    return DNSSD_EXIT_PARENT_GONE;
}

static int judge(const struct registration *registration)
{
    if (registration->last == kDNSServiceErr_NameConflict)
        return conflict();
    return fatal("the registration failed", registration->last);
}

/* Until the next thing is to be judged; -1 for not before something happens. */
static int patience_ms(const struct registration *registration, int64_t silent_until_ms)
{
    int64_t until = silent_until_ms;
    if (registration->heard && registration->seen > 0)
        return -1;
    if (registration->heard)
        until = registration->missing_since_ms + MISSING_MS;
    int64_t left = until - now_ms();
    return left > 0 ? (int)left : 0;
}

static void process(struct registration *registration, DNSServiceRef ref)
{
    if (DNSServiceProcessResult(ref) != kDNSServiceErr_NoError)
        registration->last = kDNSServiceErr_Unknown;
}

/* Waits for the end of the parent, or of the registration. */
static int serve(struct registration *registration)
{
    const int64_t silent_until_ms = now_ms() + SILENCE_MS;
    struct name looked_for = {{0}};
    while (registration->last == kDNSServiceErr_NoError) {
        if (strcmp(looked_for.text, registration->name.text) != 0) {
            looked_for = registration->name;
            if (!look(registration))
                return fatal("the daemon cannot be asked", kDNSServiceErr_Unknown);
        }
        struct pollfd watched[] = {
            {.fd = STDIN_FILENO, .events = POLLIN},
            {.fd = DNSServiceRefSockFD(registration->ref), .events = POLLIN},
            {.fd = registration->browse ? DNSServiceRefSockFD(registration->browse) : -1, .events = POLLIN}};
        int wait_ms = patience_ms(registration, silent_until_ms);
        int ready = poll(watched, 3, wait_ms);
        if (ready == 0 && registration->heard)
            return fatal("the service cannot be seen", kDNSServiceErr_Unknown);
        if (ready == 0)
            return daemon_answers() ? conflict() : fatal("the daemon does not answer", kDNSServiceErr_Unknown);
        if (ready < 0)
            continue;
        if (watched[0].revents != 0 && parent_gone())
            return goodbye(registration);
        if (watched[1].revents != 0)
            process(registration, registration->ref);
        if (watched[2].revents != 0)
            process(registration, registration->browse);
    }
    return judge(registration);
}

int main(int argc, char **argv)
{
    uint8_t txt[TXT_MAX];
    struct wire_writer writer = wire_writer_over(txt, sizeof txt);
    struct registration registration = {0};
    struct name name;
    uint16_t port;
    if (argc < 3 || !name_from_text(&name, argv[1]) || !port_from(argv[2], &port) || !txt_from(argv + 3, &writer)) {
        (void)fprintf(stderr, "usage: dnssd-register NAME SERVICE_PORT [TXT...]\n");
        return DNSSD_EXIT_USAGE;
    }
    dnssd_library_prepare();
    (void)signal(SIGALRM, on_alarm);
    (void)alarm(CALL_S);
    registration.last =
        DNSServiceRegister(&registration.ref, 0, kDNSServiceInterfaceIndexAny, name.text, DNSSD_TYPE, DNSSD_DOMAIN,
                           NULL, htons(port), (uint16_t)writer.at, txt, on_registered, &registration);
    (void)alarm(0);
    if (registration.last != kDNSServiceErr_NoError)
        return judge(&registration);
    return serve(&registration);
}
