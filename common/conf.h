/* SPDX-License-Identifier: MIT
 *
 * conf.h: settings files of "key = value" lines (INI without sections), read with inih. Every mistake is reported, each
 * as "FILE:LINE: what is wrong; what would be right".
 */
#ifndef COMMON_CONF_H
#define COMMON_CONF_H

#include "proto/types.h"

enum { CONF_LIST_MAX = 16, CONF_TEXT_MAX = 256 };

enum conf_kind {
    CONF_NAME,     /* struct name */
    CONF_TEXT,     /* char[CONF_TEXT_MAX] */
    CONF_PORT,     /* uint16_t, 1 to 65535 */
    CONF_DURATION, /* uint64_t in milliseconds */
    CONF_BOOL,     /* bool; yes or no, true or false, on or off */
    CONF_LIST,     /* struct conf_list: words separated by spaces or commas */
};

struct conf_list {
    size_t count;
    char items[CONF_LIST_MAX][CONF_TEXT_MAX];
};

/* One setting: its key, what its value must be, and where it goes. */
struct conf_setting {
    const char *key;
    enum conf_kind kind;
    void *value;       /* written on success only; its content before is the default */
    const char *wants; /* for mistakes: "a port from 1 to 65535, such as 1234" */
};

struct conf_report {
    /* One mistake, without line end; may be called often. */
    void (*mistake)(void *context, const char *line);
    void *context;
};

enum conf_result {
    CONF_OK = 0,
    CONF_ABSENT, /* no such file: everything keeps its default */
    CONF_WRONG,  /* mistakes were reported, or the file cannot be read (reported as well) */
};

/* Reads the file into the settings. Unknown keys are mistakes that name the nearest known key; so are a key given
 * twice, a line without "=", a section header, and a line above 1,000 bytes. */
enum conf_result conf_read(const char *path, const struct conf_setting *settings, size_t count,
                           const struct conf_report *report) MUST_CHECK;

#endif
