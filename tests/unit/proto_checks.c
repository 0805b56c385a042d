/* SPDX-License-Identifier: MIT */
#include "tests/unit/proto_checks.h"

#include "tests/unit/test_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MUTATIONS = 4000 }; /* of each kind; TEST_RUNS of the environment under valgrind */

static bool within(struct span span, size_t at)
{
    return at >= span.at && at < span.at + span.size;
}

static const struct span GATE = {MESSAGE_GATE_AT, MESSAGE_GATE_SIZE};

void check_bit_flips(enum message_kind kind, struct span uncovered)
{
    struct fixture fixture;
    struct packet valid;

    fixture_init(&fixture);
    fixture_encode(&fixture, kind, &valid);
    assert_true(seal_gate_check(&fixture.server.id.gate_key, valid.bytes, valid.size));
    for (size_t bit = 0; bit < valid.size * 8; bit++) {
        struct packet flipped = valid;
        flipped.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (seal_gate_check(&fixture.server.id.gate_key, flipped.bytes, flipped.size))
            fail_msg("bit %zu of byte %zu passes the gate", bit % 8, bit / 8);
        if (within(GATE, bit / 8))
            continue; /* to make the gate anew would undo the flip */
        forge_gate(&fixture, &flipped);
        struct verdict verdict = fixture_judge(&fixture, kind, &flipped);
        if ((verdict.result == PROTO_OK) != within(uncovered, bit / 8))
            fail_msg("bit %zu of byte %zu: %s", bit % 8, bit / 8, proto_result_name(verdict.result));
    }
}

static void assert_verdict(struct verdict verdict, enum proto_result expected)
{
    assert_string_equal(proto_result_name(verdict.result), proto_result_name(expected));
    if (expected != PROTO_OK && expected != PROTO_MAC && expected != PROTO_SIGNATURE)
        assert_true(verdict.untouched);
}

void check_changes(enum message_kind kind, const struct change *changes, size_t count)
{
    struct fixture fixture;
    fixture_init(&fixture);
    for (size_t i = 0; i < count; i++) {
        struct packet packet;
        fixture_encode(&fixture, kind, &packet);
        packet.bytes[changes[i].at] = changes[i].value;
        forge_sign(&fixture, kind, &packet);
        assert_verdict(fixture_judge(&fixture, kind, &packet), changes[i].expected);
    }
}

void check_header(enum message_kind kind)
{
    const struct change changes[] = {
        {0, 'p', PROTO_MAGIC},
        {3, 'O', PROTO_MAGIC},
        {4, 0, PROTO_VERSION_UNKNOWN},
        {4, PROTO_VERSION, PROTO_OK},
        {4, PROTO_VERSION + 1, PROTO_VERSION_UNKNOWN},
        {5, 0, PROTO_TYPE},
        {5, 0x7f, PROTO_TYPE},
        {6, 0x01, PROTO_OK},
        {6, 0x0f, PROTO_OK},
        {6, 0x10, PROTO_FLAGS},
        {6, 0x80, PROTO_FLAGS},
        {7, AUTH_NONE, PROTO_AUTH},
        {7, AUTH_RESUMPTION, PROTO_AUTH},
        {7, AUTH_CPACE, PROTO_AUTH},
        {7, 0xff, PROTO_AUTH},
    };
    check_changes(kind, changes, sizeof changes / sizeof changes[0]);
    check_length(kind, 0, PROTO_SHORT);
    check_length(kind, PROTO_HEADER_SIZE - 1, PROTO_SHORT);
    check_length(kind, PROTO_HEADER_SIZE, PROTO_SHORT);
    check_length(kind, PROTO_DATAGRAM_MAX + 1, PROTO_LONG);
}

void check_length(enum message_kind kind, size_t size, enum proto_result expected)
{
    struct fixture fixture;
    struct packet packet = {.size = 0};

    fixture_init(&fixture);
    fixture_encode(&fixture, kind, &packet);
    packet.size = size;
    forge_sign(&fixture, kind, &packet);
    assert_verdict(fixture_judge(&fixture, kind, &packet), expected);
}

void check_every_cut(enum message_kind kind)
{
    struct fixture fixture;
    struct packet valid;

    fixture_init(&fixture);
    fixture_encode(&fixture, kind, &valid);
    for (size_t size = 0; size < valid.size; size++) {
        struct packet cut = valid;
        cut.size = size;
        forge_sign(&fixture, kind, &cut);
        struct verdict verdict = fixture_judge(&fixture, kind, &cut);
        bool named = verdict.result == PROTO_SHORT || verdict.result == PROTO_LENGTH;
        if (!named || !verdict.untouched)
            fail_msg("%zu of %zu bytes: %s", size, valid.size, proto_result_name(verdict.result));
    }
}

void check_fields(enum message_kind kind, const uint8_t *fields, size_t size, enum proto_result expected)
{
    const struct wire_reader added = wire_reader_over(fields, size);
    struct fixture fixture;
    struct packet packet;

    fixture_init(&fixture);
    fixture_encode(&fixture, kind, &packet);
    forge_add_fields(&fixture, kind, &packet, &added);
    assert_verdict(fixture_judge(&fixture, kind, &packet), expected);
}

