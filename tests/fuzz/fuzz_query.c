/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/proto_fixture.h"

static void write_and_read_again(const struct fixture *fixture, const struct query *query, size_t size)
{
    struct packet packet;
    struct query again;
    struct query_layout layout;
    fuzz_require(query_encode(query, &fixture->server.id, &fixture->workstation.secret, packet.bytes, size) ==
                 PROTO_OK);
    fuzz_require(query_decode(packet.bytes, size, &again, &layout) == PROTO_OK);
    fuzz_require(fixture_same_query(&again, query));
    fuzz_require(
        query_verify(packet.bytes, size, &layout, &fixture->server.id.public_key, &fixture->workstation.public_key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct query query;
    struct query_layout layout;
    struct fixture fixture;
    struct message_hash hash;

    if (query_decode(data, size, &query, &layout) != PROTO_OK)
        return 0;
    fuzz_require(size >= PROTO_REQUEST_MIN && size <= PROTO_DATAGRAM_MAX);
    fuzz_require(layout.signature_at >= 92 && layout.signature_at + PROTO_SIGNATURE_SIZE <= size);
    fixture_server(FUZZ_SERVER, &fixture.server);
    fixture_workstation(FUZZ_WORKSTATION, &fixture.workstation);
    fuzz_require(!query_verify(data, size, &layout, &fixture.server.id.public_key, &fixture.workstation.public_key));
    query_hash(data, &layout, &hash);
    write_and_read_again(&fixture, &query, size);
    return 0;
}
