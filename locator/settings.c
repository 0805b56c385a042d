/* SPDX-License-Identifier: MIT */
#include "locator/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TIMEOUT_DEFAULT_MS = 3000 };

static bool read_servers(const char *path, const struct conf_list *list, const struct conf_report *report,
                         struct settings *out)
{
    char line[2 * CONF_TEXT_MAX];
    for (size_t i = 0; i < list->count; i++) {
        if (server_text_read(list->items[i], &out->servers[out->server_count])) {
            out->server_count++;
            continue;
        }
        (void)snprintf(line, sizeof line,
                       "%s: servers has \"%s\"; it wants names or addresses such as server.example.org or "
                       "192.168.1.20:21234",
                       path, list->items[i]);
        report->mistake(report->context, line);
        return false;
    }
    return true;
}

enum conf_result settings_read(const char *path, const struct conf_report *report, struct settings *out)
{
    struct settings settings = {.timeout_ms = TIMEOUT_DEFAULT_MS};
    struct conf_list servers = {0};
    const struct conf_setting table[] = {
        {"practice", CONF_NAME, &settings.practice, "the practice's name as 'practice-locator status' shows it"},
        {"timeout", CONF_DURATION, &settings.timeout_ms, "a duration such as 500ms, 3s or 1m"},
        {"servers", CONF_LIST, &servers, "names or addresses, such as server.example.org or 192.168.1.20"},
    };
    enum conf_result result = conf_read(path, table, sizeof table / sizeof table[0], report);
    if (result == CONF_WRONG || !read_servers(path, &servers, report, &settings))
        return CONF_WRONG;
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
