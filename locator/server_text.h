/* SPDX-License-Identifier: MIT
 *
 * server_text.h: where a server is, as people write it: a name or an address, with the agent's UDP port behind it when
 * it is not the usual one: "server.example.org", "192.168.1.20:21300", "fd00::20", "[fd00::20]:21300".
 */
#ifndef LOCATOR_SERVER_TEXT_H
#define LOCATOR_SERVER_TEXT_H

#include "common/addr.h"

enum { SERVER_HOST_MAX = 254 };

struct server_text {
    bool is_address;
    struct address address;     /* of is_address; its port is 0 when none was written */
    char host[SERVER_HOST_MAX]; /* else: a host name (RFC 1123) */
    uint16_t port;              /* 0: none was written */
};

bool server_text_read(const char *text, struct server_text *out) MUST_CHECK;

#endif
