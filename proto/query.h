/* SPDX-License-Identifier: MIT
 *
 * query.h: "where are you?", from an enrolled workstation to one server. docs/protocol.md, "Query".
 */
#ifndef PROTO_QUERY_H
#define PROTO_QUERY_H

#include "proto/result.h"
#include "proto/types.h"

struct query {
    struct cookie cookie;
    struct workstation_id workstation;
    struct nonce nonce;              /* one a search */
    uint32_t probe;                  /* one a destination, so that an answer tells which way it came */
    uint32_t roster_generation_seen; /* highest that the workstation was ever told */
};

/* Where the parts stand in a decoded datagram, for those who check its signature. */
struct query_layout {
    size_t signature_at;
};

/* Writes, signs and gates a query of exactly size bytes, PROTO_REQUEST_MIN to PROTO_DATAGRAM_MAX. */
enum proto_result query_encode(const struct query *query, const struct server_id *server,
                               const struct workstation_secret *key, uint8_t *out, size_t size) MUST_CHECK;

/* Reads the fields of any bytes. Proves nothing: gate and signature are separate steps. Outputs on success only. */
enum proto_result query_decode(const uint8_t *bytes, size_t size, struct query *out,
                               struct query_layout *layout) MUST_CHECK;

/* The workstation's signature over a decoded query: one signature check. */
bool query_verify(const uint8_t *bytes, size_t size, const struct query_layout *layout,
                  const struct server_public *server, const struct workstation_public *workstation) MUST_CHECK;

/* What the answer to this query is bound to. */
void query_hash(const uint8_t *bytes, const struct query_layout *layout, struct message_hash *out);

#endif
