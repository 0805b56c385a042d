/* SPDX-License-Identifier: MIT */
#include "locator/settings.h"

#include <stdlib.h>
#include <unistd.h>

enum { TIMEOUT_DEFAULT_MS = 3000 };

enum conf_result settings_read(const char *path, const struct conf_report *report, struct settings *out)
{
    struct settings settings = {.timeout_ms = TIMEOUT_DEFAULT_MS};
    const struct conf_setting table[] = {
        {"practice", CONF_NAME, &settings.practice, "the practice's name as 'practice-locator status' shows it"},
        {"timeout", CONF_DURATION, &settings.timeout_ms, "a duration such as 500ms, 3s or 1m"},
    };
    enum conf_result result = conf_read(path, table, sizeof table / sizeof table[0], report);
    if (result != CONF_WRONG)
        *out = settings;
    return result;
}

bool settings_state_folder(char out[STATEFILE_PATH_MAX])
{
    const char *state_home = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (geteuid() == 0)
        return statefile_path(out, "/var/lib", "practice-locator");
    if (state_home && state_home[0] == '/')
        return statefile_path(out, state_home, "practice-locator");
    return home && home[0] == '/' && statefile_path(out, home, ".local/state/practice-locator");
}
