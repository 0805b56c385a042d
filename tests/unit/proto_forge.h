/* SPDX-License-Identifier: MIT
 *
 * proto_forge.h: a forger who has every key: damages a message and makes its proofs again.
 *
 * What is covered by which proof is written down here a second time, from docs/protocol.md and straight on
 * libsodium, so that an accidental change of the wire format in proto/ is found.
 */
#ifndef TESTS_PROTO_FORGE_H
#define TESTS_PROTO_FORGE_H

#include "tests/unit/proto_fixture.h"

enum {
    TOKEN_CONTENT_MAX = 512, /* bytes of a token without their check: more than is valid */
    TOKEN_LONG_TEXT = 1024,  /* room for the text of so many */
};

/* Makes proofs and gate anew, as somebody would who has every key. */
void forge_sign(const struct fixture *fixture, enum message_kind kind, struct packet *packet);

/* Makes the gate alone anew, as somebody would who was enrolled once: the server's public key is enough. */
void forge_gate(const struct fixture *fixture, struct packet *packet);

/* Puts optional fields behind those that the message has and makes its proofs anew. Queries and requests keep
 * their size. */
void forge_add_fields(const struct fixture *fixture, enum message_kind kind, struct packet *packet,
                      const struct wire_reader *fields);

/* Where the optional fields start, and where the proofs stand behind them, by the lengths in the message. */
size_t forge_fields_at(enum message_kind kind, const struct packet *packet);
size_t forge_proofs_at(enum message_kind kind, const struct packet *packet);

/* Overwrites two bytes with a number. */
void forge_put_u16(struct packet *packet, size_t at, size_t value);

/* Keyed and labelled BLAKE2b, without seal.c. */
struct blake2b_use {
    const char *label;
    const uint8_t *key; /* NULL for none */
    size_t key_size;
    size_t out_size;
};
void forge_blake2b(const struct blake2b_use *use, const struct wire_reader *parts, size_t count, uint8_t *out);
void forge_digest(const struct seal_scope *scope, const struct packet *packet, struct seal_digest *out);

/* Text of any content as a token, with the check bytes that it should have. out: TOKEN_LONG_TEXT bytes. */
void forge_token_text(const uint8_t *content, size_t size, char *out);

#endif
