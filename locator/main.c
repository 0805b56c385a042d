/* SPDX-License-Identifier: MIT
 *
 * practice-locator: finds the practice server and refuses impostors. This file reads the options in front of the
 * command and calls it; without a command that is "find".
 */
#include "common/json.h"
#include "common/keys.h"
#include "common/platform/program.h"
#include "locator/command.h"

#include <stdio.h>
#include <string.h>

static const struct command COMMANDS[] = {
    {"find", "[--practice NAME] [--timeout DURATION] [--allow-stale] [--sweep] [--json | --format FORMAT] [-4 | -6]",
     "print the server's verified address; the default command", cmd_find},
    {"list", "[--json] [--timeout DURATION]", "every practice server in reach, and how far it is to be trusted",
     cmd_list},
    {"join", "CODE", "enrol this workstation, pin the server's key", cmd_join},
    {"status", "[--json]", "what is pinned and remembered", cmd_status},
    {"forget", "NAME", "remove a practice from this workstation", cmd_forget},
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0] };

static void print_help(FILE *to)
{
    (void)fprintf(to, "usage: practice-locator [--config FILE] [--state DIR] [COMMAND]\n\n"
                      "Finds the practice server's current address and proves that it is the real one.\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        (void)fprintf(to, "  %s %s\n      %s\n", COMMANDS[i].name, COMMANDS[i].arguments, COMMANDS[i].help);
    (void)fprintf(to,
                  "\n  --config FILE  settings, %s unless given; none are needed\n"
                  "  --state DIR    where enrolments and the last address are kept\n"
                  "  --version      the version\n\n"
                  "Exit codes: 0 found and verified, 1 no answer, 2 usage or configuration, 3 answered but not\n"
                  "proven, 4 not enrolled or revoked, 5 found but the practice service is down, 6 no answer and the\n"
                  "last address printed, 7 this computer's own network.\n",
                  SETTINGS_DEFAULT_FILE);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

/* "--name VALUE" or "--name=VALUE" at *at: takes it and moves *at behind it. */
static bool take_option(int argc, char **argv, int *at, const char *name, const char **value)
{
    size_t length = strlen(name);
    const char *text = argv[*at];
    if (strncmp(text, name, length) != 0)
        return false;
    if (text[length] == '=') {
        *value = text + length + 1;
        *at += 1;
        return true;
    }
    if (text[length] != '\0' || *at + 1 >= argc)
        return false;
    *value = argv[*at + 1];
    *at += 2;
    return true;
}

/* Options in front of the command only: behind them stands the command, or, for "find", its own options. */
static int read_options(int argc, char **argv, struct command_options *out, const char **state)
{
    int at = 1;
    while (at < argc) {
        const char *config = NULL;
        if (take_option(argc, argv, &at, "--config", &config)) {
            out->config = config;
            out->config_asked = true;
        } else if (!take_option(argc, argv, &at, "--state", state)) {
            break;
        }
    }
    return at;
}

static bool choose_state(struct command_options *options, const char *asked)
{
    if (!asked)
        return settings_state_folder(options->state);
    int length = snprintf(options->state, sizeof options->state, "%s", asked);
    return length > 0 && (size_t)length < sizeof options->state;
}

static int run(const struct command_options *options, int argc, char **argv, int at)
{
    char find_name[] = "practice-locator find";
    const struct command *command = at < argc ? find_command(argv[at]) : NULL;
    if (command)
        return command->run(options, argc - at, argv + at);
    if (at < argc && argv[at][0] != '-') {
        (void)fprintf(stderr, "practice-locator: no command \"%s\"\n\n", argv[at]);
        print_help(stderr);
        return EXIT_USAGE;
    }
    argv[at - 1] = find_name; /* its own options follow; what stood there has been read */
    return cmd_find(options, argc - at + 1, argv + at - 1);
}

/* Output that was lost must not pass for done. */
static int after_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    (void)fprintf(stderr, "cannot write to standard output\n");
    return code == 0 ? EXIT_INTERNAL : code;
}

int main(int argc, char **argv)
{
    struct command_options options = {.config = SETTINGS_DEFAULT_FILE};
    const char *state = NULL;
    program_prepare();
    int at = read_options(argc, argv, &options, &state);
    if (at < argc && strcmp(argv[at], "--help") == 0) {
        print_help(stdout);
        return after_output(EXIT_FOUND);
    }
    if (at < argc && strcmp(argv[at], "--version") == 0) {
        (void)printf("practice-locator %s\n", PRACTICE_VERSION);
        return EXIT_FOUND;
    }
    json_start();
    if (!keys_start() || !choose_state(&options, state)) {
        (void)fprintf(stderr,
                      "practice-locator: no randomness, or no folder to keep things in; name one with --state\n");
        return EXIT_INTERNAL;
    }
    return after_output(run(&options, argc, argv, at));
}
