/* SPDX-License-Identifier: MIT */
#include "proto/message.h"
#include "tests/unit/proto_checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { COOKIE_AT = 32, FIELDS_SIZE_AT = 88, FIELDS_AT = 92 };

static const struct span COOKIE = {COOKIE_AT, sizeof(struct cookie)};

/* A valid query with what it decodes to. */
struct sample {
    struct fixture fixture;
    struct packet packet;
    struct query query;
    struct query_layout layout;
};

static void make_sample(struct sample *out)
{
    fixture_init(&out->fixture);
    fixture_encode(&out->fixture, KIND_QUERY, &out->packet);
    assert_int_equal(query_decode(out->packet.bytes, out->packet.size, &out->query, &out->layout), PROTO_OK);
}

static bool verify(const struct sample *sample)
{
    return query_verify(sample->packet.bytes, sample->packet.size, &sample->layout,
                        &sample->fixture.server.id.public_key, &sample->fixture.workstation.public_key);
}

static void a_query_is_read_as_it_was_written(void **state)
{
    (void)state;
    const size_t sizes[] = {PROTO_REQUEST_MIN, PROTO_REQUEST_MIN + 1, PROTO_DATAGRAM_MAX};
    struct sample sample;
    struct query query;

    make_sample(&sample);
    fixture_query(&query);
    for (size_t i = 0; i < 3; i++) {
        struct packet *packet = &sample.packet;
        packet->size = sizes[i];
        assert_int_equal(query_encode(&query, &sample.fixture.server.id, &sample.fixture.workstation.secret,
                                      packet->bytes, packet->size),
                         PROTO_OK);
        assert_int_equal(query_decode(packet->bytes, packet->size, &sample.query, &sample.layout), PROTO_OK);
        assert_true(fixture_same_query(&sample.query, &query));
        assert_true(seal_gate_check(&sample.fixture.server.id.gate_key, packet->bytes, packet->size));
        assert_true(verify(&sample));
    }
}

static void fields_stand_where_the_protocol_puts_them(void **state)
{
    (void)state;
    const uint8_t numbers[] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0};
    struct sample sample;
    make_sample(&sample);
    const uint8_t *bytes = sample.packet.bytes;
    assert_memory_equal(bytes, "PrLo\x01\x01\x00\x01", 8);
    assert_memory_equal(bytes + 8, &sample.fixture.server.id.hint, 8);
    assert_memory_equal(bytes + 32, &sample.query.cookie, 16);
    assert_memory_equal(bytes + 48, &sample.query.workstation, 16);
    assert_memory_equal(bytes + 64, &sample.query.nonce, 16);
    assert_memory_equal(bytes + 80, numbers, sizeof numbers);
    assert_int_equal(sample.layout.signature_at, FIELDS_AT);
}

static void a_query_is_signed_as_documented(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    struct packet forged = sample.packet;
    memset(forged.bytes + sample.layout.signature_at, 0, PROTO_SIGNATURE_SIZE);
    forge_sign(&sample.fixture, KIND_QUERY, &forged);
    assert_memory_equal(forged.bytes, sample.packet.bytes, sample.packet.size);
}

static void padding_is_zeros_to_the_size_asked_for(void **state)
{
    (void)state;
    const uint8_t zeros[PROTO_REQUEST_MIN] = {0};
    const size_t padding_at = FIELDS_AT + PROTO_SIGNATURE_SIZE;
    struct sample sample;
    make_sample(&sample);
    assert_memory_equal(sample.packet.bytes + padding_at, zeros, sample.packet.size - padding_at);
}

static void a_size_out_of_range_has_no_room(void **state)
{
    (void)state;
    const size_t sizes[] = {0, PROTO_REQUEST_MIN - 1, PROTO_DATAGRAM_MAX + 1};
    struct sample sample;
    make_sample(&sample);
    for (size_t i = 0; i < 3; i++) {
        uint8_t untouched[PACKET_MAX];
        uint8_t out[PACKET_MAX];
        memset(untouched, 0xa5, sizeof untouched);
        memset(out, 0xa5, sizeof out);
        assert_int_equal(
            query_encode(&sample.query, &sample.fixture.server.id, &sample.fixture.workstation.secret, out, sizes[i]),
            PROTO_SPACE);
        assert_memory_equal(out, untouched, sizeof out);
    }
}

