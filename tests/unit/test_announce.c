/* SPDX-License-Identifier: MIT */
#include "proto/message.h"
#include "tests/unit/proto_checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { REASON_AT = 48, SIGNATURE_AT = 56 };

static const struct span NOTHING = {0, 0};

static void make_sample(struct fixture *fixture, struct packet *packet)
{
    fixture_init(fixture);
    fixture_encode(fixture, KIND_ANNOUNCEMENT, packet);
}

static void an_announcement_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    struct announcement expected;
    struct announcement read;

    make_sample(&fixture, &packet);
    fixture_announcement(&expected);
    assert_int_equal(packet.size, 120);
    assert_int_equal(announcement_decode(packet.bytes, packet.size, &read), PROTO_OK);
    assert_true(fixture_same_announcement(&read, &expected));
    assert_true(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, packet.size));
    assert_true(announcement_verify(packet.bytes, &fixture.server.id));
}

static void fields_stand_where_the_protocol_puts_them(void **state)
{
    (void)state;
    const uint8_t expected[] = {0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x11, 0x12, 0x13, 0x14,
                                0x15, 0x16, 0x17, 0x18, 1,    0,    0,    0,    0,    0,    0,    0};
    struct fixture fixture;
    struct packet packet;
    make_sample(&fixture, &packet);
    assert_memory_equal(packet.bytes, "PrLo\x01\x03\x00\x01", 8);
    assert_memory_equal(packet.bytes + 8, &fixture.server.id.hint, 8);
    assert_memory_equal(packet.bytes + PROTO_HEADER_SIZE, expected, sizeof expected);
}

static void an_announcement_is_signed_as_documented(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    make_sample(&fixture, &packet);
    struct packet forged = packet;
    memset(forged.bytes + SIGNATURE_AT, 0, PROTO_SIGNATURE_SIZE);
    forge_sign(&fixture, KIND_ANNOUNCEMENT, &forged);
    assert_memory_equal(forged.bytes, packet.bytes, packet.size);
}

static void a_damaged_header_has_a_named_reason(void **state)
{
    (void)state;
    const struct change changes[] = {{5, MESSAGE_ANSWER, PROTO_TYPE}, {7, AUTH_TOKEN, PROTO_AUTH}};
    check_header(KIND_ANNOUNCEMENT);
    check_changes(KIND_ANNOUNCEMENT, changes, 2);
}

static void an_announcement_has_one_length(void **state)
{
    (void)state;
    check_length(KIND_ANNOUNCEMENT, ANNOUNCEMENT_SIZE - 1, PROTO_SHORT);
    check_length(KIND_ANNOUNCEMENT, ANNOUNCEMENT_SIZE, PROTO_OK);
    check_length(KIND_ANNOUNCEMENT, ANNOUNCEMENT_SIZE + 1, PROTO_LENGTH);
    check_length(KIND_ANNOUNCEMENT, PROTO_DATAGRAM_MAX, PROTO_LENGTH);
    check_every_cut(KIND_ANNOUNCEMENT);
}

static void an_unknown_reason_and_reserved_bytes_are_taken(void **state)
{
    (void)state;
    const struct change changes[] = {{REASON_AT, 0xff, PROTO_OK}, {49, 1, PROTO_OK}, {SIGNATURE_AT - 1, 1, PROTO_OK}};
    struct fixture fixture;
    struct packet packet;
    struct announcement read;

    check_changes(KIND_ANNOUNCEMENT, changes, 3);
    make_sample(&fixture, &packet);
    packet.bytes[REASON_AT] = 0xff;
    assert_int_equal(announcement_decode(packet.bytes, packet.size, &read), PROTO_OK);
    assert_int_equal(read.reason, 0xff);
}

static void no_flipped_bit_passes(void **state)
{
    (void)state;
    check_bit_flips(KIND_ANNOUNCEMENT, NOTHING);
}

static void no_mutation_passes(void **state)
{
    (void)state;
    check_mutations(KIND_ANNOUNCEMENT, NOTHING);
}

static void an_announcement_signed_by_another_key_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    make_sample(&fixture, &packet);
    struct fixture other = fixture;
    struct server_keys keys;
    fixture_server(9, &keys);
    other.server.secret = keys.secret; /* an enrolled workstation, say, who knows the public key */
    forge_sign(&other, KIND_ANNOUNCEMENT, &packet);
    assert_true(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, packet.size));
    assert_false(announcement_verify(packet.bytes, &fixture.server.id));
}

static void an_announcement_of_another_server_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    struct server_keys other;
    make_sample(&fixture, &packet);
    fixture_server(9, &other);
    assert_false(announcement_verify(packet.bytes, &other.id));
}

static void a_signature_made_for_another_purpose_is_refused(void **state)
{
    (void)state;
    const char *const labels[] = {"PrLo1 answer", "PrLo1 query", "PrLo1 enrolled", "PrLo1 announce"};
    struct fixture fixture;
    struct packet packet;
    make_sample(&fixture, &packet);
    for (size_t i = 0; i < 4; i++) {
        const struct seal_scope scope = {labels[i], fixture.server.id.public_key.bytes, 32, SIGNATURE_AT};
        struct seal_digest digest;
        forge_digest(&scope, &packet, &digest);
        seal_sign_server(&fixture.server.secret, &digest, packet.bytes + SIGNATURE_AT);
        assert_int_equal(announcement_verify(packet.bytes, &fixture.server.id), i == 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_announcement_is_read_as_it_was_written),
        cmocka_unit_test(fields_stand_where_the_protocol_puts_them),
        cmocka_unit_test(an_announcement_is_signed_as_documented),
        cmocka_unit_test(a_damaged_header_has_a_named_reason),
        cmocka_unit_test(an_announcement_has_one_length),
        cmocka_unit_test(an_unknown_reason_and_reserved_bytes_are_taken),
        cmocka_unit_test(no_flipped_bit_passes),
        cmocka_unit_test(no_mutation_passes),
        cmocka_unit_test(an_announcement_signed_by_another_key_is_refused),
        cmocka_unit_test(an_announcement_of_another_server_is_refused),
        cmocka_unit_test(a_signature_made_for_another_purpose_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
