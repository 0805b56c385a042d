/* SPDX-License-Identifier: MIT */
#include "tests/unit/proto_fixture.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void make_keys(uint8_t seed, uint8_t public_key[32], uint8_t secret[64])
{
    uint8_t bytes[crypto_sign_ed25519_SEEDBYTES];
    if (sodium_init() < 0)
        abort();
    memset(bytes, seed, sizeof bytes);
    if (crypto_sign_ed25519_seed_keypair(public_key, secret, bytes) != 0)
        abort();
}

void fixture_server(uint8_t seed, struct server_keys *out)
{
    struct server_public public_key;
    make_keys(seed, public_key.bytes, out->secret.bytes);
    seal_server_id(&public_key, &out->id);
}

void fixture_workstation(uint8_t seed, struct workstation_keys *out)
{
    make_keys(seed, out->public_key.bytes, out->secret.bytes);
}

void fixture_fill(uint8_t *out, size_t size, uint8_t first)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(first + i);
}

static void set_name(struct name *out, const char *text)
{
    *out = (struct name){{0}};
    memcpy(out->text, text, strlen(text));
}

void fixture_endpoint(uint8_t number, struct endpoint *out)
{
    *out = (struct endpoint){.family = number % 2 ? ENDPOINT_IPV6 : ENDPOINT_IPV4,
                             .flags = (uint8_t)(number % 8),
                             .port = (uint16_t)(PROTO_QUERY_PORT + number)};
    fixture_fill(out->addr, out->family == ENDPOINT_IPV4 ? 4 : 16, (uint8_t)(number + 10));
}

void fixture_query(struct query *out)
{
    *out = (struct query){.probe = 0x01020304, .roster_generation_seen = 0x05060708};
    fixture_fill(out->cookie.bytes, sizeof out->cookie.bytes, 0x20);
    fixture_fill(out->workstation.bytes, sizeof out->workstation.bytes, 0x40);
    fixture_fill(out->nonce.bytes, sizeof out->nonce.bytes, 0x60);
}

void fixture_answer(uint8_t count, struct answer *out)
{
    *out = (struct answer){.probe = 0x01020304,
                           .roster_generation = 0x05060708,
                           .serial = 0x1112131415161718,
                           .trust_s = 3600,
                           .order = 2,
                           .port = PROTO_SERVICE_PORT,
                           .count = count};
    fixture_fill(out->nonce.bytes, sizeof out->nonce.bytes, 0x60);
    fixture_fill(out->instance.bytes, sizeof out->instance.bytes, 0x80);
    fixture_endpoint(1, &out->arrived);
    fixture_endpoint(2, &out->seen);
    for (uint8_t i = 0; i < count; i++)
        fixture_endpoint((uint8_t)(3 + i), &out->endpoints[i]);
    set_name(&out->host, "practice-server");
}

void fixture_announcement(struct announcement *out)
{
    *out = (struct announcement){.serial = 0x1112131415161718, .reason = ANNOUNCE_ADDRESSES};
    fixture_fill(out->instance.bytes, sizeof out->instance.bytes, 0x80);
}

void fixture_enrol_request(const struct fixture *fixture, struct enrol_request *out)
{
    *out = (struct enrol_request){.workstation = fixture->workstation.public_key};
    fixture_fill(out->cookie.bytes, sizeof out->cookie.bytes, 0x20);
    fixture_fill(out->selector.bytes, sizeof out->selector.bytes, 0x90);
    fixture_fill(out->transaction.bytes, sizeof out->transaction.bytes, 0xa0);
    set_name(&out->host, "reception-1");
}

void fixture_enrol_reply(const struct fixture *fixture, struct enrol_reply *out)
{
    *out = (struct enrol_reply){
        .workstation = fixture->workstation.public_key, .result = ENROL_ACCEPTED, .roster_generation = 0x05060708};
    fixture_fill(out->selector.bytes, sizeof out->selector.bytes, 0x90);
    fixture_fill(out->transaction.bytes, sizeof out->transaction.bytes, 0xa0);
    set_name(&out->practice, "Praxis Dr. M\xc3\xbcller");
    set_name(&out->name, "reception-1");
}

void fixture_token(const struct fixture *fixture, uint8_t count, struct token *out)
{
    *out = (struct token){
        .server = fixture->server.id.public_key, .secret = fixture->secret, .port = PROTO_QUERY_PORT, .count = count};
    fixture_fill(out->selector.bytes, sizeof out->selector.bytes, 0x90);
    set_name(&out->practice, "Praxis Dr. M\xc3\xbcller");
    for (uint8_t i = 0; i < count; i++)
        fixture_endpoint(i, &out->endpoints[i]);
}

