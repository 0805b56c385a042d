/* SPDX-License-Identifier: MIT
 *
 * proto_checks.h: what must hold for every kind of message alike, as cmocka assertions.
 */
#ifndef TESTS_PROTO_CHECKS_H
#define TESTS_PROTO_CHECKS_H

#include "tests/unit/proto_forge.h"

/* A part of a message; size 0 for none. */
struct span {
    size_t at;
    size_t size;
};

/* Every single-bit flip of the valid message fails at the gate; with the gate made anew, at decoding or at the proofs.
 * Flips in uncovered, which the proofs leave out, pass then. */
void check_bit_flips(enum message_kind kind, struct span uncovered);

/* One byte of the valid message changed, all proofs made anew. */
struct change {
    size_t at;
    uint8_t value;
    enum proto_result expected;
};
void check_changes(enum message_kind kind, const struct change *changes, size_t count);

/* Damage to the header, and the reason named for it. */
void check_header(enum message_kind kind);

/* The valid message cut or filled with zeros to a length, all proofs made anew. */
void check_length(enum message_kind kind, size_t size, enum proto_result expected);

/* No part of the valid message passes, from nothing to all but the last byte. */
void check_every_cut(enum message_kind kind);

/* Unknown optional fields are skipped, unknown critical and cut off ones are not. */
void check_optional_fields(enum message_kind kind);

/* The valid message with more optional fields, all proofs made anew. */
void check_fields(enum message_kind kind, const uint8_t *fields, size_t size, enum proto_result expected);

/* Thousands of damaged messages: each gets a named reason, none writes an output, none passes. */
void check_mutations(enum message_kind kind, struct span uncovered);

#endif
