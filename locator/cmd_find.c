/* SPDX-License-Identifier: MIT */
#include "common/duration.h"
#include "common/platform/clock.h"
#include "locator/command.h"
#include "locator/lookup.h"
#include "locator/output.h"
#include "locator/words.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct find_options {
    struct settings settings;
    struct output_style style;
    uint8_t family;
    bool allow_stale;
    bool sweep;
};

struct find {
    const struct find_options *options;
    const char *state;
    struct lookup lookup;
};

static bool read_practice(const char *text, struct settings *out)
{
    if (strlen(text) > PROTO_NAME_MAX) {
        (void)fprintf(stderr, "--practice \"%s\" is no practice's name: those have at most 63 bytes\n", text);
        return false;
    }
    (void)snprintf(out->practice.text, sizeof out->practice.text, "%s", text);
    return true;
}

static bool read_timeout(const char *text, struct settings *out)
{
    if (duration_from_text(text, &out->timeout_ms))
        return true;
    (void)fprintf(stderr, "--timeout \"%s\" is no duration; write 500ms, 3s or 1m\n", text);
    return false;
}

/* A choice that excludes another may be made once. */
static bool exclude(bool chosen, const char *either, const char * or)
{
    if (chosen)
        (void)fprintf(stderr, "%s and %s exclude each other; give one of them, once\n", either, or);
    return !chosen;
}

static bool read_style(enum output_kind kind, const char *format, struct output_style *out)
{
    char bad;
    if (!exclude(out->kind != OUTPUT_TEXT, "--json", "--format"))
        return false;
    *out = (struct output_style){.kind = kind, .format = format};
    if (kind != OUTPUT_FORMAT || output_format_fits(format, &bad))
        return true;
    (void)fprintf(stderr, "--format knows %%a, %%p, %%n, %%h and %%%%; found \"%%%c\"\n", bad ? bad : ' ');
    return false;
}

static bool read_family(enum endpoint_family family, uint8_t *out)
{
    if (!exclude(*out != ENDPOINT_NONE, "-4", "-6"))
        return false;
    *out = (uint8_t)family;
    return true;
}

static bool read_option(int option, const char *argument, struct find_options *out)
{
    switch (option) {
    case 'p':
        return read_practice(argument, &out->settings);
    case 't':
        return read_timeout(argument, &out->settings);
    case 'f':
        return read_style(OUTPUT_FORMAT, argument, &out->style);
    case 'j':
        return read_style(OUTPUT_JSON, NULL, &out->style);
    case 's':
        out->allow_stale = true;
        return true;
    case 'w':
        out->sweep = true;
        return true;
    case '4':
        return read_family(ENDPOINT_IPV4, &out->family);
    case '6':
        return read_family(ENDPOINT_IPV6, &out->family);
    default:
        return false; /* getopt has said what is wrong */
    }
}

static bool parse(int argc, char **argv, struct find_options *out)
{
    static const struct option options[] = {{"practice", required_argument, NULL, 'p'},
                                            {"timeout", required_argument, NULL, 't'},
                                            {"format", required_argument, NULL, 'f'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"allow-stale", no_argument, NULL, 's'},
                                            {"sweep", no_argument, NULL, 'w'},
                                            {0}};
    int option;
    optind = 1;
    while ((option = getopt_long(argc, argv, "46", options, NULL)) != -1)
        if (!read_option(option, optarg, out))
            return false;
    if (optind == argc)
        return true;
    (void)fprintf(stderr, "practice-locator find takes no argument; found \"%s\"\n", argv[optind]);
    return false;
}

static void print_names(const struct pins *pins)
{
    for (size_t i = 0; i < pins->count; i++)
        (void)fprintf(stderr, "  %s\n", pins->items[i].practice.text);
}

/* The pin to search for, or NULL with *code set and the reason said. */
static const struct pin *choose(const struct pins *pins, const char *practice, int *code)
{
    const struct pin *pin = practice[0] ? pins_find(pins, practice) : NULL;
    if (pins->count == 0) {
        *code = EXIT_NOT_ENROLLED;
        (void)fprintf(stderr,
                      "this workstation is not enrolled; on the server, run 'practice-agent invite --token', and "
                      "here 'practice-locator join' with the line that it prints\n");
    } else if (practice[0] && !pin) {
        *code = EXIT_USAGE;
        (void)fprintf(stderr, "this workstation is not enrolled with a practice \"%s\"; it is with:\n", practice);
        print_names(pins);
    } else if (!practice[0] && pins->count > 1) {
        *code = EXIT_USAGE;
        (void)fprintf(stderr, "this workstation is enrolled with several practices; name one with --practice:\n");
        print_names(pins);
    } else if (!pin) {
        pin = &pins->items[0];
    }
    return pin;
}

/* The network over which the server answered; false where that is not known. */
static bool network_of_answer(const struct verified *verified, struct network *out)
{
    struct interfaces all;
    interfaces_read(&all);
    for (size_t i = 0; i < all.count; i++) {
        const struct own_address *own = &all.items[i];
        if (own->address.ifindex == verified->address.ifindex && network_of(own, out))
            return true;
    }
    return false;
}

/* A search for one family only says nothing about what to try first in others. */
static enum statefile_result remember(const struct find *find, const struct verified *verified)
{
    struct network network;
    bool known = network_of_answer(verified, &network);
    if (find->options->family != ENDPOINT_NONE)
        return STATEFILE_OK;
    return pins_remember(find->state, find->lookup.pin, find->lookup.remembers ? &find->lookup.last : NULL, verified,
                         known ? &network : NULL, clock_wall_s());
}

