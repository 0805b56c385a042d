/* SPDX-License-Identifier: MIT */
#include "agent/agent.h"
#include "agent/command.h"

#include <signal.h>
#include <stdio.h>

int cmd_run(const struct command_options *options, int argc, char **argv)
{
    struct settings settings;
    if (argc > 1) {
        (void)fprintf(stderr, "practice-agent run takes no argument; found \"%s\"\n", argv[1]);
        return EXIT_USAGE;
    }
    if (!command_settings(options, &settings))
        return EXIT_USAGE;
    (void)signal(SIGPIPE, SIG_IGN); /* a log reader that goes away must not take the agent with it */
    struct agent *agent = agent_new(&settings, options->state, options->control);
    if (!agent)
        return EXIT_COULD_NOT;
    agent_run(agent);
    agent_free(agent);
    return EXIT_FINE;
}
