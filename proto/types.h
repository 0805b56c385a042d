/* SPDX-License-Identifier: MIT
 *
 * types.h: the values of the wire protocol. Constants are named as in docs/protocol.md.
 * proto/ is pure: bytes in, values out; no socket, clock, randomness, allocation or file.
 */
#ifndef PROTO_TYPES_H
#define PROTO_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

enum {
    PROTO_VERSION = 1,

    PROTO_QUERY_PORT = 21234, /* queries and enrolments; announcements go to the next port */
    PROTO_ANNOUNCE_PORT = 21235,
    PROTO_SERVICE_PORT = 1234, /* the practice service, unless configured */

    PROTO_DATAGRAM_MAX = 1232, /* IPv6's smallest MTU less its headers: never fragmented */
    PROTO_REQUEST_MIN = 512,   /* queries and enrolments are padded, so that no answer is larger */
    PROTO_HEADER_SIZE = 32,
    PROTO_SIGNATURE_SIZE = 64,
    PROTO_ENDPOINT_SIZE = 20,

    PROTO_NAME_MAX = 63,      /* bytes of a practice, workstation or host name: one DNS label */
    PROTO_ENDPOINTS_MAX = 16, /* as many as fit an answer to the smallest query */
};

/* The multicast groups of queries and announcements: IPv4 local scope (RFC 2365), IPv6 link-local transient (RFC
 * 4291). */
#define PROTO_GROUP_IPV4 "239.255.112.108"
#define PROTO_GROUP_IPV6 "ff12::706c"

/* Keys of different kinds are different types, so that the compiler finds the mix-up. */
struct server_public {
    uint8_t bytes[32]; /* Ed25519 */
};

struct server_secret {
    uint8_t bytes[64]; /* libsodium's Ed25519 secret key; wipe after use */
};

struct workstation_public {
    uint8_t bytes[32]; /* Ed25519 */
};

struct workstation_secret {
    uint8_t bytes[64]; /* libsodium's Ed25519 secret key; wipe after use */
};

struct token_secret {
    uint8_t bytes[16]; /* one-time secret of an invitation; wipe after use */
};

struct gate_key {
    uint8_t bytes[32]; /* from the server's public key: known to whoever was enrolled, to no stranger */
};

struct hint {
    uint8_t bytes[8]; /* names the server's key in each header */
};

struct fingerprint {
    uint8_t bytes[20]; /* names the server's key to people and in DNS-SD; opens nothing */
};

struct workstation_id {
    uint8_t bytes[16]; /* names the workstation's key in queries */
};

struct nonce {
    uint8_t bytes[16]; /* fresh random bytes, one a search */
};

struct cookie {
    uint8_t bytes[16]; /* zero when the sender has none */
};

struct instance {
    uint8_t bytes[8]; /* random, new with each creation or import of a server's state: within it serials are ordered */
};

struct selector {
    uint8_t bytes[8]; /* names an invitation; public */
};

struct transaction {
    uint8_t bytes[16]; /* fresh random bytes, one an enrolment */
};

struct message_hash {
    uint8_t bytes[32]; /* binds a reply to its request */
};

/* All that follows from a server's public key. Made by seal_server_id(). */
struct server_id {
    struct server_public public_key;
    struct gate_key gate_key;
    struct hint hint;
    struct fingerprint fingerprint;
};

enum endpoint_family { ENDPOINT_NONE = 0, ENDPOINT_IPV4 = 4, ENDPOINT_IPV6 = 6 };

enum endpoint_flag {
    ENDPOINT_OWN_LINK = 1,   /* on the link over which the query arrived */
    ENDPOINT_LINK_LOCAL = 2, /* usable on that link only; the asker adds its own zone */
    ENDPOINT_EXTERNAL = 4,   /* the office's address as seen from the Internet */
};

/* An address and the agent's UDP port there. */
struct endpoint {
    uint8_t family; /* enum endpoint_family */
    uint8_t flags;  /* enum endpoint_flag */
    uint16_t port;
    uint8_t addr[16]; /* network order; IPv4 in the first four, the rest zero */
};

/* A name as on the wire: UTF-8, no control characters, NUL-terminated here. */
struct name {
    char text[PROTO_NAME_MAX + 1];
};

#endif
