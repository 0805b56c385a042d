/* SPDX-License-Identifier: MIT */
#include "proto/announce.h"

#include "proto/message.h"
#include "proto/seal.h"

#include <assert.h>

enum { SIGNATURE_AT = 56 };
static_assert(SIGNATURE_AT + PROTO_SIGNATURE_SIZE == ANNOUNCEMENT_SIZE, "layout");

static void digest_of(const uint8_t *bytes, const struct server_id *server, struct seal_digest *out)
{
    const struct seal_scope scope = {
        .label = "PrLo1 announce", .bound = server->public_key.bytes, .resume = PROTO_HEADER_SIZE, .end = SIGNATURE_AT};
    seal_digest(&scope, bytes, ANNOUNCEMENT_SIZE, out);
}

void announcement_encode(const struct announcement *announcement, const struct server_id *server,
                         const struct server_secret *key, uint8_t out[ANNOUNCEMENT_SIZE])
{
    const struct header header = {.type = MESSAGE_ANNOUNCEMENT, .auth = AUTH_SIGNATURE, .hint = server->hint};
    struct wire_writer writer = wire_writer_over(out, ANNOUNCEMENT_SIZE);
    struct seal_digest digest;

    header_write(&writer, &header);
    wire_write_bytes(&writer, announcement->instance.bytes, sizeof announcement->instance.bytes);
    wire_write_u64(&writer, announcement->serial);
    wire_write_u8(&writer, announcement->reason);
    wire_write_zeros(&writer, 7);
    assert(!wire_write_failed(&writer) && writer.at == SIGNATURE_AT);
    digest_of(out, server, &digest);
    seal_sign_server(key, &digest, out + SIGNATURE_AT);
    seal_gate_close(&server->gate_key, out, ANNOUNCEMENT_SIZE);
}

enum proto_result announcement_decode(const uint8_t *bytes, size_t size, struct announcement *out)
{
    struct wire_reader reader = wire_reader_over(bytes, size);
    struct announcement announcement;

    enum proto_result result = message_open(&reader, MESSAGE_ANNOUNCEMENT, AUTH_SIGNATURE);
    if (result != PROTO_OK)
        return result;
    if (size != ANNOUNCEMENT_SIZE)
        return size < ANNOUNCEMENT_SIZE ? PROTO_SHORT : PROTO_LENGTH;
    wire_read_bytes(&reader, announcement.instance.bytes, sizeof announcement.instance.bytes);
    announcement.serial = wire_read_u64(&reader);
    announcement.reason = wire_read_u8(&reader);
    *out = announcement;
    return PROTO_OK;
}

bool announcement_verify(const uint8_t *bytes, const struct server_id *server)
{
    struct seal_digest digest;
    digest_of(bytes, server, &digest);
    return seal_verify_server(&server->public_key, &digest, bytes + SIGNATURE_AT);
}
