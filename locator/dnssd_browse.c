/* SPDX-License-Identifier: MIT
 *
 * dnssd-browse: looks for services of the type "_practice._tcp" with the system's mDNS daemon, and prints a line for
 * each address of each, for as long as standard input stays open. A process of its own, since Avahi's dns_sd.h makes
 * synchronous D-Bus calls and starts a thread for each operation: no search may wait for that. It has no keys and
 * believes nothing: a stranger's host writes all that it reads. common/dnssd_lines.h says what it prints and how it
 * ends.
 *
 *     browse -> service (name and interface) -> resolve: TXT and host -> two queries, A and AAAA -> line
 */
#include "common/dnssd_lines.h"
#include "common/platform/dnssd_library.h"
#include "proto/name.h"

#include <dns_sd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RESOLVE, QUERY_IPV4, QUERY_IPV6, OPERATIONS };

/* The tables are fixed, since strangers can fill them; what does not fit is ignored. Each operation has a descriptor
 * and a bus connection: 64 at most, the browsing included. */
enum { OPEN_MAX = 64, SERVICES_MAX = (OPEN_MAX - 1) / OPERATIONS, ADDRESSES_MAX = 16 };

enum {
    PAUSE_FIRST_MS = 1000, /* after a failure; doubled with each */
    PAUSE_LAST_MS = 60000,
    CALL_S = 40, /* more than D-Bus's own time-out of 25 s, which a bus that hangs does not keep */
};

/* A DNSServiceRef must not be freed in its own callback: that only says that it is over. */
struct operation {
    DNSServiceRef ref; /* NULL: not under way */
    bool over;
};

struct sighting {
    struct address address;
    unsigned times; /* Avahi reports a record once for each protocol over which it came; 0: a free place */
};

/* Its operations stay open: a server that starts again within a second is no news to the browsing, but its TXT record,
 * host or addresses may be new. */
struct service {
    bool used;
    bool moved;     /* the host is another one: what was asked of the old is void */
    unsigned times; /* as of a sighting; 0: gone */
    int64_t retry_ms;
    int64_t pause_ms;
    struct operation operations[OPERATIONS];
    struct dnssd_found found; /* the name and the interface; the port and key of the TXT record, port 0 if none */
    char host[kDNSServiceMaxDomainName]; /* empty: not resolved */
    struct sighting sightings[ADDRESSES_MAX];
};

struct browser {
    struct operation browse;
    bool lost; /* the daemon is */
    struct service services[SERVICES_MAX];
};

static void say(const struct dnssd_line *line)
{
    char text[DNSSD_LINE_MAX];
    size_t length = dnssd_line_format(line, text);
    if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
        exit(DNSSD_EXIT_PARENT_GONE);
}