static int found(const struct find *find)
{
    const char *practice = find->lookup.pin->practice.text;
    const struct verified *verified = probe_verified(find->lookup.probe);
    if (!output_verified(stdout, &find->options->style, find->lookup.pin, verified))
        return EXIT_INTERNAL; /* main() says so */
    if (remember(find, verified) != STATEFILE_OK) {
        (void)fprintf(stderr, "cannot write in %s: %s\n", find->state, strerror(errno));
        return EXIT_INTERNAL;
    }
    if (output_is_healthy(verified))
        return EXIT_FOUND;
    (void)fprintf(stderr, "the server of \"%s\" is there, but says that the practice service is down\n", practice);
    return EXIT_SERVICE_DOWN;
}

static void say_what_was_asked(const struct find *find)
{
    words_of_search(stderr, &find->lookup.report, find->options->settings.timeout_ms);
}

static int impostor(const struct find *find)
{
    const struct search_report *report = &find->lookup.report;
    const char *practice = find->lookup.pin->practice.text;
    if (report->relayed > 0)
        (void)fprintf(stderr,
                      "\"%s\" answers only through another computer that stands between; its own addresses "
                      "cannot be reached\n",
                      practice);
    else if (report->unproven > 0)
        (void)fprintf(stderr, "something answered for \"%s\" but could not prove that it is the server\n", practice);
    else
        (void)fprintf(stderr,
                      "another server uses the name \"%s\": the server was re-installed, or this is an "
                      "impostor\n",
                      practice);
    say_what_was_asked(find);
    return EXIT_IMPOSTOR;
}

static int stale(const struct find *find)
{
    char age[DURATION_TEXT_MAX];
    uint64_t now_s = clock_wall_s();
    uint64_t age_s = now_s > find->lookup.last.verified_s ? now_s - find->lookup.last.verified_s : 0;
    duration_to_text(age_s * 1000, age);
    if (!output_stale(stdout, &find->options->style, find->lookup.pin, &find->lookup.last, age_s))
        return EXIT_INTERNAL;
    (void)fprintf(stderr, "no answer from \"%s\"; this address was verified %s ago\n", find->lookup.pin->practice.text,
                  age);
    return EXIT_STALE;
}

static bool is_of_family(const struct find *find, const struct remembered *last)
{
    bool ipv6 = strchr(last->address_text, ':') != NULL; /* its interface may be gone, and with it the address itself */
    return find->options->family == ENDPOINT_NONE || (find->options->family == ENDPOINT_IPV6) == ipv6;
}

static int silence(const struct find *find)
{
    if (find->options->allow_stale && find->lookup.remembers && is_of_family(find, &find->lookup.last))
        return stale(find);
    (void)fprintf(stderr, "no answer from \"%s\"\n", find->lookup.pin->practice.text);
    say_what_was_asked(find);
    return EXIT_SILENCE;
}

static int conclude(const struct find *find)
{
    switch (find->lookup.report.outcome) {
    case SEARCH_PROVED:
        return found(find);
    case SEARCH_REFUSED:
        (void)fprintf(stderr,
                      "the server of \"%s\" says that this workstation was revoked; ask for a new invitation and "
                      "run 'practice-locator join'\n",
                      find->lookup.pin->practice.text);
        return EXIT_NOT_ENROLLED;
    case SEARCH_UNPROVEN:
        return impostor(find);
    case SEARCH_UNSENDABLE:
        (void)fprintf(stderr, "this computer's own network is the trouble: no interface is up, or sending is not "
                              "permitted\n");
        return EXIT_OWN_NETWORK;
    case SEARCH_SILENCE:
        return silence(find);
    case SEARCH_RUNNING:
        break;
    }
    return EXIT_INTERNAL;
}

static void say_that_it_goes_on(void *context)
{
    const struct find *find = context;
    words_of_waiting(stderr, find->lookup.pin->practice.text);
}

static int run(struct find *find, const struct pin *pin)
{
    const struct find_options *options = find->options;
    const struct locate_waiting waiting = {WORDS_OF_WAITING_AFTER_US, say_that_it_goes_on, find};
    const struct lookup_settings settings = {
        .search = {.timeout_us = options->settings.timeout_ms * 1000, .family = options->family},
        .settings = &options->settings,
        .sweep = options->sweep,
        .waiting = &waiting};
    int code = EXIT_INTERNAL;
    enum statefile_result result = lookup_open(&find->lookup, find->state, pin, &command_report);
    if (result != STATEFILE_OK) {
        (void)fprintf(stderr, "this workstation's key for \"%s\" %s; run 'practice-locator join' again\n",
                      pin->practice.text, statefile_result_name(result));
        return EXIT_INTERNAL;
    }
    if (lookup_run(&find->lookup, &settings))
        code = conclude(find);
    else
        (void)fprintf(stderr, "cannot search: %s\n", strerror(errno));
    lookup_close(&find->lookup);
    return code;
}

int cmd_find(const struct command_options *options, int argc, char **argv)
{
    struct find_options find_options = {.style = {.kind = OUTPUT_TEXT}};
    struct pins pins;
    int code = EXIT_INTERNAL;
    if (!command_settings(options, &find_options.settings) || !parse(argc, argv, &find_options))
        return EXIT_USAGE;
    if (!command_pins(options, &pins))
        return EXIT_INTERNAL;
    const struct pin *pin = choose(&pins, find_options.settings.practice.text, &code);
    if (!pin)
        return code;
    struct find find = {.options = &find_options, .state = options->state};
    return run(&find, pin);
}
