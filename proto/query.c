/* SPDX-License-Identifier: MIT */
#include "proto/query.h"

#include "proto/message.h"
#include "proto/seal.h"

#include <assert.h>

enum {
    SIGNED_FROM = 48, /* the cookie before it stays outside, so that a retry with a cookie needs no new signature */
    FIXED_END = 92,
};

static struct seal_scope scope_of(const struct query_layout *layout, const struct server_public *server)
{
    return (struct seal_scope){
        .label = "PrLo1 query", .bound = server->bytes, .resume = SIGNED_FROM, .end = layout->signature_at};
}

static void write_fixed(struct wire_writer *writer, const struct query *query)
{
    wire_write_bytes(writer, query->cookie.bytes, sizeof query->cookie.bytes);
    wire_write_bytes(writer, query->workstation.bytes, sizeof query->workstation.bytes);
    wire_write_bytes(writer, query->nonce.bytes, sizeof query->nonce.bytes);
    wire_write_u32(writer, query->probe);
    wire_write_u32(writer, query->roster_generation_seen);
    wire_write_u16(writer, 0); /* length of the optional fields: none are defined for queries yet */
    wire_write_u16(writer, 0);
}

enum proto_result query_encode(const struct query *query, const struct server_id *server,
                               const struct workstation_secret *key, uint8_t *out, size_t size)
{
    const struct header header = {.type = MESSAGE_QUERY, .auth = AUTH_SIGNATURE, .hint = server->hint};
    const struct query_layout layout = {.signature_at = FIXED_END};
    struct wire_writer writer = wire_writer_over(out, size);

    if (size < PROTO_REQUEST_MIN || size > PROTO_DATAGRAM_MAX)
        return PROTO_SPACE;
    header_write(&writer, &header);
    write_fixed(&writer, query);
    assert(writer.at == layout.signature_at);
    wire_write_zeros(&writer, size - writer.at);

    struct seal_scope scope = scope_of(&layout, &server->public_key);
    struct seal_digest digest;
    seal_digest(&scope, out, size, &digest);
    seal_sign_workstation(key, &digest, out + layout.signature_at);
    seal_gate_close(&server->gate_key, out, size);
    return PROTO_OK;
}

static enum proto_result check_fields(struct wire_reader fields)
{
    struct field field;
    while (field_next(&fields, &field)) {
        enum proto_result result = field_unknown(&field);
        if (result != PROTO_OK)
            return result;
    }
    return wire_read_failed(&fields) ? PROTO_TLV : PROTO_OK;
}

static void read_fixed(struct wire_reader *reader, struct query *out)
{
    wire_read_bytes(reader, out->cookie.bytes, sizeof out->cookie.bytes);
    wire_read_bytes(reader, out->workstation.bytes, sizeof out->workstation.bytes);
    wire_read_bytes(reader, out->nonce.bytes, sizeof out->nonce.bytes);
    out->probe = wire_read_u32(reader);
    out->roster_generation_seen = wire_read_u32(reader);
}

enum proto_result query_decode(const uint8_t *bytes, size_t size, struct query *out, struct query_layout *layout)
{
    struct wire_reader reader = wire_reader_over(bytes, size);
    struct query query;

    enum proto_result result = message_open(&reader, MESSAGE_QUERY, AUTH_SIGNATURE);
    if (result != PROTO_OK)
        return result;
    if (size < PROTO_REQUEST_MIN)
        return PROTO_SHORT;
    read_fixed(&reader, &query);
    size_t fields_size = wire_read_u16(&reader);
    wire_skip(&reader, 2);
    struct wire_reader fields = wire_sub_reader(&reader, fields_size);
    size_t signature_at = reader.at;
    wire_skip(&reader, PROTO_SIGNATURE_SIZE);
    if (wire_read_failed(&reader))
        return PROTO_LENGTH;
    result = check_fields(fields);
    if (result != PROTO_OK)
        return result;
    if (!wire_rest_is_zero(&reader))
        return PROTO_PADDING;
    *out = query;
    layout->signature_at = signature_at;
    return PROTO_OK;
}

bool query_verify(const uint8_t *bytes, size_t size, const struct query_layout *layout,
                  const struct server_public *server, const struct workstation_public *workstation)
{
    struct seal_scope scope = scope_of(layout, server);
    struct seal_digest digest;
    seal_digest(&scope, bytes, size, &digest);
    return seal_verify_workstation(workstation, &digest, bytes + layout->signature_at);
}

void query_hash(const uint8_t *bytes, const struct query_layout *layout, struct message_hash *out)
{
    seal_request_hash(bytes, SIGNED_FROM, layout->signature_at + PROTO_SIGNATURE_SIZE, out);
}
