/* SPDX-License-Identifier: MIT */
#include "proto/name.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/proto_fixture.h"

static void require_endpoint(const struct endpoint *endpoint)
{
    const struct endpoint none = {.family = ENDPOINT_NONE};
    bool known = endpoint->family == ENDPOINT_IPV4 || endpoint->family == ENDPOINT_IPV6;
    fuzz_require(known || fixture_same_endpoint(endpoint, &none));
    for (size_t i = 4; i < sizeof endpoint->addr; i++)
        fuzz_require(endpoint->family == ENDPOINT_IPV6 || endpoint->addr[i] == 0);
}

static void require_fields(const struct answer *answer)
{
    struct name name;
    fuzz_require(answer->status <= ANSWER_LEAVING && answer->count <= PROTO_ENDPOINTS_MAX);
    fuzz_require(answer->status != ANSWER_REFUSED || answer->count == 0);
    fuzz_require(answer->host.text[0] == '\0' || name_from_text(&name, answer->host.text));
    require_endpoint(&answer->arrived);
    require_endpoint(&answer->seen);
    for (size_t i = 0; i < answer->count; i++)
        require_endpoint(&answer->endpoints[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fixture fixture = {0};
    struct packet packet;
    struct answer answer;
    struct answer again;

    if (answer_decode(data, size, &answer) != PROTO_OK)
        return 0;
    require_fields(&answer);
    fixture_server(FUZZ_SERVER, &fixture.server);
    const struct answer_context context = {.server = &fixture.server.id};
    fuzz_require(!answer_verify(data, size, &context));
    packet.size = answer_encode(&answer, &context, &fixture.server.secret, packet.bytes, PROTO_DATAGRAM_MAX);
    fuzz_require(answer_decode(packet.bytes, packet.size, &again) == PROTO_OK);
    fuzz_require(fixture_same_answer(&again, &answer));
    fuzz_require(answer_verify(packet.bytes, packet.size, &context));
    return 0;
}
