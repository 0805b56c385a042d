/* SPDX-License-Identifier: MIT */
#include "locator/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int cmd_forget(const struct command_options *options, int argc, char **argv)
{
    struct pins pins;
    bool marked = argc == 3 && strcmp(argv[1], "--") == 0; /* for a name that begins with a hyphen */
    if ((argc != 2 && !marked) || (!marked && argv[1][0] == '-')) {
        (void)fprintf(stderr, "usage: practice-locator forget NAME\n");
        return EXIT_USAGE;
    }
    const char *name = argv[argc - 1];
    if (!command_pins(options, &pins))
        return EXIT_INTERNAL;
    const struct pin *pin = pins_find(&pins, name);
    if (!pin) {
        (void)fprintf(stderr, "this workstation is not enrolled with a practice \"%s\"\n", name);
        return EXIT_NOT_ENROLLED;
    }
    if (pins_remove(options->state, pin) != STATEFILE_OK) {
        (void)fprintf(stderr, "cannot remove \"%s\" from %s: %s\n", name, options->state, strerror(errno));
        return EXIT_INTERNAL;
    }
    (void)fprintf(stderr,
                  "\"%s\" is forgotten; its server still has this workstation on its roster: 'practice-agent "
                  "revoke' there removes it\n",
                  pin->practice.text);
    return EXIT_FOUND;
}
