/* SPDX-License-Identifier: MIT */
#include "agent/command.h"

#include <stdio.h>

int cmd_key(const struct command_options *options, int argc, char **argv)
{
    bool json;
    int code = command_only_json(argc, argv, &json);
    if (code != EXIT_FINE)
        return code;
    json_t *key = command_ask(options, json_pack("{s:s}", "command", "key"));
    if (!key)
        return EXIT_COULD_NOT;
    if (json) {
        command_print_json(key);
    } else {
        (void)printf("%s\n", json_string_value(json_object_get(key, "key")));
        json_decref(key);
    }
    return EXIT_FINE;
}
