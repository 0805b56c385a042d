/* SPDX-License-Identifier: MIT
 *
 * command.h: the commands of practice-agent, one cmd_*.c file each. Only they and main.c print and choose exit codes.
 */
#ifndef AGENT_COMMAND_H
#define AGENT_COMMAND_H

#include "agent/settings.h"

#include <jansson.h>

enum { EXIT_FINE = 0, EXIT_COULD_NOT = 1, EXIT_USAGE = 2 };

/* From the options that stand before the command. */
struct command_options {
    const char *config;
    bool config_asked; /* named by the user: then it must exist */
    const char *state;
    char control[STATEFILE_PATH_MAX];
};

struct command {
    const char *name;
    const char *arguments; /* for --help */
    const char *help;
    int (*run)(const struct command_options *options, int argc, char **argv); /* argv[0] is the command's name */
};

int cmd_run(const struct command_options *options, int argc, char **argv);
int cmd_check(const struct command_options *options, int argc, char **argv);
int cmd_status(const struct command_options *options, int argc, char **argv);
int cmd_invite(const struct command_options *options, int argc, char **argv);
int cmd_workstations(const struct command_options *options, int argc, char **argv);
int cmd_revoke(const struct command_options *options, int argc, char **argv);
int cmd_key(const struct command_options *options, int argc, char **argv);

/* Reads the settings and prints every mistake to standard error. False when there is one, or the named file is
 * absent. */
bool command_settings(const struct command_options *options, struct settings *out) MUST_CHECK;

/* For commands that take nothing but --json. EXIT_FINE, or EXIT_USAGE after a sentence on standard error. */
int command_only_json(int argc, char **argv, bool *json);

/* Asks the running agent; takes the request. NULL after a sentence on standard error; else the caller releases the
 * reply. */
json_t *command_ask(const struct command_options *options, json_t *request);

/* Prints one JSON object as a line on standard output, and releases it. */
void command_print_json(json_t *object);

#endif
