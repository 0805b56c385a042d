/* SPDX-License-Identifier: MIT
 *
 * seal.h: the only cryptography of the wire: ids and gates by BLAKE2b (with its personalisation, section
 * 2.5 of the BLAKE2 paper), signatures by Ed25519 (RFC 8032), each with a label of its own. docs/protocol.md,
 * "Cryptography".
 */
#ifndef PROTO_SEAL_H
#define PROTO_SEAL_H

#include "proto/message.h"
#include "proto/types.h"

/* Derives all that follows from a server's public key. */
void seal_server_id(const struct server_public *key, struct server_id *out);

/* The id under which a workstation's key stands in its queries. */
void seal_workstation_id(const struct workstation_public *key, struct workstation_id *out);

/* Writes the gate into a finished datagram of at least PROTO_HEADER_SIZE bytes. Call it last: it covers everything
 * else. */
void seal_gate_close(const struct gate_key *key, uint8_t *datagram, size_t size);

/* True when whoever made these bytes, at least PROTO_HEADER_SIZE of them, knows the server's public key. Costs one
 * hash, under a microsecond. */
bool seal_gate_check(const struct gate_key *key, const uint8_t *datagram, size_t size) MUST_CHECK;

/* What a proof covers: a label, the bound value, bytes 0 to 15, bytes resume to end, and the datagram's length. */
struct seal_scope {
    const char *label;    /* at most 16 bytes, one for each kind of proof */
    const uint8_t *bound; /* 32 bytes: the server's public key, or the request's hash */
    size_t resume;        /* where the covered part goes on behind header and cookie */
    size_t end;           /* where the proof itself stands */
};

struct seal_digest {
    uint8_t bytes[64];
};

/* The digest that is signed. total is the length of the whole datagram, padding included. */
void seal_digest(const struct seal_scope *scope, const uint8_t *datagram, size_t total, struct seal_digest *out);

void seal_sign_server(const struct server_secret *key, const struct seal_digest *digest,
                      uint8_t out[PROTO_SIGNATURE_SIZE]);
void seal_sign_workstation(const struct workstation_secret *key, const struct seal_digest *digest,
                           uint8_t out[PROTO_SIGNATURE_SIZE]);

/* One signature check, some 40 microseconds: callers spend at most one on a datagram. */
bool seal_verify_server(const struct server_public *key, const struct seal_digest *digest,
                        const uint8_t signature[PROTO_SIGNATURE_SIZE]) MUST_CHECK;
bool seal_verify_workstation(const struct workstation_public *key, const struct seal_digest *digest,
                             const uint8_t signature[PROTO_SIGNATURE_SIZE]) MUST_CHECK;

enum { SEAL_MAC_SIZE = 32 };

/* Proof of knowing an invitation's secret, over the same scope as a digest. */
void seal_token_mac(const struct token_secret *secret, const struct seal_scope *scope, const uint8_t *datagram,
                    size_t total, uint8_t out[SEAL_MAC_SIZE]);

/* Hash of a request from its first byte to the end of its proofs, gate and cookie left out: what a reply is bound
 * to. */
void seal_request_hash(const uint8_t *datagram, size_t resume, size_t end, struct message_hash *out);

/* Four bytes that find a typing error in a token; no protection against anybody. */
void seal_token_check(const uint8_t *bytes, size_t size, uint8_t out[4]);

#endif
