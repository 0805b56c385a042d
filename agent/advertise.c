/* SPDX-License-Identifier: MIT */
#include "agent/advertise.h"

#include "common/dnssd_lines.h"
#include "common/helper.h"
#include "common/keys.h"
#include "common/log.h"
#include "common/platform/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RETRY_FIRST_MS = 1000,
    RETRY_MOST_MS = 60000,
    GOODBYE_MS = 1000,
    STEADY_US = 60000000, /* a registration that lasted so long makes the delays short again */
    NAMES_MAX = 20,       /* "Name #20": after that the first is tried again */
};

struct advertise {
    struct advertise_settings settings;
    struct loop *loop;
    struct loop_timer *retry;
    struct loop_watch *watch;
    struct helper *helper; /* NULL while waiting for the next try */
    enum advertise_state state;
    struct name name;
    unsigned name_number; /* 1: the practice's own name */
    uint64_t retry_ms;
    uint64_t registered_us; /* since when, on the interval clock */
};

/* "Practice", then "Practice #2" and so on, as Avahi names its own alternatives; cut to one DNS label. */
static void choose_name(struct advertise *advertise)
{
    const char *practice = advertise->settings.practice->text;
    char suffix[16] = "";
    if (advertise->name_number > 1)
        (void)snprintf(suffix, sizeof suffix, " #%u", advertise->name_number);
    size_t room = PROTO_NAME_MAX - strlen(suffix);
    size_t length = strlen(practice);
    if (length > room)
        length = room;
    while (length > 0 && ((uint8_t)practice[length] & 0xc0) == 0x80)
        length--; /* never through the middle of a character */
    (void)snprintf(advertise->name.text, sizeof advertise->name.text, "%.*s%s", (int)length, practice, suffix);
}

static void change_state(struct advertise *advertise, enum advertise_state state)
{
    if (state == advertise->state)
        return;
    advertise->state = state;
    if (state == ADVERTISE_REGISTERED)
        log_write(LOG_INFO, "DNS-SD: registered as \"%s\"", advertise->name.text);
    else if (state == ADVERTISE_ABSENT)
        log_write(LOG_NOTICE, "DNS-SD: no mDNS daemon answers; workstations find the server by other ways, and it is "
                              "tried again");
    else if (state == ADVERTISE_CONFLICT)
        log_write(LOG_WARNING, "DNS-SD: the name \"%s\" is taken by another host; trying another one",
                  advertise->name.text);
}

static void ended(struct advertise *advertise)
{
    loop_watch_close(advertise->watch);
    advertise->watch = NULL;
    helper_kill(advertise->helper);
    advertise->helper = NULL;
    if (advertise->state == ADVERTISE_REGISTERED && clock_interval_us() - advertise->registered_us > STEADY_US)
        advertise->retry_ms = RETRY_FIRST_MS;
    if (advertise->state != ADVERTISE_CONFLICT)
        change_state(advertise, ADVERTISE_ABSENT);
    loop_timer_start(advertise->retry, advertise->retry_ms);
    if (advertise->retry_ms < RETRY_MOST_MS)
        advertise->retry_ms *= 2;
}

static void take(struct advertise *advertise, const struct dnssd_line *line)
{
    if (line->event == DNSSD_REGISTERED) {
        advertise->name = line->found.name;
        advertise->registered_us = clock_interval_us();
        change_state(advertise, ADVERTISE_REGISTERED);
    } else if (line->event == DNSSD_CONFLICT) {
        change_state(advertise, ADVERTISE_CONFLICT);
        advertise->name_number = advertise->name_number % NAMES_MAX + 1;
    }
}

static void on_helper(void *context)
{
    struct advertise *advertise = context;
    char text[HELPER_LINE_MAX];
    size_t size;
    struct dnssd_line line;
    enum helper_result result;
    while ((result = helper_line(advertise->helper, text, &size)) == HELPER_LINE)
        if (dnssd_line_parse(text, size, &line))
            take(advertise, &line);
    if (result == HELPER_ENDED)
        ended(advertise);
}

static void start(struct advertise *advertise)
{
    const struct advertise_settings *settings = &advertise->settings;
    char hex[FINGERPRINT_HEX_MAX];
    char key[FINGERPRINT_HEX_MAX + 8];
    char query_port[16];
    char service_port[8];

    choose_name(advertise);
    if (advertise->state == ADVERTISE_CONFLICT)
        advertise->state = ADVERTISE_TRYING; /* under the next name; an absent daemon stays absent until it is heard */
    keys_fingerprint_hex(settings->fingerprint, hex);
    (void)snprintf(key, sizeof key, "key=%s", hex);
    (void)snprintf(query_port, sizeof query_port, "q=%u", (unsigned)settings->query_port);
    (void)snprintf(service_port, sizeof service_port, "%u", (unsigned)settings->service_port);
    const char *const argv[] = {
        settings->helper, advertise->name.text, service_port, "txtvers=1", key, query_port, NULL};
    advertise->helper = helper_start(argv);
    if (advertise->helper)
        advertise->watch = loop_watch_new(advertise->loop, helper_fd(advertise->helper), on_helper, advertise);
    if (!advertise->watch) {
        log_write(LOG_WARNING, "DNS-SD: cannot start %s: %s", settings->helper, strerror(errno));
        ended(advertise);
    }
}

static void on_retry(void *context)
{
    start(context);
}

struct advertise *advertise_new(struct loop *loop, const struct advertise_settings *settings)
{
    struct advertise *advertise = calloc(1, sizeof *advertise);
    if (!advertise)
        return NULL;
    advertise->settings = *settings;
    advertise->loop = loop;
    advertise->name_number = 1;
    advertise->retry_ms = RETRY_FIRST_MS;
    advertise->retry = loop_timer_new(loop, on_retry, advertise);
    if (!advertise->retry) {
        free(advertise);
        return NULL;
    }
    start(advertise);
    return advertise;
}

void advertise_free(struct advertise *advertise)
{
    if (!advertise)
        return;
    loop_watch_close(advertise->watch);
    loop_timer_close(advertise->retry);
    helper_finish(advertise->helper, GOODBYE_MS);
    free(advertise);
}

enum advertise_state advertise_state(const struct advertise *advertise)
{
    return advertise->state;
}

const char *advertise_state_name(enum advertise_state state)
{
    switch (state) {
    case ADVERTISE_TRYING:
        return "trying";
    case ADVERTISE_REGISTERED:
        return "registered";
    case ADVERTISE_ABSENT:
        return "no_mdns_daemon";
    case ADVERTISE_CONFLICT:
        return "name_conflict";
    }
    return "unknown";
}

const struct name *advertise_name(const struct advertise *advertise)
{
    return &advertise->name;
}
