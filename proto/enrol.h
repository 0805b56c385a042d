/* SPDX-License-Identifier: MIT
 *
 * enrol.h: one exchange that puts a workstation's key on the server's roster. docs/protocol.md, "Enrolment".
 *
 * Request and reply have one layout. Both carry a MAC, which proves that the sender knows the invitation's one-time
 * secret without showing it, and behind it a signature by the sender's own key, which covers the MAC.
 */
#ifndef PROTO_ENROL_H
#define PROTO_ENROL_H

#include "proto/result.h"
#include "proto/types.h"

enum enrol_result {
    ENROL_ACCEPTED = 0,
    ENROL_EXPIRED = 1,
    ENROL_USED = 2,      /* by another workstation */
    ENROL_FULL = 3,      /* the roster has no room */
    ENROL_NOT_SAVED = 4, /* the server could not write its state; the same workstation may try again */
};

struct enrol_request {
    struct cookie cookie;
    struct selector selector;
    struct transaction transaction;
    struct workstation_public workstation;
    struct name host; /* the workstation's host name: its name on the roster when the invitation gives none */
};

struct enrol_reply {
    struct selector selector; /* the request's, as are the next two */
    struct transaction transaction;
    struct workstation_public workstation;
    uint8_t result; /* enum enrol_result; unknown ones are refusals */
    uint32_t roster_generation;
    struct name practice;
    struct name name; /* of the workstation, as it stands on the roster */
};

/* Where the proofs stand in a decoded datagram. */
struct enrol_layout {
    size_t mac_at;
};

enum proto_result enrol_request_encode(const struct enrol_request *request, const struct server_id *server,
                                       const struct token_secret *secret, const struct workstation_secret *key,
                                       uint8_t *out, size_t size) MUST_CHECK;

/* Reads the fields of any bytes; proves nothing. Outputs on success only. */
enum proto_result enrol_request_decode(const uint8_t *bytes, size_t size, struct enrol_request *out,
                                       struct enrol_layout *layout) MUST_CHECK;

/* PROTO_MAC, at the cost of a hash, or PROTO_SIGNATURE, or PROTO_OK: at most one signature check. */
enum proto_result enrol_request_verify(const uint8_t *bytes, size_t size, const struct enrol_layout *layout,
                                       const struct server_id *server, const struct token_secret *secret,
                                       const struct workstation_public *workstation) MUST_CHECK;

/* What the reply is bound to. */
void enrol_request_hash(const uint8_t *bytes, const struct enrol_layout *layout, struct message_hash *out);

/* What a reply is made for and checked against. */
struct enrol_context {
    const struct server_id *server;
    const struct token_secret *secret;
    struct message_hash request; /* enrol_request_hash() of the request that it replies to */
};

/* Writes, signs and gates a reply of at most room bytes, the length of the request. Returns the length, 0 for no
 * room. */
size_t enrol_reply_encode(const struct enrol_reply *reply, const struct enrol_context *context,
                          const struct server_secret *key, uint8_t *out, size_t room) MUST_CHECK;

enum proto_result enrol_reply_decode(const uint8_t *bytes, size_t size, struct enrol_reply *out,
                                     struct enrol_layout *layout) MUST_CHECK;

enum proto_result enrol_reply_verify(const uint8_t *bytes, size_t size, const struct enrol_layout *layout,
                                     const struct enrol_context *context) MUST_CHECK;

#endif
