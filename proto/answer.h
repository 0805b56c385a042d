/* SPDX-License-Identifier: MIT
 *
 * answer.h: "here", signed by the server and bound to one query. docs/protocol.md, "Answer".
 */
#ifndef PROTO_ANSWER_H
#define PROTO_ANSWER_H

#include "proto/result.h"
#include "proto/types.h"

enum answer_status {
    ANSWER_OK = 0,
    ANSWER_DOWN = 1,    /* the agent is here, the practice service is not */
    ANSWER_REFUSED = 2, /* the asking workstation was revoked; such an answer carries no address */
    ANSWER_LEAVING = 3, /* the agent is shutting down */
};

struct answer {
    struct nonce nonce;         /* the query's */
    uint32_t probe;             /* the query's */
    uint32_t roster_generation; /* the server's; never falls but when an old backup was restored */
    struct instance instance;
    uint64_t serial;         /* within the instance, grows with every change */
    uint32_t trust_s;        /* how long the addresses may be relied on without asking again */
    uint8_t status;          /* enum answer_status */
    uint8_t order;           /* among several servers of one practice: the lowest is the main one */
    uint16_t port;           /* of the practice service */
    struct endpoint arrived; /* where the query arrived */
    struct endpoint seen;    /* whom the agent saw asking */
    bool more;               /* the list was cut to fit */
    uint8_t count;
    struct endpoint endpoints[PROTO_ENDPOINTS_MAX]; /* best first */
    struct name host;                               /* empty when not told */
};

/* What an answer is made for and checked against. */
struct answer_context {
    const struct server_id *server;
    struct message_hash query; /* query_hash() of the query that it answers */
};

/* Writes, signs and gates an answer of at most room bytes, the length of the query. The endpoint list is cut from its
 * end to fit and marked so. Returns the length, 0 when room is below the least answer. */
size_t answer_encode(const struct answer *answer, const struct answer_context *context, const struct server_secret *key,
                     uint8_t *out, size_t room) MUST_CHECK;

/* Reads the fields of any bytes; proves nothing. *out is written on success only. */
enum proto_result answer_decode(const uint8_t *bytes, size_t size, struct answer *out) MUST_CHECK;

/* The server's signature over a decoded answer, bound to the query: one signature check. */
bool answer_verify(const uint8_t *bytes, size_t size, const struct answer_context *context) MUST_CHECK;

#endif
