/* SPDX-License-Identifier: MIT */
#include "proto/enrol.h"

#include "proto/message.h"
#include "proto/seal.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum {
    PROVED_FROM = 48, /* the cookie before it stays outside */
    FIXED_END = 112,
    PROOFS_SIZE = SEAL_MAC_SIZE + PROTO_SIGNATURE_SIZE,
    METHOD_TOKEN = 1,
    STEP_REQUEST = 1,
    STEP_REPLY = 2,
    RESULT_FIELD_SIZE = 3,
    GENERATION_FIELD_SIZE = 6,
};

/* The part that request and reply have in common. */
struct fixed {
    struct cookie cookie;
    struct selector selector;
    uint8_t step;
    uint16_t fields_size;
    struct transaction transaction;
    struct workstation_public workstation;
};

struct labels {
    const char *mac;
    const char *signature;
};

static const struct labels REQUEST_LABELS = {"PrLo1 enrol mac", "PrLo1 enrol"};
static const struct labels REPLY_LABELS = {"PrLo1 enrolled m", "PrLo1 enrolled"};

/* The MAC stands in front of the signature and is covered by it. */
static struct seal_scope mac_scope(const char *label, const uint8_t *bound, const struct enrol_layout *layout)
{
    return (struct seal_scope){.label = label, .bound = bound, .resume = PROVED_FROM, .end = layout->mac_at};
}

static struct seal_scope signature_scope(const char *label, const uint8_t *bound, const struct enrol_layout *layout)
{
    return (struct seal_scope){
        .label = label, .bound = bound, .resume = PROVED_FROM, .end = layout->mac_at + SEAL_MAC_SIZE};
}

static void write_fixed(struct wire_writer *writer, const struct fixed *fixed)
{
    wire_write_bytes(writer, fixed->cookie.bytes, sizeof fixed->cookie.bytes);
    wire_write_bytes(writer, fixed->selector.bytes, sizeof fixed->selector.bytes);
    wire_write_u8(writer, METHOD_TOKEN);
    wire_write_u8(writer, fixed->step);
    wire_write_u16(writer, fixed->fields_size);
    wire_write_u32(writer, 0);
    wire_write_bytes(writer, fixed->transaction.bytes, sizeof fixed->transaction.bytes);
    wire_write_bytes(writer, fixed->workstation.bytes, sizeof fixed->workstation.bytes);
}

static enum proto_result read_fixed(struct wire_reader *reader, uint8_t step, struct fixed *out)
{
    wire_read_bytes(reader, out->cookie.bytes, sizeof out->cookie.bytes);
    wire_read_bytes(reader, out->selector.bytes, sizeof out->selector.bytes);
    uint8_t method = wire_read_u8(reader);
    out->step = wire_read_u8(reader);
    out->fields_size = wire_read_u16(reader);
    wire_skip(reader, 4);
    wire_read_bytes(reader, out->transaction.bytes, sizeof out->transaction.bytes);
    wire_read_bytes(reader, out->workstation.bytes, sizeof out->workstation.bytes);
    if (wire_read_failed(reader))
        return PROTO_SHORT;
    return method == METHOD_TOKEN && out->step == step ? PROTO_OK : PROTO_FIELD;
}

/* Behind the fixed part: the optional fields as a cursor of their own, then room for the proofs. */
static enum proto_result read_tail(struct wire_reader *reader, const struct fixed *fixed, struct wire_reader *fields,
                                   struct enrol_layout *layout)
{
    struct enrol_layout found;
    *fields = wire_sub_reader(reader, fixed->fields_size);
    found.mac_at = reader->at;
    wire_skip(reader, PROOFS_SIZE);
    if (wire_read_failed(reader))
        return PROTO_LENGTH;
    *layout = found;
    return PROTO_OK;
}

enum proto_result enrol_request_encode(const struct enrol_request *request, const struct server_id *server,
                                       const struct token_secret *secret, const struct workstation_secret *key,
                                       uint8_t *out, size_t size)
{
    const struct header header = {.type = MESSAGE_ENROL_REQUEST, .auth = AUTH_TOKEN, .hint = server->hint};
    const struct fixed fixed = {.cookie = request->cookie,
                                .selector = request->selector,
                                .step = STEP_REQUEST,
                                .fields_size = (uint16_t)field_name_size(&request->host),
                                .transaction = request->transaction,
                                .workstation = request->workstation};
    struct wire_writer writer = wire_writer_over(out, size);
    struct seal_digest digest;

    if (size < PROTO_REQUEST_MIN || size > PROTO_DATAGRAM_MAX)
        return PROTO_SPACE;
    header_write(&writer, &header);
    write_fixed(&writer, &fixed);
    assert(writer.at == FIXED_END);
    field_write_name(&writer, FIELD_HOST_NAME, &request->host);
    const struct enrol_layout layout = {.mac_at = writer.at};
    wire_write_zeros(&writer, size - writer.at);

    struct seal_scope mac = mac_scope(REQUEST_LABELS.mac, server->public_key.bytes, &layout);
    seal_token_mac(secret, &mac, out, size, out + mac.end);
    struct seal_scope signature = signature_scope(REQUEST_LABELS.signature, server->public_key.bytes, &layout);
    seal_digest(&signature, out, size, &digest);
    seal_sign_workstation(key, &digest, out + signature.end);
    seal_gate_close(&server->gate_key, out, size);
    return PROTO_OK;
}