static void a_damaged_header_has_a_named_reason(void **state)
{
    (void)state;
    const struct change changes[] = {{5, MESSAGE_ANSWER, PROTO_TYPE}, {7, AUTH_TOKEN, PROTO_AUTH}};
    check_header(KIND_QUERY);
    check_changes(KIND_QUERY, changes, 2);
}

static void queries_of_512_to_1232_bytes_are_taken(void **state)
{
    (void)state;
    check_length(KIND_QUERY, PROTO_REQUEST_MIN - 1, PROTO_SHORT);
    check_length(KIND_QUERY, PROTO_REQUEST_MIN, PROTO_OK);
    check_length(KIND_QUERY, PROTO_REQUEST_MIN + 1, PROTO_OK);
    check_length(KIND_QUERY, PROTO_DATAGRAM_MAX, PROTO_OK);
    check_length(KIND_QUERY, PROTO_DATAGRAM_MAX + 1, PROTO_LONG);
    check_every_cut(KIND_QUERY);
}

static void a_signature_holds_for_one_length_only(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    memset(sample.packet.bytes + sample.packet.size, 0, 1);
    sample.packet.size++;
    forge_gate(&sample.fixture, &sample.packet);
    assert_int_equal(fixture_judge(&sample.fixture, KIND_QUERY, &sample.packet).result, PROTO_SIGNATURE);
}

static enum proto_result judge_with_fields_size(size_t size)
{
    struct sample sample;
    make_sample(&sample);
    memset(sample.packet.bytes + FIELDS_AT, 0, sample.packet.size - FIELDS_AT);
    forge_put_u16(&sample.packet, FIELDS_SIZE_AT, size);
    forge_sign(&sample.fixture, KIND_QUERY, &sample.packet);
    return fixture_judge(&sample.fixture, KIND_QUERY, &sample.packet).result;
}

static void optional_fields_may_fill_all_but_the_signatures_room(void **state)
{
    (void)state;
    const size_t most = PROTO_REQUEST_MIN - FIELDS_AT - PROTO_SIGNATURE_SIZE;
    assert_int_equal(judge_with_fields_size(most), PROTO_OK); /* pairs of zeros: fields of type 0 without a value */
    assert_int_equal(judge_with_fields_size(most + 1), PROTO_LENGTH);
    assert_int_equal(judge_with_fields_size(UINT16_MAX), PROTO_LENGTH);
}

static void optional_fields_are_skipped_and_critical_ones_are_not(void **state)
{
    (void)state;
    const uint8_t host_name[] = {FIELD_HOST_NAME, 1, 'a'};
    const uint8_t enrol_result[] = {FIELD_ENROL_RESULT, 1, 0};
    check_optional_fields(KIND_QUERY);
    check_fields(KIND_QUERY, host_name, sizeof host_name, PROTO_OK);
    check_fields(KIND_QUERY, enrol_result, sizeof enrol_result, PROTO_CRITICAL);
}

static void padding_other_than_zeros_is_refused(void **state)
{
    (void)state;
    const struct change changes[] = {
        {FIELDS_AT + PROTO_SIGNATURE_SIZE, 1, PROTO_PADDING},
        {PROTO_REQUEST_MIN - 1, 0x80, PROTO_PADDING},
        {PROTO_REQUEST_MIN - 1, 0, PROTO_OK},
    };
    check_changes(KIND_QUERY, changes, 3);
}

static void the_reserved_number_may_be_used_by_later_versions(void **state)
{
    (void)state;
    const struct change changes[] = {{90, 0xff, PROTO_OK}, {91, 1, PROTO_OK}};
    check_changes(KIND_QUERY, changes, 2);
}

static void no_flipped_bit_passes_but_in_the_cookie(void **state)
{
    (void)state;
    check_bit_flips(KIND_QUERY, COOKIE);
}

static void no_mutation_passes(void **state)
{
    (void)state;
    check_mutations(KIND_QUERY, COOKIE);
}