static void say_found(const struct service *service, const struct address *address)
{
    struct dnssd_line line = {.event = DNSSD_FOUND, .found = service->found};
    memcpy(line.found.address.bytes, address->bytes, sizeof address->bytes);
    line.found.address.family = address->family;
    if (line.found.address.port != 0)
        say(&line);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The one with this name on this interface, else an unused one, else NULL. */
static struct service *service_for(struct browser *browser, const struct name *name, uint32_t ifindex)
{
    struct service *unused = NULL;
    for (size_t i = 0; i < SERVICES_MAX; i++) {
        struct service *each = &browser->services[i];
        if (!each->used)
            unused = each;
        else if (each->found.address.ifindex == ifindex && strcmp(each->found.name.text, name->text) == 0)
            return each;
    }
    return unused;
}

static void DNSSD_API on_browse(DNSServiceRef ref, DNSServiceFlags flags, uint32_t ifindex, DNSServiceErrorType error,
                                const char *text, const char *type, const char *domain, void *context)
{
    struct browser *browser = context;
    struct name name;
    (void)ref;
    (void)type;
    (void)domain;
    browser->lost = browser->lost || error != kDNSServiceErr_NoError;
    if (browser->lost || !name_from_text(&name, text))
        return;
    struct service *service = service_for(browser, &name, ifindex);
    if (!service)
        return;
    if (flags & kDNSServiceFlagsAdd) {
        if (!service->used)
            *service = (struct service){
                .used = true, .pause_ms = PAUSE_FIRST_MS, .found = {.address.ifindex = ifindex, .name = name}};
        service->times++;
    } else if (service->times > 0) {
        service->times--;
    }
}

static void fail(struct service *service, size_t which)
{
    service->operations[which].over = true;
    service->retry_ms = now_ms() + service->pause_ms;
    service->pause_ms = service->pause_ms * 2 > PAUSE_LAST_MS ? PAUSE_LAST_MS : service->pause_ms * 2;
}

static void say_sightings(const struct service *service)
{
    for (size_t i = 0; i < ADDRESSES_MAX; i++)
        if (service->sightings[i].times > 0)
            say_found(service, &service->sightings[i].address);
}

/* What is known already is said again when the port or the key changes: the old line no longer holds. */
static void learn_txt(struct service *service, const uint8_t *txt, size_t size)
{
    const struct dnssd_found old = service->found;
    struct dnssd_found *found = &service->found;
    if (!dnssd_txt_read(txt, size, found))
        found->address.port = 0;
    if (found->address.port != old.address.port || memcmp(&found->key, &old.key, sizeof old.key) != 0)
        say_sightings(service);
}

static void DNSSD_API on_resolve(DNSServiceRef ref, DNSServiceFlags flags, uint32_t ifindex, DNSServiceErrorType error,
                                 const char *full_name, const char *host, uint16_t port, uint16_t txt_size,
                                 const unsigned char *txt, void *context)
{
    struct service *service = context;
    (void)ref;
    (void)flags;
    (void)ifindex;
    (void)full_name;
    (void)port;
    if (error != kDNSServiceErr_NoError || strlen(host) >= sizeof service->host) {
        fail(service, RESOLVE);
        return;
    }
    service->pause_ms = PAUSE_FIRST_MS;
    if (strcmp(host, service->host) != 0) {
        memset(service->sightings, 0, sizeof service->sightings);
        (void)snprintf(service->host, sizeof service->host, "%s", host);
        service->moved = true;
    }
    learn_txt(service, txt, txt_size);
}

static struct sighting *sighting_for(struct service *service, const struct address *address)
{
    struct sighting *unused = NULL;
    for (size_t i = 0; i < ADDRESSES_MAX; i++) {
        struct sighting *each = &service->sightings[i];
        if (each->times == 0)
            unused = each;
        else if (address_same_host(&each->address, address))
            return each;
    }
    return unused;
}

static void sight(struct service *service, const struct address *address, bool added)
{
    struct sighting *sighting = sighting_for(service, address);
    if (!sighting || !dnssd_is_host(address))
        return;
    if (added) {
        sighting->address = *address;
        if (sighting->times++ == 0)
            say_found(service, address);
    } else if (sighting->times > 0) {
        sighting->times--;
    }
}

static struct address address_from_record(uint16_t type, uint16_t size, const void *data, uint32_t ifindex)
{
    struct in_addr in;
    struct in6_addr in6;
    if (type == kDNSServiceType_A && size == sizeof in) {
        memcpy(&in, data, sizeof in);
        return address_from_in(&in, 0, ifindex);
    }
    if (type == kDNSServiceType_AAAA && size == sizeof in6) {
        memcpy(&in6, data, sizeof in6);
        return address_from_in6(&in6, 0, ifindex);
    }
    return (struct address){.family = ENDPOINT_NONE};
}

static void DNSSD_API on_record(DNSServiceRef ref, DNSServiceFlags flags, uint32_t ifindex, DNSServiceErrorType error,
                                const char *host, uint16_t type, uint16_t class, uint16_t size, const void *data,
                                uint32_t ttl, void *context)
{
    struct service *service = context;
    (void)ifindex;
    (void)host;
    (void)class;
    (void)ttl;
    if (error != kDNSServiceErr_NoError) {
        fail(service, ref == service->operations[QUERY_IPV4].ref ? QUERY_IPV4 : QUERY_IPV6);
        return;
    }
    struct address address = address_from_record(type, size, data, service->found.address.ifindex);
    if (address.family != ENDPOINT_NONE && !service->moved)
        sight(service, &address, (flags & kDNSServiceFlagsAdd) != 0);
}

static void forget_family(struct service *service, uint8_t family)
{
    for (size_t i = 0; i < ADDRESSES_MAX; i++)
        if (service->sightings[i].address.family == family)
            service->sightings[i].times = 0;
}

static DNSServiceErrorType start(struct service *service, size_t which)
{
    DNSServiceRef *ref = &service->operations[which].ref;
    uint32_t ifindex = service->found.address.ifindex;
    if (which == RESOLVE)
        return DNSServiceResolve(ref, 0, ifindex, service->found.name.text, DNSSD_TYPE, DNSSD_DOMAIN, on_resolve,
                                 service);
    /* The query reports from the beginning what is there. */
    forget_family(service, which == QUERY_IPV4 ? ENDPOINT_IPV4 : ENDPOINT_IPV6);
    return DNSServiceQueryRecord(ref, 0, ifindex, service->host,
                                 which == QUERY_IPV4 ? kDNSServiceType_A : kDNSServiceType_AAAA, kDNSServiceClass_IN,
                                 on_record, service);
}

static void end(struct operation *operation)
{
    if (operation->ref)
        DNSServiceRefDeallocate(operation->ref);
    *operation = (struct operation){0};
}

static bool wanted(const struct service *service, size_t which)
{
    if (service->operations[which].ref || service->times == 0)
        return false;
    return which == RESOLVE || service->host[0] != '\0';
}

/* Does what the callbacks found necessary: they themselves may free nothing. */
static void settle(struct browser *browser, struct service *service)
{
    for (size_t i = 0; i < OPERATIONS; i++) {
        struct operation *operation = &service->operations[i];
        if (operation->over || service->times == 0 || (service->moved && i != RESOLVE))
            end(operation);
    }
    service->moved = false;
    service->used = service->times > 0;
    for (size_t i = 0; i < OPERATIONS && !browser->lost; i++) {
        if (!wanted(service, i) || service->retry_ms > now_ms())
            continue;
        DNSServiceErrorType error = start(service, i);
        if (error != kDNSServiceErr_NoError)
            fail(service, i);
        /* A refusal may be this service's fault; this error is the one of a daemon that is gone or hangs. */
        browser->lost = error == kDNSServiceErr_Unknown;
    }
}

/* Until the next operation that waits for its second chance is due; -1 for ever. */
static int rest_ms(const struct browser *browser)
{
    int64_t now = now_ms();
    int64_t rest = -1;
    for (size_t i = 0; i < SERVICES_MAX * OPERATIONS; i++) {
        const struct service *service = &browser->services[i / OPERATIONS];
        if (!service->used || !wanted(service, i % OPERATIONS))
            continue;
        int64_t left = service->retry_ms > now ? service->retry_ms - now : 0;
        rest = rest < 0 || left < rest ? left : rest;
    }
    return (int)rest;
}

/* The browsing comes first: it alone tells for certain that the daemon is gone. */
static size_t watch(struct browser *browser, struct operation *operations[OPEN_MAX])
{
    size_t count = 0;
    operations[count++] = &browser->browse;
    for (size_t i = 0; i < SERVICES_MAX * OPERATIONS; i++) {
        struct operation *operation = &browser->services[i / OPERATIONS].operations[i % OPERATIONS];
        if (operation->ref)
            operations[count++] = operation;
    }
    return count;
}

/* What the parent writes means nothing; that it stops existing does. */
static bool parent_gone(void)
{
    char ignored[64];
    return read(STDIN_FILENO, ignored, sizeof ignored) <= 0;
}

/* Processing blocks unless the descriptor is readable. False when the parent is gone. */
static bool wait_and_process(struct browser *browser)
{
    struct operation *operations[OPEN_MAX];
    struct pollfd watched[OPEN_MAX + 1];
    size_t count = watch(browser, operations);
    for (size_t i = 0; i < count; i++)
        watched[i] = (struct pollfd){.fd = DNSServiceRefSockFD(operations[i]->ref), .events = POLLIN};
    watched[count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    (void)alarm(0);
    int ready = poll(watched, count + 1, rest_ms(browser));
    (void)alarm(CALL_S);
    if (ready > 0 && watched[count].revents != 0 && parent_gone())
        return false;
    for (size_t i = 0; i < count && ready > 0 && !browser->lost; i++)
        if (watched[i].revents != 0 && DNSServiceProcessResult(operations[i]->ref) != kDNSServiceErr_NoError)
            browser->lost = true;
    return true;
}

static int serve(struct browser *browser)
{
    bool parent = true;
    say(&(struct dnssd_line){.event = DNSSD_READY});
    while (parent && !browser->lost) {
        for (size_t i = 0; i < SERVICES_MAX; i++)
            settle(browser, &browser->services[i]);
        parent = browser->lost || wait_and_process(browser);
    }
    return parent ? DNSSD_EXIT_DAEMON : DNSSD_EXIT_PARENT_GONE;
}

static void on_alarm(int number)
{
    (void)number;
    _exit(DNSSD_EXIT_DAEMON);
}

int main(int argc, char **argv)
{
    struct browser browser = {.lost = false};
    (void)argv;
    if (argc != 1) {
        (void)fprintf(stderr, "usage: dnssd-browse\n");
        return DNSSD_EXIT_USAGE;
    }
    dnssd_library_prepare();
    (void)signal(SIGALRM, on_alarm);
    (void)alarm(CALL_S);
    DNSServiceErrorType error = DNSServiceBrowse(&browser.browse.ref, 0, kDNSServiceInterfaceIndexAny, DNSSD_TYPE,
                                                 DNSSD_DOMAIN, on_browse, &browser);
    int code = error == kDNSServiceErr_NoError ? serve(&browser) : DNSSD_EXIT_DAEMON;
    if (code == DNSSD_EXIT_DAEMON)
        (void)fprintf(stderr, "dnssd-browse: the mDNS daemon cannot be reached or went away\n");
    return code;
}
