/* SPDX-License-Identifier: MIT
 *
 * wire.h: the only way to wire bytes: a bounded cursor with a sticky error. Big-endian.
 *
 * After the first step beyond the end every later read gives zeros and every later write does nothing; the caller
 * checks once, with wire_read_failed() or wire_write_failed(), when it is through.
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include "proto/types.h"

struct wire_reader {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    bool failed;
};

struct wire_writer {
    uint8_t *bytes;
    size_t size;
    size_t at;
    bool failed;
};

/* The bytes are borrowed for as long as the cursor is used. */
struct wire_reader wire_reader_over(const uint8_t *bytes, size_t size);
struct wire_writer wire_writer_over(uint8_t *bytes, size_t size);

uint8_t wire_read_u8(struct wire_reader *reader);
uint16_t wire_read_u16(struct wire_reader *reader);
uint32_t wire_read_u32(struct wire_reader *reader);
uint64_t wire_read_u64(struct wire_reader *reader);
void wire_read_bytes(struct wire_reader *reader, uint8_t *out, size_t size);
void wire_skip(struct wire_reader *reader, size_t size);
size_t wire_left(const struct wire_reader *reader);
bool wire_read_failed(const struct wire_reader *reader);

/* True when every byte that is left is zero. */
bool wire_rest_is_zero(const struct wire_reader *reader);

void wire_write_u8(struct wire_writer *writer, uint8_t value);
void wire_write_u16(struct wire_writer *writer, uint16_t value);
void wire_write_u32(struct wire_writer *writer, uint32_t value);
void wire_write_u64(struct wire_writer *writer, uint64_t value);
void wire_write_bytes(struct wire_writer *writer, const uint8_t *bytes, size_t size);
void wire_write_zeros(struct wire_writer *writer, size_t size);
bool wire_write_failed(const struct wire_writer *writer);

/* Endpoints: family, flags, port, 16 address bytes. A read endpoint of an unknown family is ENDPOINT_NONE, all zero. */
void wire_read_endpoint(struct wire_reader *reader, struct endpoint *out);
void wire_write_endpoint(struct wire_writer *writer, const struct endpoint *endpoint);

#endif
