/* SPDX-License-Identifier: MIT
 *
 * settings.h: what the operator can set, with defaults that need no file.
 */
#ifndef AGENT_SETTINGS_H
#define AGENT_SETTINGS_H

#include "common/conf.h"
#include "common/statefile.h"

#define SETTINGS_DEFAULT_FILE  "/etc/practice-agent.conf"
#define SETTINGS_DEFAULT_STATE "/var/lib/practice-agent"
#define SETTINGS_DEFAULT_RUN   "/run/practice-agent"

struct settings {
    struct name practice;   /* "practice": the practice's name; the host's name unless set */
    struct name host;       /* not a setting: this computer's name */
    uint16_t port;          /* "port": of the practice service */
    uint16_t query_port;    /* "query_port": our UDP port */
    uint64_t trust_ms;      /* "trust": how long an answer may be relied on */
    bool dns_sd;            /* "dns_sd": register with the mDNS daemon */
    struct conf_list links; /* "links": interfaces whose addresses are listed though they look like container links */
};

/* Reads the file over the defaults. CONF_ABSENT is fine unless the file was asked for by name. */
enum conf_result settings_read(const char *path, const struct conf_report *report, struct settings *out) MUST_CHECK;

#endif
