/* SPDX-License-Identifier: MIT
 *
 * command.h: the commands of practice-locator, one cmd_*.c file each. Only they and main.c print and choose exit codes.
 */
#ifndef LOCATOR_COMMAND_H
#define LOCATOR_COMMAND_H

#include "locator/pins.h"
#include "locator/settings.h"

/* When several hold: 2, 70, 7, 0 or 5, 4, 3, 6, 1. */
enum {
    EXIT_FOUND = 0,
    EXIT_SILENCE = 1,
    EXIT_USAGE = 2,
    EXIT_IMPOSTOR = 3,
    EXIT_NOT_ENROLLED = 4,
    EXIT_SERVICE_DOWN = 5,
    EXIT_STALE = 6,
    EXIT_OWN_NETWORK = 7,
    EXIT_INTERNAL = 70,
};

/* From the options that stand before the command. */
struct command_options {
    const char *config;
    bool config_asked; /* named by the user: then it must exist */
    char state[STATEFILE_PATH_MAX];
};

struct command {
    const char *name;
    const char *arguments; /* for --help */
    const char *help;
    int (*run)(const struct command_options *options, int argc, char **argv); /* argv[0] is the command's name */
};

int cmd_find(const struct command_options *options, int argc, char **argv);
int cmd_list(const struct command_options *options, int argc, char **argv);
int cmd_join(const struct command_options *options, int argc, char **argv);
int cmd_status(const struct command_options *options, int argc, char **argv);
int cmd_forget(const struct command_options *options, int argc, char **argv);

/* Reads the settings and prints every mistake to standard error. False when there is one, or the named file is
 * absent. */
bool command_settings(const struct command_options *options, struct settings *out) MUST_CHECK;

/* Reads the pins. False after a sentence on standard error. */
bool command_pins(const struct command_options *options, struct pins *out) MUST_CHECK;

/* For what pins.h reports: a line on standard error. */
extern const struct pins_report command_report;

#endif
