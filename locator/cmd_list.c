/* SPDX-License-Identifier: MIT
 *
 * "list": every practice server in reach. Those that are pinned are searched for to the end of the time, so that a
 * second server with the same key shows as well; everybody else shows as far as DNS-SD speaks of him.
 */
#include "common/dnssd_lines.h"
#include "common/duration.h"
#include "common/helper.h"
#include "common/platform/clock.h"
#include "common/platform/poller.h"
#include "locator/command.h"
#include "locator/interfaces.h"
#include "locator/lookup.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LIST_TIMEOUT_MS = 1200, SIGHTINGS_MAX = 64 };

/* How far a server is to be trusted. */
enum standing {
    STANDING_VERIFIED, /* proved itself just now */
    STANDING_KNOWN,    /* carries a pinned key's fingerprint, and did not prove itself */
    STANDING_UNKNOWN,  /* not enrolled there */
    STANDING_IMPOSTOR, /* carries a pinned practice's name with another key: re-installed, or an impostor */
};

struct list {
    const struct command_options *options;
    struct settings settings;
    bool json;
    struct pins pins;
    size_t sighting_count;
    struct dnssd_found sightings[SIGHTINGS_MAX]; /* of DNS-SD, each server and address once */
};

/* One line of the list. */
struct row {
    enum standing standing;
    const char *practice;
    const struct address *address;
    enum source source;
    const struct fingerprint *key; /* NULL: not told */
    bool cloned;                   /* another server has the same key */
};

static const char *standing_name(enum standing standing)
{
    switch (standing) {
    case STANDING_VERIFIED:
        return "verified";
    case STANDING_KNOWN:
        return "known";
    case STANDING_UNKNOWN:
        return "unknown";
    case STANDING_IMPOSTOR:
        return "impostor";
    }
    return "unknown";
}

static void print_json(const struct row *row, const char *address, const char *key)
{
    char interface[IF_NAMESIZE];
    interface_name(row->address->ifindex, interface);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b}", "standing", standing_name(row->standing), "practice",
                  row->practice, "address", address, "interface", interface, "source", source_name(row->source), "key",
                  key, "verified", row->standing == STANDING_VERIFIED, "cloned", row->cloned);
    (void)json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    (void)putchar('\n');
    json_decref(object);
}

static void print(const struct list *list, const struct row *row)
{
    char address[ADDRESS_TEXT_MAX];
    char key[FINGERPRINT_TEXT_MAX] = "";
    address_to_text(row->address, address);
    if (row->key)
        keys_fingerprint_text(row->key, key);
    if (list->json)
        print_json(row, address, key);
    else
        (void)printf("%-9s %-24s %-26s %-11s %s%s\n", standing_name(row->standing), row->practice, address,
                     source_name(row->source), key, row->cloned ? "  CLONED: another server has this key" : "");
}

static void add_sighting(struct list *list, const struct dnssd_found *found)
{
    for (size_t i = 0; i < list->sighting_count; i++) {
        const struct dnssd_found *known = &list->sightings[i];
        if (address_equal(&known->address, &found->address) &&
            memcmp(&known->key, &found->key, sizeof known->key) == 0 && strcmp(known->name.text, found->name.text) == 0)
            return;
    }
    if (list->sighting_count < SIGHTINGS_MAX)
        list->sightings[list->sighting_count++] = *found;
}

static void take_sightings(struct list *list, struct helper *helper)
{
    char text[HELPER_LINE_MAX];
    size_t size;
    struct dnssd_line line;
    while (helper_line(helper, text, &size) == HELPER_LINE)
        if (dnssd_line_parse(text, size, &line) && line.event == DNSSD_FOUND)
            add_sighting(list, &line.found);
}

static bool lists(const struct verified *verified, const struct address *address)
{
    for (size_t i = 0; i < verified->answer.count; i++) {
        struct address listed = address_from_endpoint(&verified->answer.endpoints[i], verified->address.ifindex);
        if (address_equal(&listed, address))
            return true;
    }
    return false;
}

/* A server lists all of its addresses: what proves itself at an address that the other does not list is another
 * computer with the same key, such as a copy of its disk. */
static bool has_clone(const struct probe *probe)
{
    for (size_t i = 1; i < probe_verified_count(probe); i++)
        if (!lists(probe_verified_at(probe, 0), &probe_verified_at(probe, i)->address))
            return true;
    return false;
}

static bool is_verified(const struct probe *probe, const struct address *address)
{
    for (size_t i = 0; i < probe_verified_count(probe); i++)
        if (address_equal(&probe_verified_at(probe, i)->address, address))
            return true;
    return false;
}

