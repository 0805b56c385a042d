/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/proto_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct server_keys server;
    struct announcement announcement;
    struct announcement again;
    uint8_t bytes[ANNOUNCEMENT_SIZE];

    if (announcement_decode(data, size, &announcement) != PROTO_OK)
        return 0;
    fuzz_require(size == ANNOUNCEMENT_SIZE);
    fixture_server(FUZZ_SERVER, &server);
    fuzz_require(!announcement_verify(data, &server.id));
    announcement_encode(&announcement, &server.id, &server.secret, bytes);
    fuzz_require(announcement_decode(bytes, sizeof bytes, &again) == PROTO_OK);
    fuzz_require(fixture_same_announcement(&again, &announcement));
    fuzz_require(announcement_verify(bytes, &server.id));
    return 0;
}
