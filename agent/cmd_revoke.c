/* SPDX-License-Identifier: MIT */
#include "agent/command.h"
#include "proto/name.h"

#include <stdio.h>
#include <string.h>

int cmd_revoke(const struct command_options *options, int argc, char **argv)
{
    struct name name;
    bool marked = argc == 3 && strcmp(argv[1], "--") == 0; /* for a name that begins with a hyphen */
    if ((argc != 2 && !marked) || (!marked && argv[1][0] == '-')) {
        (void)fprintf(stderr, "usage: practice-agent revoke NAME\n");
        return EXIT_USAGE;
    }
    if (!name_from_text(&name, argv[argc - 1])) {
        (void)fprintf(stderr, "no workstation has such a name: names are 1 to 63 bytes of text\n");
        return EXIT_COULD_NOT;
    }
    json_t *reply = command_ask(options, json_pack("{s:s, s:s}", "command", "revoke", "name", name.text));
    if (!reply)
        return EXIT_COULD_NOT;
    (void)printf("%s can no longer find this server\n", json_string_value(json_object_get(reply, "revoked")));
    json_decref(reply);
    return EXIT_FINE;
}
