/* SPDX-License-Identifier: MIT */
#include "proto/name.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/proto_fixture.h"

static enum proto_result verify(const struct fixture *fixture, const uint8_t *data, size_t size,
                                const struct enrol_layout *layout)
{
    return enrol_request_verify(data, size, layout, &fixture->server.id, &fixture->secret,
                                &fixture->workstation.public_key);
}

static void write_and_read_again(const struct fixture *fixture, const struct enrol_request *request, size_t size)
{
    struct packet packet;
    struct enrol_request again;
    struct enrol_layout layout;
    fuzz_require(enrol_request_encode(request, &fixture->server.id, &fixture->secret, &fixture->workstation.secret,
                                      packet.bytes, size) == PROTO_OK);
    fuzz_require(enrol_request_decode(packet.bytes, size, &again, &layout) == PROTO_OK);
    fuzz_require(fixture_same_request(&again, request));
    fuzz_require(verify(fixture, packet.bytes, size, &layout) == PROTO_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fixture fixture = {0};
    struct enrol_request request;
    struct enrol_layout layout;
    struct message_hash hash;
    struct name name;

    if (enrol_request_decode(data, size, &request, &layout) != PROTO_OK)
        return 0;
    fuzz_require(size >= PROTO_REQUEST_MIN && size <= PROTO_DATAGRAM_MAX);
    fuzz_require(layout.mac_at >= 112 && layout.mac_at + SEAL_MAC_SIZE + PROTO_SIGNATURE_SIZE <= size);
    fuzz_require(request.host.text[0] == '\0' || name_from_text(&name, request.host.text));
    fixture_server(FUZZ_SERVER, &fixture.server);
    fixture_workstation(FUZZ_WORKSTATION, &fixture.workstation);
    fuzz_require(verify(&fixture, data, size, &layout) == PROTO_MAC);
    enrol_request_hash(data, &layout, &hash);
    write_and_read_again(&fixture, &request, size);
    return 0;
}
