/* SPDX-License-Identifier: MIT
 *
 * announce.h: "something changed", signed by the server, to whoever listens. It only makes a locator ask.
 * docs/protocol.md, "Announcement".
 */
#ifndef PROTO_ANNOUNCE_H
#define PROTO_ANNOUNCE_H

#include "proto/result.h"
#include "proto/types.h"

enum { ANNOUNCEMENT_SIZE = 120 };

enum announcement_reason {
    ANNOUNCE_START = 0,
    ANNOUNCE_ADDRESSES = 1,
    ANNOUNCE_HEALTH = 2,
    ANNOUNCE_LEAVING = 3,
};

struct announcement {
    struct instance instance;
    uint64_t serial;
    uint8_t reason; /* enum announcement_reason; others are taken as "something changed" */
};

/* Writes, signs and gates an announcement. */
void announcement_encode(const struct announcement *announcement, const struct server_id *server,
                         const struct server_secret *key, uint8_t out[ANNOUNCEMENT_SIZE]);

/* Reads the fields of any bytes; proves nothing. *out is written on success only. */
enum proto_result announcement_decode(const uint8_t *bytes, size_t size, struct announcement *out) MUST_CHECK;

/* The server's signature over a decoded announcement: one signature check. */
bool announcement_verify(const uint8_t *bytes, const struct server_id *server) MUST_CHECK;

#endif
