/* SPDX-License-Identifier: MIT */
#include "locator/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void print_line(void *context, const char *line)
{
    (void)context;
    (void)fprintf(stderr, "%s\n", line);
}

const struct pins_report command_report = {print_line, NULL};

bool command_settings(const struct command_options *options, struct settings *out)
{
    const struct conf_report report = {print_line, NULL};
    enum conf_result result = settings_read(options->config, &report, out);
    if (result == CONF_ABSENT && options->config_asked) {
        (void)fprintf(stderr, "%s: no such file; without --config, %s is read when it exists\n", options->config,
                      SETTINGS_DEFAULT_FILE);
        return false;
    }
    return result != CONF_WRONG;
}

bool command_pins(const struct command_options *options, struct pins *out)
{
    if (pins_load(options->state, &command_report, out) == STATEFILE_OK)
        return true;
    (void)fprintf(stderr, "cannot read %s: %s\n", options->state, strerror(errno));
    return false;
}