static enum proto_result read_request_fields(struct wire_reader fields, struct enrol_request *out)
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

enum proto_result enrol_request_decode(const uint8_t *bytes, size_t size, struct enrol_request *out,
                                       struct enrol_layout *layout)
{
    struct wire_reader reader = wire_reader_over(bytes, size);
    struct wire_reader fields;
    struct enrol_layout found;
    struct fixed fixed;

    enum proto_result result = message_open(&reader, MESSAGE_ENROL_REQUEST, AUTH_TOKEN);
    if (result != PROTO_OK)
        return result;
    if (size < PROTO_REQUEST_MIN)
        return PROTO_SHORT;
    result = read_fixed(&reader, STEP_REQUEST, &fixed);
    if (result == PROTO_OK)
        result = read_tail(&reader, &fixed, &fields, &found);
    if (result != PROTO_OK)
        return result;
    struct enrol_request request = {.cookie = fixed.cookie,
                                    .selector = fixed.selector,
                                    .transaction = fixed.transaction,
                                    .workstation = fixed.workstation};
    result = read_request_fields(fields, &request);
    if (result != PROTO_OK)
        return result;
    if (!wire_rest_is_zero(&reader))
        return PROTO_PADDING;
    *out = request;
    *layout = found;
    return PROTO_OK;
}

static bool mac_is_right(const uint8_t *bytes, size_t size, const struct seal_scope *scope,
                         const struct token_secret *secret)
{
    uint8_t mac[SEAL_MAC_SIZE];
    seal_token_mac(secret, scope, bytes, size, mac);
    bool right = sodium_memcmp(mac, bytes + scope->end, sizeof mac) == 0;
    sodium_memzero(mac, sizeof mac); /* the right proof for these bytes: not to be left lying about */
    return right;
}

enum proto_result enrol_request_verify(const uint8_t *bytes, size_t size, const struct enrol_layout *layout,
                                       const struct server_id *server, const struct token_secret *secret,
                                       const struct workstation_public *workstation)
{
    const uint8_t *bound = server->public_key.bytes;
    struct seal_scope mac = mac_scope(REQUEST_LABELS.mac, bound, layout);
    struct seal_scope signature = signature_scope(REQUEST_LABELS.signature, bound, layout);
    struct seal_digest digest;

    if (!mac_is_right(bytes, size, &mac, secret))
        return PROTO_MAC;
    seal_digest(&signature, bytes, size, &digest);
    return seal_verify_workstation(workstation, &digest, bytes + signature.end) ? PROTO_OK : PROTO_SIGNATURE;
}

void enrol_request_hash(const uint8_t *bytes, const struct enrol_layout *layout, struct message_hash *out)
{
    seal_request_hash(bytes, PROVED_FROM, layout->mac_at + PROOFS_SIZE, out);
}

static void write_reply_fields(struct wire_writer *writer, const struct enrol_reply *reply)
{
    wire_write_u8(writer, FIELD_ENROL_RESULT);
    wire_write_u8(writer, RESULT_FIELD_SIZE - 2);
    wire_write_u8(writer, reply->result);
    wire_write_u8(writer, FIELD_ROSTER_GENERATION);
    wire_write_u8(writer, GENERATION_FIELD_SIZE - 2);
    wire_write_u32(writer, reply->roster_generation);
    field_write_name(writer, FIELD_PRACTICE_NAME, &reply->practice);
    field_write_name(writer, FIELD_WORKSTATION_NAME, &reply->name);
}

static size_t reply_fields_size(const struct enrol_reply *reply)
{
    return RESULT_FIELD_SIZE + GENERATION_FIELD_SIZE + field_name_size(&reply->practice) +
           field_name_size(&reply->name);
}

