/* SPDX-License-Identifier: MIT */
#include "agent/command.h"

#include <stdio.h>
#include <time.h>

static void print_time(const json_t *seconds)
{
    char text[32] = "never";
    struct tm parts;
    time_t when = (time_t)json_integer_value(seconds);
    if (json_is_integer(seconds) && localtime_r(&when, &parts))
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
    (void)printf("%-17s", text);
}

static void print_station(const json_t *station)
{
    const char *from = json_string_value(json_object_get(station, "seen_from"));
    (void)printf("%-24s %-33s ", json_string_value(json_object_get(station, "name")),
                 json_string_value(json_object_get(station, "key")));
    print_time(json_object_get(station, "enrolled_s"));
    print_time(json_object_get(station, "seen_s"));
    (void)printf("%s%s\n", from ? from : "", json_is_true(json_object_get(station, "revoked")) ? "  revoked" : "");
}

static void print(const json_t *list)
{
    size_t index;
    const json_t *item;
    (void)printf("%-24s %-33s %-17s%-17s%s\n", "NAME", "KEY", "ENROLLED", "LAST SEEN", "FROM");
    json_array_foreach(list, index, item) print_station(item);
}

static void print_json(const json_t *list)
{
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item) command_print_json(json_incref(item));
}

int cmd_workstations(const struct command_options *options, int argc, char **argv)
{
    bool json;
    int code = command_only_json(argc, argv, &json);
    if (code != EXIT_FINE)
        return code;
    json_t *reply = command_ask(options, json_pack("{s:s}", "command", "workstations"));
    if (!reply)
        return EXIT_COULD_NOT;
    if (json)
        print_json(json_object_get(reply, "workstations"));
    else
        print(json_object_get(reply, "workstations"));
    json_decref(reply);
    return EXIT_FINE;
}
