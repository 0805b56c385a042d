/* SPDX-License-Identifier: MIT */
#include "agent/settings.h"

#include "proto/name.h"

#include <string.h>
#include <unistd.h>

enum { TRUST_DEFAULT_MS = 300000 };

/* The first label of the host's name; a host without a fit one is "server". */
static struct name host_name(void)
{
    char text[256] = "";
    struct name name;
    if (gethostname(text, sizeof text - 1) != 0)
        text[0] = '\0';
    text[strcspn(text, ".")] = '\0';
    return name_from_text(&name, text) ? name : (struct name){"server"};
}

enum conf_result settings_read(const char *path, const struct conf_report *report, struct settings *out)
{
    struct settings settings = {.host = host_name(),
                                .port = PROTO_SERVICE_PORT,
                                .query_port = PROTO_QUERY_PORT,
                                .trust_ms = TRUST_DEFAULT_MS,
                                .dns_sd = true};
    settings.practice = settings.host;
    const struct conf_setting table[] = {
        {"practice", CONF_NAME, &settings.practice, "the practice's name, 1 to 63 bytes, such as Dr. Grey"},
        {"port", CONF_PORT, &settings.port, "a port from 1 to 65535, such as 1234"},
        {"query_port", CONF_PORT, &settings.query_port, "a port from 1 to 65535, such as 21234"},
        {"trust", CONF_DURATION, &settings.trust_ms, "a duration such as 30s, 5m or 1h"},
        {"dns_sd", CONF_BOOL, &settings.dns_sd, "yes or no"},
        {"links", CONF_LIST, &settings.links, "names of interfaces, such as br0 wg*"},
    };
    enum conf_result result = conf_read(path, table, sizeof table / sizeof table[0], report);
    if (result != CONF_WRONG)
        *out = settings;
    return result;
}
