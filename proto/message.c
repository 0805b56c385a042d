/* SPDX-License-Identifier: MIT */
#include "proto/message.h"

#include "proto/name.h"

#include <string.h>

static const uint8_t MAGIC[4] = {'P', 'r', 'L', 'o'};

static enum proto_result read_header(struct wire_reader *reader, struct header *out)
{
    uint8_t magic[sizeof MAGIC];
    struct header header;

    if (reader->size > PROTO_DATAGRAM_MAX)
        return PROTO_LONG;
    if (reader->size < PROTO_HEADER_SIZE)
        return PROTO_SHORT;
    wire_read_bytes(reader, magic, sizeof magic);
    if (memcmp(magic, MAGIC, sizeof magic) != 0)
        return PROTO_MAGIC;
    if (wire_read_u8(reader) != PROTO_VERSION)
        return PROTO_VERSION_UNKNOWN;
    header.type = wire_read_u8(reader);
    if (wire_read_u8(reader) & MESSAGE_FLAGS_CRITICAL)
        return PROTO_FLAGS;
    header.auth = wire_read_u8(reader);
    wire_read_bytes(reader, header.hint.bytes, sizeof header.hint.bytes);
    wire_skip(reader, MESSAGE_GATE_SIZE);
    *out = header;
    return PROTO_OK;
}

enum proto_result header_decode(const uint8_t *bytes, size_t size, struct header *out)
{
    struct wire_reader reader = wire_reader_over(bytes, size);
    return read_header(&reader, out);
}

enum proto_result message_open(struct wire_reader *reader, enum message_type type, enum message_auth auth)
{
    struct header header;
    enum proto_result result = read_header(reader, &header);
    if (result != PROTO_OK)
        return result;
    if (header.type != type)
        return PROTO_TYPE;
    return header.auth == auth ? PROTO_OK : PROTO_AUTH;
}

void header_write(struct wire_writer *writer, const struct header *header)
{
    wire_write_bytes(writer, MAGIC, sizeof MAGIC);
    wire_write_u8(writer, PROTO_VERSION);
    wire_write_u8(writer, header->type);
    wire_write_u8(writer, 0); /* no flag is defined yet */
    wire_write_u8(writer, header->auth);
    wire_write_bytes(writer, header->hint.bytes, sizeof header->hint.bytes);
    wire_write_zeros(writer, MESSAGE_GATE_SIZE);
}

struct wire_reader wire_sub_reader(struct wire_reader *reader, size_t size)
{
    struct wire_reader sub = {.bytes = reader->bytes + reader->at, .size = size};
    wire_skip(reader, size);
    if (wire_read_failed(reader))
        sub = (struct wire_reader){.failed = true};
    return sub;
}

bool field_next(struct wire_reader *fields, struct field *out)
{
    if (wire_left(fields) == 0)
        return false;
    struct field field;
    field.type = wire_read_u8(fields);
    size_t size = wire_read_u8(fields);
    field.value = wire_sub_reader(fields, size);
    if (wire_read_failed(fields))
        return false;
    *out = field;
    return true;
}

enum proto_result field_name(const struct field *field, struct name *out)
{
    return name_set(out, field->value.bytes, field->value.size) ? PROTO_OK : PROTO_FIELD;
}

enum proto_result field_unknown(const struct field *field)
{
    return field->type & FIELD_CRITICAL ? PROTO_CRITICAL : PROTO_OK;
}

void field_write_name(struct wire_writer *writer, enum field_type type, const struct name *name)
{
    size_t size = strlen(name->text);
    if (size == 0)
        return;
    wire_write_u8(writer, (uint8_t)type);
    wire_write_u8(writer, (uint8_t)size);
    wire_write_bytes(writer, (const uint8_t *)name->text, size);
}

size_t field_name_size(const struct name *name)
{
    size_t size = strlen(name->text);
    return size == 0 ? 0 : 2 + size;
}
