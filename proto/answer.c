/* SPDX-License-Identifier: MIT */
#include "proto/answer.h"

#include "proto/message.h"
#include "proto/seal.h"

#include <assert.h>

enum {
    FIXED_END = 124,
    FLAG_MORE = 1,
    ANSWER_MIN = FIXED_END + PROTO_SIGNATURE_SIZE,
};

static struct seal_scope scope_of(const struct answer_context *context, size_t size)
{
    return (struct seal_scope){.label = "PrLo1 answer",
                               .bound = context->query.bytes,
                               .resume = PROTO_HEADER_SIZE,
                               .end = size - PROTO_SIGNATURE_SIZE};
}

/* How many endpoints fit beside the other parts. */
static size_t count_that_fits(const struct answer *answer, size_t room)
{
    size_t fits = (room - ANSWER_MIN - field_name_size(&answer->host)) / PROTO_ENDPOINT_SIZE;
    return answer->count < fits ? answer->count : fits;
}

static void write_fixed(struct wire_writer *writer, const struct answer *answer, size_t count)
{
    wire_write_bytes(writer, answer->nonce.bytes, sizeof answer->nonce.bytes);
    wire_write_u32(writer, answer->probe);
    wire_write_u32(writer, answer->roster_generation);
    wire_write_bytes(writer, answer->instance.bytes, sizeof answer->instance.bytes);
    wire_write_u64(writer, answer->serial);
    wire_write_u32(writer, answer->trust_s);
    wire_write_u8(writer, answer->status);
    wire_write_u8(writer, answer->order);
    wire_write_u16(writer, answer->port);
    wire_write_endpoint(writer, &answer->arrived);
    wire_write_endpoint(writer, &answer->seen);
    wire_write_u8(writer, (uint8_t)count);
    wire_write_u8(writer, answer->more || count < answer->count ? FLAG_MORE : 0);
    wire_write_u16(writer, (uint16_t)field_name_size(&answer->host));
}

size_t answer_encode(const struct answer *answer, const struct answer_context *context, const struct server_secret *key,
                     uint8_t *out, size_t room)
{
    const struct header header = {.type = MESSAGE_ANSWER, .auth = AUTH_SIGNATURE, .hint = context->server->hint};
    struct wire_writer writer = wire_writer_over(out, room);

    assert(answer->count <= PROTO_ENDPOINTS_MAX);
    assert(answer->status != ANSWER_REFUSED || answer->count == 0);
    if (room < PROTO_REQUEST_MIN)
        return 0;
    size_t count = count_that_fits(answer, room);
    header_write(&writer, &header);
    write_fixed(&writer, answer, count);
    for (size_t i = 0; i < count; i++)
        wire_write_endpoint(&writer, &answer->endpoints[i]);
    field_write_name(&writer, FIELD_HOST_NAME, &answer->host);
    wire_write_zeros(&writer, PROTO_SIGNATURE_SIZE);
    assert(!wire_write_failed(&writer));

    struct seal_scope scope = scope_of(context, writer.at);
    struct seal_digest digest;
    seal_digest(&scope, out, writer.at, &digest);
    seal_sign_server(key, &digest, out + scope.end);
    seal_gate_close(&context->server->gate_key, out, writer.at);
    return writer.at;
}

static enum proto_result read_fields(struct wire_reader fields, struct answer *out)
{
    struct field field;
    while (field_next(&fields, &field)) {
        enum proto_result result =
            field.type == FIELD_HOST_NAME ? field_name(&field, &out->host) : field_unknown(&field);
        if (result != PROTO_OK)
            return result;
    }
    return wire_read_failed(&fields) ? PROTO_TLV : PROTO_OK;
}

static void read_fixed(struct wire_reader *reader, struct answer *out)
{
    wire_read_bytes(reader, out->nonce.bytes, sizeof out->nonce.bytes);
    out->probe = wire_read_u32(reader);
    out->roster_generation = wire_read_u32(reader);
    wire_read_bytes(reader, out->instance.bytes, sizeof out->instance.bytes);
    out->serial = wire_read_u64(reader);
    out->trust_s = wire_read_u32(reader);
    out->status = wire_read_u8(reader);
    out->order = wire_read_u8(reader);
    out->port = wire_read_u16(reader);
    wire_read_endpoint(reader, &out->arrived);
    wire_read_endpoint(reader, &out->seen);
    out->count = wire_read_u8(reader);
    out->more = wire_read_u8(reader) & FLAG_MORE;
}

static enum proto_result check_values(const struct answer *answer)
{
    bool refused = answer->status == ANSWER_REFUSED;
    if (answer->status > ANSWER_LEAVING || answer->count > PROTO_ENDPOINTS_MAX)
        return PROTO_FIELD;
    return refused && answer->count > 0 ? PROTO_FIELD : PROTO_OK;
}

enum proto_result answer_decode(const uint8_t *bytes, size_t size, struct answer *out)
{
    struct wire_reader reader = wire_reader_over(bytes, size);
    struct answer answer = {0};

    enum proto_result result = message_open(&reader, MESSAGE_ANSWER, AUTH_SIGNATURE);
    if (result != PROTO_OK)
        return result;
    if (size < ANSWER_MIN)
        return PROTO_SHORT;
    read_fixed(&reader, &answer);
    size_t fields_size = wire_read_u16(&reader);
    result = check_values(&answer);
    if (result != PROTO_OK)
        return result;
    for (size_t i = 0; i < answer.count; i++)
        wire_read_endpoint(&reader, &answer.endpoints[i]);
    struct wire_reader fields = wire_sub_reader(&reader, fields_size);
    wire_skip(&reader, PROTO_SIGNATURE_SIZE);
    if (wire_read_failed(&reader) || wire_left(&reader) != 0)
        return PROTO_LENGTH;
    result = read_fields(fields, &answer);
    if (result != PROTO_OK)
        return result;
    *out = answer;
    return PROTO_OK;
}

bool answer_verify(const uint8_t *bytes, size_t size, const struct answer_context *context)
{
    struct seal_scope scope = scope_of(context, size);
    struct seal_digest digest;
    seal_digest(&scope, bytes, size, &digest);
    return seal_verify_server(&context->server->public_key, &digest, bytes + scope.end);
}
