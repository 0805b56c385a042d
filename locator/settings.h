/* SPDX-License-Identifier: MIT
 *
 * settings.h: what can be set on a workstation, with defaults that need no file.
 */
#ifndef LOCATOR_SETTINGS_H
#define LOCATOR_SETTINGS_H

#include "common/conf.h"
#include "common/statefile.h"
#include "locator/server_text.h"

#define SETTINGS_DEFAULT_FILE "/etc/practice-locator.conf"

struct settings {
    struct name practice; /* "practice": which one when several are pinned; empty: the only one */
    uint64_t timeout_ms;  /* "timeout": how long a search may take */
    size_t server_count;  /* "servers": where the server is or may be, tried beside everything else */
    struct server_text servers[CONF_LIST_MAX];
};

/* Reads the file over the defaults. */
enum conf_result settings_read(const char *path, const struct conf_report *report, struct settings *out) MUST_CHECK;

/* The state folder unless one is given: of the system for root, else under XDG_STATE_HOME. False when there is none. */
bool settings_state_folder(char out[STATEFILE_PATH_MAX]) MUST_CHECK;

#endif