#define CHECK_FIELDS(kind, expected, ...)                                                                              \
    check_fields(kind, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), expected)

void check_optional_fields(enum message_kind kind)
{
    CHECK_FIELDS(kind, PROTO_OK, 0x7f, 0);
    CHECK_FIELDS(kind, PROTO_OK, 0x40, 3, 'a', 'b', 'c');
    CHECK_FIELDS(kind, PROTO_OK, 0x00, 1, 0xff);
    CHECK_FIELDS(kind, PROTO_OK, 0x40, 1, 'a', 0x40, 1, 'b');
    CHECK_FIELDS(kind, PROTO_CRITICAL, 0x80, 0);
    CHECK_FIELDS(kind, PROTO_CRITICAL, 0xff, 2, 0, 0);
    CHECK_FIELDS(kind, PROTO_CRITICAL, 0x40, 1, 'a', 0xc0, 1, 'b');
    CHECK_FIELDS(kind, PROTO_TLV, 0x40);
    CHECK_FIELDS(kind, PROTO_TLV, 0x40, 1);
    CHECK_FIELDS(kind, PROTO_TLV, 0x40, 4, 'a', 'b', 'c');
    CHECK_FIELDS(kind, PROTO_TLV, 0x40, 255, 'a');
    CHECK_FIELDS(kind, PROTO_TLV, 0xc0, 2, 'a');
    CHECK_FIELDS(kind, PROTO_TLV, 0x40, 1, 'a', 0x40, 2, 'b');
}

static void change_some(struct test_random *random, struct packet *packet)
{
    for (size_t left = 1 + test_random_below(random, 4); left > 0 && packet->size > 0; left--)
        packet->bytes[test_random_below(random, packet->size)] = test_random_byte(random);
}

static void change_size(struct test_random *random, struct packet *packet)
{
    size_t size = test_random_below(random, PACKET_MAX);
    for (size_t i = packet->size; i < size; i++)
        packet->bytes[i] = test_random_byte(random);
    packet->size = size;
}

/* Takes a piece out or doubles it. */
static void move_tail(struct test_random *random, struct packet *packet)
{
    size_t from = test_random_below(random, packet->size);
    size_t to = test_random_below(random, packet->size);
    size_t tail = packet->size - from;
    if (to + tail > PACKET_MAX)
        tail = PACKET_MAX - to;
    memmove(packet->bytes + to, packet->bytes + from, tail);
    packet->size = to + tail;
}

static void mutate(struct test_random *random, enum message_kind kind, struct packet *packet)
{
    size_t fields_at = forge_fields_at(kind, packet);
    switch (test_random_below(random, 5)) {
    case 0:
        change_size(random, packet);
        break;
    case 1:
        move_tail(random, packet);
        break;
    case 2: /* the fixed part's end, where counts and lengths stand, and the optional fields */
        for (size_t at = fields_at - 4; at < fields_at + 8; at++)
            packet->bytes[at] = test_random_byte(random);
        break;
    case 3:
        forge_put_u16(packet, fields_at - 4, test_random_below(random, 600));
        break;
    default:
        change_some(random, packet);
        break;
    }
}

static bool same_but_for(const struct packet *a, const struct packet *b, struct span span)
{
    if (a->size != b->size)
        return false;
    for (size_t i = 0; i < a->size; i++) {
        if (a->bytes[i] != b->bytes[i] && !within(span, i) && !within(GATE, i))
            return false;
    }
    return true;
}

/* A reason that decoding or proofs have. */
static bool has_named_reason(struct verdict verdict)
{
    switch (verdict.result) {
    case PROTO_OK:
    case PROTO_MAC:
    case PROTO_SIGNATURE:
        return true;
    case PROTO_SHORT:
    case PROTO_LONG:
    case PROTO_MAGIC:
    case PROTO_VERSION_UNKNOWN:
    case PROTO_TYPE:
    case PROTO_FLAGS:
    case PROTO_AUTH:
    case PROTO_LENGTH:
    case PROTO_FIELD:
    case PROTO_TLV:
    case PROTO_CRITICAL:
    case PROTO_PADDING:
        return verdict.untouched;
    case PROTO_HINT:
    case PROTO_GATE:
    case PROTO_SPACE:
        return false;
    }
    return false;
}

void check_mutations(enum message_kind kind, struct span uncovered)
{
    struct test_random random = test_random_start();
    const size_t rounds = test_random_rounds(MUTATIONS);
    struct fixture fixture;
    struct packet valid;

    fixture_init(&fixture);
    fixture_encode(&fixture, kind, &valid);
    for (size_t round = 0; round < rounds; round++) {
        struct packet packet = valid;
        mutate(&random, kind, &packet);
        bool same = same_but_for(&packet, &valid, uncovered);
        struct verdict damaged = fixture_judge(&fixture, kind, &packet);
        if (!has_named_reason(damaged) || (damaged.result == PROTO_OK) != same)
            fail_msg("TEST_SEED=%llu round %zu: %s", random.seed, round, proto_result_name(damaged.result));
        forge_sign(&fixture, kind, &packet);
        if (!has_named_reason(fixture_judge(&fixture, kind, &packet)))
            fail_msg("TEST_SEED=%llu round %zu, proofs made anew", random.seed, round);
    }
}
