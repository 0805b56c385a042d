/* SPDX-License-Identifier: MIT */
#include "agent/command.h"

#include <stdio.h>

int cmd_check(const struct command_options *options, int argc, char **argv)
{
    struct settings settings;
    if (argc > 1) {
        (void)fprintf(stderr, "practice-agent check takes no argument; found \"%s\"\n", argv[1]);
        return EXIT_USAGE;
    }
    if (!command_settings(options, &settings))
        return EXIT_USAGE;
    (void)printf("fine: practice \"%s\", service port %u, query port %u\n", settings.practice.text,
                 (unsigned)settings.port, (unsigned)settings.query_port);
    return EXIT_FINE;
}
