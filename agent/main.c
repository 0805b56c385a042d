/* SPDX-License-Identifier: MIT
 *
 * practice-agent: makes the practice server findable. This file reads the options in front of the command and calls it.
 */
#include "agent/command.h"
#include "common/json.h"
#include "common/keys.h"
#include "common/log.h"
#include "common/platform/program.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct command COMMANDS[] = {
    {"run", "", "serve in the foreground", cmd_run},
    {"check", "", "validate the configuration and name every mistake", cmd_check},
    {"status", "[--json]", "what the running agent serves, and its counters", cmd_status},
    {"invite", "--token [--name NAME] [--expires DURATION]", "let one workstation join", cmd_invite},
    {"workstations", "[--json]", "who is enrolled, and when last seen", cmd_workstations},
    {"revoke", "NAME", "shut one workstation out, at once", cmd_revoke},
    {"key", "[--json]", "fingerprint of this server's key", cmd_key},
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0] };

static void print_help(FILE *to)
{
    (void)fprintf(to, "usage: practice-agent [--config FILE] [--state DIR] COMMAND\n\n"
                      "Makes this practice server findable and proves that it is the real one.\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        (void)fprintf(to, "  %s%s%s\n      %s\n", COMMANDS[i].name, COMMANDS[i].arguments[0] ? " " : "",
                      COMMANDS[i].arguments, COMMANDS[i].help);
    (void)fprintf(to,
                  "\n  --config FILE  settings, %s unless given; none are needed\n"
                  "  --state DIR    where keys and enrolments are kept, %s unless given\n"
                  "  --version      the version\n",
                  SETTINGS_DEFAULT_FILE, SETTINGS_DEFAULT_STATE);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

/* The control socket moves with the state, so that several agents can run side by side. */
static bool choose_control(struct command_options *options)
{
    const char *folder = options->state ? options->state : SETTINGS_DEFAULT_RUN;
    if (!options->state)
        options->state = SETTINGS_DEFAULT_STATE;
    return statefile_path(options->control, folder, "control");
}

/* EXIT_FINE with *done false: go on with the command at optind. */
static int read_options(int argc, char **argv, struct command_options *out, bool *done)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"state", required_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'v'},
                                            {0}};
    int option;
    *done = true;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            out->config = optarg;
            out->config_asked = true;
            break;
        case 's':
            out->state = optarg;
            break;
        case 'h':
            print_help(stdout);
            return EXIT_FINE;
        case 'v':
            (void)printf("practice-agent %s\n", PRACTICE_VERSION);
            return EXIT_FINE;
        default:
            return EXIT_USAGE; /* getopt has said what is wrong */
        }
    }
    *done = false;
    return EXIT_FINE;
}

/* Output that was lost must not pass for done. */
static int after_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    (void)fprintf(stderr, "cannot write to standard output\n");
    return code == 0 ? EXIT_COULD_NOT : code;
}

int main(int argc, char **argv)
{
    struct command_options options = {.config = SETTINGS_DEFAULT_FILE};
    bool done;
    program_prepare();
    int code = read_options(argc, argv, &options, &done);
    if (done)
        return after_output(code);
    const struct command *command = optind < argc ? find_command(argv[optind]) : NULL;
    if (!command) {
        if (optind < argc)
            (void)fprintf(stderr, "practice-agent: no command \"%s\"\n\n", argv[optind]);
        print_help(stderr);
        return EXIT_USAGE;
    }
    log_start("practice-agent", LOG_INFO);
    json_start();
    if (!keys_start() || !choose_control(&options)) {
        (void)fprintf(stderr, "practice-agent: cannot start: no randomness, or the state folder's path is too long\n");
        return EXIT_COULD_NOT;
    }
    return after_output(command->run(&options, argc - optind, argv + optind));
}