static void hash_requests(struct fixture *fixture)
{
    struct packet packet;
    struct query query;
    struct query_layout query_layout;
    struct enrol_request request;
    struct enrol_layout enrol_layout;

    fixture_encode(fixture, KIND_QUERY, &packet);
    if (query_decode(packet.bytes, packet.size, &query, &query_layout) != PROTO_OK)
        abort();
    query_hash(packet.bytes, &query_layout, &fixture->query);
    fixture_encode(fixture, KIND_ENROL_REQUEST, &packet);
    if (enrol_request_decode(packet.bytes, packet.size, &request, &enrol_layout) != PROTO_OK)
        abort();
    enrol_request_hash(packet.bytes, &enrol_layout, &fixture->request);
}

void fixture_init(struct fixture *out)
{
    *out = (struct fixture){0};
    fixture_server(1, &out->server);
    fixture_workstation(2, &out->workstation);
    fixture_fill(out->secret.bytes, sizeof out->secret.bytes, 0xc0);
    hash_requests(out);
}

static struct answer_context answer_context_of(const struct fixture *fixture)
{
    return (struct answer_context){.server = &fixture->server.id, .query = fixture->query};
}

static struct enrol_context enrol_context_of(const struct fixture *fixture)
{
    return (struct enrol_context){
        .server = &fixture->server.id, .secret = &fixture->secret, .request = fixture->request};
}

static size_t encode_query(const struct fixture *fixture, uint8_t *out)
{
    struct query query;
    fixture_query(&query);
    enum proto_result result =
        query_encode(&query, &fixture->server.id, &fixture->workstation.secret, out, PROTO_REQUEST_MIN);
    return result == PROTO_OK ? PROTO_REQUEST_MIN : 0;
}

static size_t encode_answer(const struct fixture *fixture, uint8_t *out)
{
    const struct answer_context context = answer_context_of(fixture);
    struct answer answer;
    fixture_answer(3, &answer);
    return answer_encode(&answer, &context, &fixture->server.secret, out, PROTO_REQUEST_MIN);
}

static size_t encode_announcement(const struct fixture *fixture, uint8_t *out)
{
    struct announcement announcement;
    fixture_announcement(&announcement);
    announcement_encode(&announcement, &fixture->server.id, &fixture->server.secret, out);
    return ANNOUNCEMENT_SIZE;
}

static size_t encode_request(const struct fixture *fixture, uint8_t *out)
{
    struct enrol_request request;
    fixture_enrol_request(fixture, &request);
    enum proto_result result = enrol_request_encode(&request, &fixture->server.id, &fixture->secret,
                                                    &fixture->workstation.secret, out, PROTO_REQUEST_MIN);
    return result == PROTO_OK ? PROTO_REQUEST_MIN : 0;
}

static size_t encode_reply(const struct fixture *fixture, uint8_t *out)
{
    const struct enrol_context context = enrol_context_of(fixture);
    struct enrol_reply reply;
    fixture_enrol_reply(fixture, &reply);
    return enrol_reply_encode(&reply, &context, &fixture->server.secret, out, PROTO_REQUEST_MIN);
}

void fixture_encode(const struct fixture *fixture, enum message_kind kind, struct packet *out)
{
    switch (kind) {
    case KIND_QUERY:
        out->size = encode_query(fixture, out->bytes);
        return;
    case KIND_ANSWER:
        out->size = encode_answer(fixture, out->bytes);
        return;
    case KIND_ANNOUNCEMENT:
        out->size = encode_announcement(fixture, out->bytes);
        return;
    case KIND_ENROL_REQUEST:
        out->size = encode_request(fixture, out->bytes);
        return;
    case KIND_ENROL_REPLY:
        out->size = encode_reply(fixture, out->bytes);
        return;
    }
}

/* Everything that a decoder may write, filled with a pattern first. */
struct outputs {
    union {
        struct query query;
        struct answer answer;
        struct announcement announcement;
        struct enrol_request request;
        struct enrol_reply reply;
    } as;
    struct query_layout query_layout;
    struct enrol_layout enrol_layout;
};

static enum proto_result decode(enum message_kind kind, const uint8_t *bytes, size_t size, struct outputs *out)
{
    switch (kind) {
    case KIND_QUERY:
        return query_decode(bytes, size, &out->as.query, &out->query_layout);
    case KIND_ANSWER:
        return answer_decode(bytes, size, &out->as.answer);
    case KIND_ANNOUNCEMENT:
        return announcement_decode(bytes, size, &out->as.announcement);
    case KIND_ENROL_REQUEST:
        return enrol_request_decode(bytes, size, &out->as.request, &out->enrol_layout);
    case KIND_ENROL_REPLY:
        return enrol_reply_decode(bytes, size, &out->as.reply, &out->enrol_layout);
    }
    abort();
}