/* The rows of one pinned server: what proved itself, and what only carries its fingerprint. */
static void print_pinned(const struct list *list, const struct lookup *lookup)
{
    struct row row = {.practice = lookup->pin->practice.text,
                      .key = &lookup->pin->server.fingerprint,
                      .cloned = has_clone(lookup->probe)};
    for (size_t i = 0; i < probe_verified_count(lookup->probe); i++) {
        row.address = &probe_verified_at(lookup->probe, i)->address;
        row.source = probe_verified_at(lookup->probe, i)->source;
        print(list, &row);
    }
    row.standing = STANDING_KNOWN;
    row.source = SOURCE_DNSSD;
    row.cloned = false;
    for (size_t i = 0; i < list->sighting_count; i++) {
        const struct dnssd_found *found = &list->sightings[i];
        row.address = &found->address;
        if (found->has_key && memcmp(&found->key, row.key, sizeof found->key) == 0 &&
            !is_verified(lookup->probe, &found->address))
            print(list, &row);
    }
}

static const struct pin *pin_of(const struct pins *pins, const struct dnssd_found *found)
{
    for (size_t i = 0; i < pins->count; i++)
        if (found->has_key && memcmp(&pins->items[i].server.fingerprint, &found->key, sizeof found->key) == 0)
            return &pins->items[i];
    return NULL;
}

static void print_others(const struct list *list)
{
    for (size_t i = 0; i < list->sighting_count; i++) {
        const struct dnssd_found *found = &list->sightings[i];
        if (pin_of(&list->pins, found))
            continue;
        const struct row row = {.standing =
                                    pins_find(&list->pins, found->name.text) ? STANDING_IMPOSTOR : STANDING_UNKNOWN,
                                .practice = found->name.text,
                                .address = &found->address,
                                .source = SOURCE_DNSSD,
                                .key = found->has_key ? &found->key : NULL};
        print(list, &row);
    }
}

/* Searches for one pinned server for the whole time; false, with a sentence, when that could not begin. */
static bool look_up(struct list *list, const struct pin *pin, struct lookup *lookup)
{
    const struct lookup_settings settings = {
        .search = {.timeout_us = list->settings.timeout_ms * 1000, .collect = true}, .settings = &list->settings};
    enum statefile_result result = lookup_open(lookup, list->options->state, pin, &command_report);
    if (result == STATEFILE_OK && lookup_run(lookup, &settings))
        return true;
    (void)fprintf(stderr, "cannot search for \"%s\": %s\n", pin->practice.text,
                  result == STATEFILE_OK ? strerror(errno) : statefile_result_name(result));
    lookup_close(lookup);
    return false;
}

/* With nothing pinned there is no search to wait for: DNS-SD gets the time alone. */
static void wait_for_sightings(struct list *list, struct helper *helper)
{
    uint64_t end_us = clock_interval_us() + list->settings.timeout_ms * 1000;
    int poller = poller_open();
    bool watching = poller >= 0 && poller_add(poller, helper_fd(helper));
    for (uint64_t now_us = clock_interval_us(); watching && now_us < end_us; now_us = clock_interval_us()) {
        poller_wait(poller, end_us - now_us);
        take_sightings(list, helper);
    }
    if (poller >= 0)
        (void)close(poller);
}

static int run(struct list *list)
{
    char path[LOCATE_HELPER_PATH_MAX];
    const char *const argv[] = {locate_dnssd_helper(path), NULL};
    struct helper *helper = argv[0] ? helper_start(argv) : NULL;
    int code = EXIT_FOUND;
    if (helper && list->pins.count == 0)
        wait_for_sightings(list, helper);
    for (size_t i = 0; i < list->pins.count; i++) {
        struct lookup lookup;
        if (!look_up(list, &list->pins.items[i], &lookup)) {
            code = EXIT_INTERNAL;
            continue;
        }
        if (helper)
            take_sightings(list, helper);
        print_pinned(list, &lookup);
        lookup_close(&lookup);
    }
    helper_kill(helper);
    print_others(list);
    return fflush(stdout) == 0 && !ferror(stdout) ? code : EXIT_INTERNAL;
}

static bool parse(int argc, char **argv, struct list *out)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"timeout", required_argument, NULL, 't'}, {0}};
    int option;
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j') {
            out->json = true;
        } else if (option != 't') {
            return false; /* getopt has said what is wrong */
        } else if (!duration_from_text(optarg, &out->settings.timeout_ms)) {
            (void)fprintf(stderr, "--timeout \"%s\" is no duration; write 500ms, 3s or 1m\n", optarg);
            return false;
        }
    }
    if (optind == argc)
        return true;
    (void)fprintf(stderr, "practice-locator list takes no argument; found \"%s\"\n", argv[optind]);
    return false;
}

int cmd_list(const struct command_options *options, int argc, char **argv)
{
    struct list list = {.options = options};
    if (!command_settings(options, &list.settings))
        return EXIT_USAGE;
    list.settings.timeout_ms = LIST_TIMEOUT_MS; /* a list is always as long as its time: a search's would be tiresome */
    if (!parse(argc, argv, &list))
        return EXIT_USAGE;
    return command_pins(options, &list.pins) ? run(&list) : EXIT_INTERNAL;
}
