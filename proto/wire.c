/* SPDX-License-Identifier: MIT */
#include "proto/wire.h"

#include <string.h>

struct wire_reader wire_reader_over(const uint8_t *bytes, size_t size)
{
    return (struct wire_reader){.bytes = bytes, .size = size};
}

struct wire_writer wire_writer_over(uint8_t *bytes, size_t size)
{
    return (struct wire_writer){.bytes = bytes, .size = size};
}

/* The next size bytes, or NULL for ever after the first time that there are not as many. */
static const uint8_t *take(struct wire_reader *reader, size_t size)
{
    if (reader->failed || size > reader->size - reader->at) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *bytes = reader->bytes + reader->at;
    reader->at += size;
    return bytes;
}

static uint8_t *room(struct wire_writer *writer, size_t size)
{
    if (writer->failed || size > writer->size - writer->at) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *bytes = writer->bytes + writer->at;
    writer->at += size;
    return bytes;
}

static uint64_t read_number(struct wire_reader *reader, size_t size)
{
    const uint8_t *bytes = take(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; bytes && i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void write_number(struct wire_writer *writer, uint64_t value, size_t size)
{
    uint8_t *bytes = room(writer, size);
    for (size_t i = size; bytes && i > 0; i--, value >>= 8)
        bytes[i - 1] = (uint8_t)(value & 0xff);
}

uint8_t wire_read_u8(struct wire_reader *reader)
{
    return (uint8_t)read_number(reader, 1);
}

uint16_t wire_read_u16(struct wire_reader *reader)
{
    return (uint16_t)read_number(reader, 2);
}

uint32_t wire_read_u32(struct wire_reader *reader)
{
    return (uint32_t)read_number(reader, 4);
}

uint64_t wire_read_u64(struct wire_reader *reader)
{
    return read_number(reader, 8);
}

void wire_read_bytes(struct wire_reader *reader, uint8_t *out, size_t size)
{
    const uint8_t *bytes = take(reader, size);
    if (bytes)
        memcpy(out, bytes, size);
    else
        memset(out, 0, size);
}

void wire_skip(struct wire_reader *reader, size_t size)
{
    take(reader, size);
}

size_t wire_left(const struct wire_reader *reader)
{
    return reader->failed ? 0 : reader->size - reader->at;
}

bool wire_read_failed(const struct wire_reader *reader)
{
    return reader->failed;
}

bool wire_rest_is_zero(const struct wire_reader *reader)
{
    uint8_t seen = 0;
    for (size_t i = 0; i < wire_left(reader); i++)
        seen |= reader->bytes[reader->at + i];
    return seen == 0;
}

void wire_write_u8(struct wire_writer *writer, uint8_t value)
{
    write_number(writer, value, 1);
}

void wire_write_u16(struct wire_writer *writer, uint16_t value)
{
    write_number(writer, value, 2);
}

void wire_write_u32(struct wire_writer *writer, uint32_t value)
{
    write_number(writer, value, 4);
}

void wire_write_u64(struct wire_writer *writer, uint64_t value)
{
    write_number(writer, value, 8);
}

void wire_write_bytes(struct wire_writer *writer, const uint8_t *bytes, size_t size)
{
    uint8_t *to = room(writer, size);
    if (to && size > 0)
        memcpy(to, bytes, size);
}

void wire_write_zeros(struct wire_writer *writer, size_t size)
{
    uint8_t *to = room(writer, size);
    if (to)
        memset(to, 0, size);
}

bool wire_write_failed(const struct wire_writer *writer)
{
    return writer->failed;
}

void wire_read_endpoint(struct wire_reader *reader, struct endpoint *out)
{
    struct endpoint read; /* field by field: an initialiser's calls have no order */
    read.family = wire_read_u8(reader);
    read.flags = wire_read_u8(reader);
    read.port = wire_read_u16(reader);
    wire_read_bytes(reader, read.addr, sizeof read.addr);
    if (read.family == ENDPOINT_IPV4)
        memset(read.addr + 4, 0, sizeof read.addr - 4);
    else if (read.family != ENDPOINT_IPV6)
        read = (struct endpoint){0};
    *out = read;
}

void wire_write_endpoint(struct wire_writer *writer, const struct endpoint *endpoint)
{
    wire_write_u8(writer, endpoint->family);
    wire_write_u8(writer, endpoint->flags);
    wire_write_u16(writer, endpoint->port);
    wire_write_bytes(writer, endpoint->addr, sizeof endpoint->addr);
}
