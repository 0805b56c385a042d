/* SPDX-License-Identifier: MIT */
#include "common/duration.h"
#include "common/json.h"
#include "common/platform/clock.h"
#include "locator/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct shown {
    const struct pin *pin;
    char key[FINGERPRINT_TEXT_MAX];
    bool remembers;
    struct remembered last;
    uint64_t age_s;
};

static void print_text(const struct shown *shown)
{
    char age[DURATION_TEXT_MAX];
    (void)printf("practice        %s\n", shown->pin->practice.text);
    (void)printf("server's key    %s\n", shown->key);
    (void)printf("enrolled as     %s\n", shown->pin->station.text);
    if (shown->remembers) {
        duration_to_text(shown->age_s * 1000, age);
        (void)printf("last verified   %s, %s ago\n", shown->last.address_text, age);
    } else {
        (void)printf("last verified   never\n");
    }
}

static void print_json(const struct shown *shown)
{
    json_t *object = json_pack("{s:s, s:s, s:s}", "practice", shown->pin->practice.text, "key", shown->key,
                               "workstation", shown->pin->station.text);
    if (shown->remembers) {
        (void)json_object_set_new(object, "address", json_string(shown->last.address_text));
        (void)json_object_set_new(object, "port", json_integer(shown->last.port));
        (void)json_object_set_new(object, "host", json_string(shown->last.host.text));
        (void)json_object_set_new(object, "interface", json_string(shown->last.interface));
        (void)json_object_set_new(object, "serial", json_integer((json_int_t)shown->last.serial));
        (void)json_object_set_new(object, "age_s", json_integer((json_int_t)shown->age_s));
    }
    (void)json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    (void)putchar('\n');
    json_decref(object);
}

static void show(const char *state, const struct pin *pin, bool json)
{
    struct shown shown = {.pin = pin};
    uint64_t now_s = clock_wall_s();
    keys_fingerprint_text(&pin->server.fingerprint, shown.key);
    shown.remembers = pins_recall(state, pin, &command_report, &shown.last) == STATEFILE_OK;
    if (shown.remembers && now_s > shown.last.verified_s)
        shown.age_s = now_s - shown.last.verified_s;
    if (json)
        print_json(&shown);
    else
        print_text(&shown);
}

static bool parse(int argc, char **argv, bool *json)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
    int option;
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'j')
            return false; /* getopt has said what is wrong */
        *json = true;
    }
    if (optind == argc)
        return true;
    (void)fprintf(stderr, "practice-locator status takes no argument; found \"%s\"\n", argv[optind]);
    return false;
}

int cmd_status(const struct command_options *options, int argc, char **argv)
{
    bool json = false;
    struct pins pins;
    if (!parse(argc, argv, &json))
        return EXIT_USAGE;
    if (!command_pins(options, &pins))
        return EXIT_INTERNAL;
    if (pins.count == 0) {
        (void)fprintf(stderr, "this workstation is not enrolled\n");
        return EXIT_NOT_ENROLLED;
    }
    for (size_t i = 0; i < pins.count; i++) {
        if (i > 0 && !json)
            (void)putchar('\n');
        show(options->state, &pins.items[i], json);
    }
    return EXIT_FOUND;
}
