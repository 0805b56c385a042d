/* SPDX-License-Identifier: MIT */
#include "proto/name.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/proto_fixture.h"

static void require_name(const struct name *name)
{
    struct name copy;
    fuzz_require(name->text[0] == '\0' || name_from_text(&copy, name->text));
}

static void write_and_read_again(const struct fixture *fixture, const struct enrol_reply *reply)
{
    const struct enrol_context context = {.server = &fixture->server.id, .secret = &fixture->secret};
    struct packet packet;
    struct enrol_reply again;
    struct enrol_layout layout;
    packet.size = enrol_reply_encode(reply, &context, &fixture->server.secret, packet.bytes, PROTO_REQUEST_MIN);
    fuzz_require(enrol_reply_decode(packet.bytes, packet.size, &again, &layout) == PROTO_OK);
    fuzz_require(fixture_same_reply(&again, reply));
    fuzz_require(enrol_reply_verify(packet.bytes, packet.size, &layout, &context) == PROTO_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fixture fixture = {0};
    struct enrol_reply reply;
    struct enrol_layout layout;

    if (enrol_reply_decode(data, size, &reply, &layout) != PROTO_OK)
        return 0;
    fuzz_require(layout.mac_at >= 112 && layout.mac_at + SEAL_MAC_SIZE + PROTO_SIGNATURE_SIZE == size);
    require_name(&reply.practice);
    require_name(&reply.name);
    fixture_server(FUZZ_SERVER, &fixture.server);
    const struct enrol_context context = {.server = &fixture.server.id, .secret = &fixture.secret};
    fuzz_require(enrol_reply_verify(data, size, &layout, &context) == PROTO_MAC);
    write_and_read_again(&fixture, &reply);
    return 0;
}