size_t enrol_reply_encode(const struct enrol_reply *reply, const struct enrol_context *context,
                          const struct server_secret *key, uint8_t *out, size_t room)
{
    const struct header header = {.type = MESSAGE_ENROL_REPLY, .auth = AUTH_TOKEN, .hint = context->server->hint};
    const struct fixed fixed = {.selector = reply->selector,
                                .step = STEP_REPLY,
                                .fields_size = (uint16_t)reply_fields_size(reply),
                                .transaction = reply->transaction,
                                .workstation = reply->workstation};
    struct wire_writer writer = wire_writer_over(out, room);
    struct seal_digest digest;

    header_write(&writer, &header);
    write_fixed(&writer, &fixed);
    write_reply_fields(&writer, reply);
    const struct enrol_layout layout = {.mac_at = writer.at};
    wire_write_zeros(&writer, PROOFS_SIZE);
    if (wire_write_failed(&writer))
        return 0;

    struct seal_scope mac = mac_scope(REPLY_LABELS.mac, context->request.bytes, &layout);
    seal_token_mac(context->secret, &mac, out, writer.at, out + mac.end);
    struct seal_scope signature = signature_scope(REPLY_LABELS.signature, context->request.bytes, &layout);
    seal_digest(&signature, out, writer.at, &digest);
    seal_sign_server(key, &digest, out + signature.end);
    seal_gate_close(&context->server->gate_key, out, writer.at);
    return writer.at;
}

static enum proto_result read_number_field(struct field *field, size_t size, uint32_t *out)
{
    if (wire_left(&field->value) != size)
        return PROTO_FIELD;
    *out = size == 1 ? wire_read_u8(&field->value) : wire_read_u32(&field->value);
    return PROTO_OK;
}

static enum proto_result read_reply_field(struct field *field, struct enrol_reply *out, uint32_t *outcome)
{
    switch (field->type) {
    case FIELD_ENROL_RESULT:
        return read_number_field(field, 1, outcome);
    case FIELD_ROSTER_GENERATION:
        return read_number_field(field, 4, &out->roster_generation);
    case FIELD_PRACTICE_NAME:
        return field_name(field, &out->practice);
    case FIELD_WORKSTATION_NAME:
        return field_name(field, &out->name);
    default:
        return field_unknown(field);
    }
}

static enum proto_result read_reply_fields(struct wire_reader fields, struct enrol_reply *out)
{
    uint32_t outcome = UINT32_MAX;
    struct field field;
    while (field_next(&fields, &field)) {
        enum proto_result result = read_reply_field(&field, out, &outcome);
        if (result != PROTO_OK)
            return result;
    }
    if (wire_read_failed(&fields))
        return PROTO_TLV;
    if (outcome > UINT8_MAX) /* the one field that a reply cannot do without */
        return PROTO_FIELD;
    out->result = (uint8_t)outcome;
    return PROTO_OK;
}

enum proto_result enrol_reply_decode(const uint8_t *bytes, size_t size, struct enrol_reply *out,
                                     struct enrol_layout *layout)
{
    struct wire_reader reader = wire_reader_over(bytes, size);
    struct wire_reader fields;
    struct enrol_layout found;
    struct fixed fixed;

    enum proto_result result = message_open(&reader, MESSAGE_ENROL_REPLY, AUTH_TOKEN);
    if (result == PROTO_OK)
        result = read_fixed(&reader, STEP_REPLY, &fixed);
    if (result == PROTO_OK)
        result = read_tail(&reader, &fixed, &fields, &found);
    if (result != PROTO_OK)
        return result;
    if (wire_left(&reader) != 0)
        return PROTO_LENGTH;
    struct enrol_reply reply = {
        .selector = fixed.selector, .transaction = fixed.transaction, .workstation = fixed.workstation};
    result = read_reply_fields(fields, &reply);
    if (result != PROTO_OK)
        return result;
    *out = reply;
    *layout = found;
    return PROTO_OK;
}

enum proto_result enrol_reply_verify(const uint8_t *bytes, size_t size, const struct enrol_layout *layout,
                                     const struct enrol_context *context)
{
    const uint8_t *bound = context->request.bytes;
    struct seal_scope mac = mac_scope(REPLY_LABELS.mac, bound, layout);
    struct seal_scope signature = signature_scope(REPLY_LABELS.signature, bound, layout);
    struct seal_digest digest;

    if (!mac_is_right(bytes, size, &mac, context->secret))
        return PROTO_MAC;
    seal_digest(&signature, bytes, size, &digest);
    return seal_verify_server(&context->server->public_key, &digest, bytes + signature.end) ? PROTO_OK
                                                                                            : PROTO_SIGNATURE;
}