static void a_query_signed_by_another_workstation_is_refused(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    struct fixture other = sample.fixture;
    fixture_workstation(9, &other.workstation);
    forge_sign(&other, KIND_QUERY, &sample.packet);
    assert_true(fixture_judge(&other, KIND_QUERY, &sample.packet).result == PROTO_OK);
    assert_int_equal(fixture_judge(&sample.fixture, KIND_QUERY, &sample.packet).result, PROTO_SIGNATURE);
}

static void a_query_to_another_server_is_refused(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    struct fixture other = sample.fixture;
    fixture_server(9, &other.server);
    forge_gate(&other, &sample.packet); /* relayed by somebody enrolled at both */
    assert_int_equal(fixture_judge(&other, KIND_QUERY, &sample.packet).result, PROTO_SIGNATURE);
}

static void a_signature_made_for_another_purpose_is_refused(void **state)
{
    (void)state;
    const char *const labels[] = {"PrLo1 answer", "PrLo1 announce", "PrLo1 enrol", "PrLo1 query"};
    struct sample sample;
    make_sample(&sample);
    for (size_t i = 0; i < 4; i++) {
        const struct seal_scope scope = {labels[i], sample.fixture.server.id.public_key.bytes, 48, FIELDS_AT};
        struct seal_digest digest;
        forge_digest(&scope, &sample.packet, &digest);
        seal_sign_workstation(&sample.fixture.workstation.secret, &digest, sample.packet.bytes + FIELDS_AT);
        assert_int_equal(verify(&sample), i == 3);
    }
}

static void a_retry_with_a_cookie_needs_no_new_signature_and_has_the_same_hash(void **state)
{
    (void)state;
    struct sample sample;
    struct message_hash hash;
    make_sample(&sample);
    memset(sample.packet.bytes + COOKIE_AT, 0xcc, sizeof(struct cookie));
    forge_gate(&sample.fixture, &sample.packet);
    assert_true(seal_gate_check(&sample.fixture.server.id.gate_key, sample.packet.bytes, sample.packet.size));
    assert_true(verify(&sample));
    query_hash(sample.packet.bytes, &sample.layout, &hash);
    assert_memory_equal(&hash, &sample.fixture.query, sizeof hash);
}

static void every_signed_byte_and_the_signature_change_the_hash(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    size_t end = sample.layout.signature_at + PROTO_SIGNATURE_SIZE;
    for (size_t at = 0; at < sample.packet.size; at++) {
        struct packet changed = sample.packet;
        struct message_hash hash;
        changed.bytes[at] ^= 1;
        query_hash(changed.bytes, &sample.layout, &hash);
        bool differs = memcmp(&hash, &sample.fixture.query, sizeof hash) != 0;
        if (differs != (at < 16 || (at >= 48 && at < end)))
            fail_msg("byte %zu", at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_read_as_it_was_written),
        cmocka_unit_test(fields_stand_where_the_protocol_puts_them),
        cmocka_unit_test(a_query_is_signed_as_documented),
        cmocka_unit_test(padding_is_zeros_to_the_size_asked_for),
        cmocka_unit_test(a_size_out_of_range_has_no_room),
        cmocka_unit_test(a_damaged_header_has_a_named_reason),
        cmocka_unit_test(queries_of_512_to_1232_bytes_are_taken),
        cmocka_unit_test(a_signature_holds_for_one_length_only),
        cmocka_unit_test(optional_fields_may_fill_all_but_the_signatures_room),
        cmocka_unit_test(optional_fields_are_skipped_and_critical_ones_are_not),
        cmocka_unit_test(padding_other_than_zeros_is_refused),
        cmocka_unit_test(the_reserved_number_may_be_used_by_later_versions),
        cmocka_unit_test(no_flipped_bit_passes_but_in_the_cookie),
        cmocka_unit_test(no_mutation_passes),
        cmocka_unit_test(a_query_signed_by_another_workstation_is_refused),
        cmocka_unit_test(a_query_to_another_server_is_refused),
        cmocka_unit_test(a_signature_made_for_another_purpose_is_refused),
        cmocka_unit_test(a_retry_with_a_cookie_needs_no_new_signature_and_has_the_same_hash),
        cmocka_unit_test(every_signed_byte_and_the_signature_change_the_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