static enum proto_result verify_enrolment(const struct fixture *fixture, enum message_kind kind, struct wire_reader in,
                                          const struct outputs *decoded)
{
    const struct enrol_context context = enrol_context_of(fixture);
    if (kind == KIND_ENROL_REPLY)
        return enrol_reply_verify(in.bytes, in.size, &decoded->enrol_layout, &context);
    return enrol_request_verify(in.bytes, in.size, &decoded->enrol_layout, &fixture->server.id, &fixture->secret,
                                &decoded->as.request.workstation);
}

static enum proto_result verify(const struct fixture *fixture, enum message_kind kind, struct wire_reader in,
                                const struct outputs *decoded)
{
    const struct answer_context context = answer_context_of(fixture);
    bool right = false;

    switch (kind) {
    case KIND_QUERY:
        right = query_verify(in.bytes, in.size, &decoded->query_layout, &fixture->server.id.public_key,
                             &fixture->workstation.public_key);
        break;
    case KIND_ANSWER:
        right = answer_verify(in.bytes, in.size, &context);
        break;
    case KIND_ANNOUNCEMENT:
        right = announcement_verify(in.bytes, &fixture->server.id);
        break;
    case KIND_ENROL_REQUEST:
    case KIND_ENROL_REPLY:
        return verify_enrolment(fixture, kind, in, decoded);
    }
    return right ? PROTO_OK : PROTO_SIGNATURE;
}

struct verdict fixture_judge(const struct fixture *fixture, enum message_kind kind, const struct packet *packet)
{
    struct outputs outputs;
    struct outputs before;
    struct verdict verdict;
    uint8_t *exact = malloc(packet->size); /* so that ASan sees a read beyond the end */

    if (packet->size > 0 && !exact)
        abort();
    if (packet->size > 0)
        memcpy(exact, packet->bytes, packet->size);
    memset(&outputs, 0xa5, sizeof outputs);
    memset(&before, 0xa5, sizeof before);
    verdict.result = decode(kind, exact, packet->size, &outputs);
    verdict.untouched = memcmp(&outputs, &before, sizeof outputs) == 0;
    if (verdict.result == PROTO_OK)
        verdict.result = verify(fixture, kind, wire_reader_over(exact, packet->size), &outputs);
    free(exact);
    return verdict;
}

#define SAME(a, b) (memcmp((a).bytes, (b).bytes, sizeof(a).bytes) == 0)

static bool same_name(const struct name *a, const struct name *b)
{
    return memcmp(a->text, b->text, sizeof a->text) == 0;
}

bool fixture_same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
    return a->family == b->family && a->flags == b->flags && a->port == b->port &&
           memcmp(a->addr, b->addr, sizeof a->addr) == 0;
}

static bool same_endpoints(const struct endpoint *a, const struct endpoint *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!fixture_same_endpoint(&a[i], &b[i]))
            return false;
    }
    return true;
}

bool fixture_same_query(const struct query *a, const struct query *b)
{
    return SAME(a->cookie, b->cookie) && SAME(a->workstation, b->workstation) && SAME(a->nonce, b->nonce) &&
           a->probe == b->probe && a->roster_generation_seen == b->roster_generation_seen;
}

bool fixture_same_answer(const struct answer *a, const struct answer *b)
{
    return SAME(a->nonce, b->nonce) && a->probe == b->probe && a->roster_generation == b->roster_generation &&
           SAME(a->instance, b->instance) && a->serial == b->serial && a->trust_s == b->trust_s &&
           a->status == b->status && a->order == b->order && a->port == b->port && a->more == b->more &&
           a->count == b->count && fixture_same_endpoint(&a->arrived, &b->arrived) &&
           fixture_same_endpoint(&a->seen, &b->seen) && same_name(&a->host, &b->host) &&
           same_endpoints(a->endpoints, b->endpoints, a->count);
}

bool fixture_same_announcement(const struct announcement *a, const struct announcement *b)
{
    return SAME(a->instance, b->instance) && a->serial == b->serial && a->reason == b->reason;
}

bool fixture_same_request(const struct enrol_request *a, const struct enrol_request *b)
{
    return SAME(a->cookie, b->cookie) && SAME(a->selector, b->selector) && SAME(a->transaction, b->transaction) &&
           SAME(a->workstation, b->workstation) && same_name(&a->host, &b->host);
}

bool fixture_same_reply(const struct enrol_reply *a, const struct enrol_reply *b)
{
    return SAME(a->selector, b->selector) && SAME(a->transaction, b->transaction) &&
           SAME(a->workstation, b->workstation) && a->result == b->result &&
           a->roster_generation == b->roster_generation && same_name(&a->practice, &b->practice) &&
           same_name(&a->name, &b->name);
}

bool fixture_same_token(const struct token *a, const struct token *b)
{
    return SAME(a->server, b->server) && SAME(a->selector, b->selector) && SAME(a->secret, b->secret) &&
           same_name(&a->practice, &b->practice) && a->port == b->port && a->count == b->count &&
           same_endpoints(a->endpoints, b->endpoints, a->count);
}
