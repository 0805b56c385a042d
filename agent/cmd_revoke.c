/* SPDX-License-Identifier: MIT */
#include "agent/command.h"

#include <stdio.h>

int cmd_revoke(const struct command_options *options, int argc, char **argv)
{
    if (argc != 2 || argv[1][0] == '-') {
        (void)fprintf(stderr, "usage: practice-agent revoke NAME\n");
        return EXIT_USAGE;
    }
    json_t *reply = command_ask(options, json_pack("{s:s, s:s}", "command", "revoke", "name", argv[1]));
    if (!reply)
        return EXIT_COULD_NOT;
    (void)printf("%s can no longer find this server\n", json_string_value(json_object_get(reply, "revoked")));
    json_decref(reply);
    return EXIT_FINE;
}
