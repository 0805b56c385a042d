/* SPDX-License-Identifier: MIT */
#include "proto/message.h"
#include "tests/unit/proto_checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    STATUS_AT = 76,
    ARRIVED_AT = 80,
    COUNT_AT = 120,
    FLAGS_AT = 121,
    FIELDS_SIZE_AT = 122,
    FIXED_END = 124,
    LEAST = FIXED_END + PROTO_SIGNATURE_SIZE,
};

static const struct span NOTHING = {0, 0};

static void set_host(struct answer *answer, size_t size)
{
    answer->host = (struct name){{0}};
    memset(answer->host.text, 'h', size);
}

static size_t encode(const struct fixture *fixture, const struct answer *answer, uint8_t *out, size_t room)
{
    const struct answer_context context = {.server = &fixture->server.id, .query = fixture->query};
    return answer_encode(answer, &context, &fixture->server.secret, out, room);
}

/* Encodes and decodes; the size. */
static size_t round_trip(const struct answer *answer, size_t room, struct answer *read)
{
    struct fixture fixture;
    struct packet packet;
    fixture_init(&fixture);
    packet.size = encode(&fixture, answer, packet.bytes, room);
    assert_int_equal(answer_decode(packet.bytes, packet.size, read), PROTO_OK);
    assert_true(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, packet.size));
    assert_int_equal(fixture_judge(&fixture, KIND_ANSWER, &packet).result, PROTO_OK);
    return packet.size;
}

static void make_sample(struct fixture *fixture, struct packet *packet)
{
    fixture_init(fixture);
    fixture_encode(fixture, KIND_ANSWER, packet);
}

static void an_answer_is_read_as_it_was_written(void **state)
{
    (void)state;
    for (uint8_t count = 0; count <= PROTO_ENDPOINTS_MAX; count++) {
        struct answer answer;
        struct answer read;
        fixture_answer(count, &answer);
        answer.host = (struct name){{0}};
        assert_int_equal(round_trip(&answer, PROTO_REQUEST_MIN, &read), LEAST + count * PROTO_ENDPOINT_SIZE);
        assert_true(fixture_same_answer(&read, &answer));
    }
}

static void a_host_name_of_up_to_63_bytes_may_be_told(void **state)
{
    (void)state;
    for (size_t size = 0; size <= PROTO_NAME_MAX; size++) {
        struct answer answer;
        struct answer read;
        fixture_answer(3, &answer);
        set_host(&answer, size);
        round_trip(&answer, PROTO_REQUEST_MIN, &read);
        assert_true(fixture_same_answer(&read, &answer));
    }
}

static void every_status_is_told(void **state)
{
    (void)state;
    for (uint8_t status = ANSWER_OK; status <= ANSWER_LEAVING; status++) {
        struct answer answer;
        struct answer read;
        fixture_answer(0, &answer);
        answer.status = status;
        round_trip(&answer, PROTO_REQUEST_MIN, &read);
        assert_true(fixture_same_answer(&read, &answer));
    }
}

static void extreme_numbers_survive(void **state)
{
    (void)state;
    struct answer answer;
    struct answer read;
    fixture_answer(1, &answer);
    answer.probe = answer.roster_generation = answer.trust_s = UINT32_MAX;
    answer.serial = UINT64_MAX;
    answer.order = UINT8_MAX;
    answer.port = UINT16_MAX;
    answer.more = true;
    round_trip(&answer, PROTO_REQUEST_MIN, &read);
    assert_true(fixture_same_answer(&read, &answer));
}

static void fields_stand_where_the_protocol_puts_them(void **state)
{
    (void)state;
    const uint8_t numbers[] = {1,    2,    3,    4,    5,    6,    7,    8,    0x80, 0x81, 0x82,
                               0x83, 0x84, 0x85, 0x86, 0x87, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16,
                               0x17, 0x18, 0,    0,    0x0e, 0x10, 0,    2,    0x04, 0xd2};
    struct fixture fixture;
    struct packet packet;
    struct answer answer;

    make_sample(&fixture, &packet);
    fixture_answer(3, &answer);
    const uint8_t *bytes = packet.bytes;
    assert_memory_equal(bytes, "PrLo\x01\x81\x00\x01", 8);
    assert_memory_equal(bytes + 8, &fixture.server.id.hint, 8);
    assert_memory_equal(bytes + 32, &answer.nonce, 16);
    assert_memory_equal(bytes + 48, numbers, sizeof numbers);
    assert_memory_equal(bytes + 84, answer.arrived.addr, 16);
    assert_memory_equal(bytes + 104, answer.seen.addr, 16);
    assert_memory_equal(bytes + COUNT_AT, "\x03\x00\x00\x11", 4);
    assert_memory_equal(bytes + FIXED_END + 4, answer.endpoints[0].addr, 16);
    assert_memory_equal(bytes + FIXED_END + 44, answer.endpoints[2].addr, 16);
    assert_memory_equal(bytes + FIXED_END + 60, "\x01\x0fpractice-server", 17);
    assert_int_equal(packet.size, FIXED_END + 60 + 17 + PROTO_SIGNATURE_SIZE);
}

static void an_answer_is_signed_as_documented(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    make_sample(&fixture, &packet);
    struct packet forged = packet;
    memset(forged.bytes + forged.size - PROTO_SIGNATURE_SIZE, 0, PROTO_SIGNATURE_SIZE);
    forge_sign(&fixture, KIND_ANSWER, &forged);
    assert_memory_equal(forged.bytes, packet.bytes, packet.size);
}

static void room_below_the_least_query_is_no_room(void **state)
{
    (void)state;
    const size_t rooms[] = {0, LEAST - 1, LEAST, PROTO_REQUEST_MIN - 1};
    struct fixture fixture;
    struct answer answer;
    uint8_t out[PACKET_MAX];

    fixture_init(&fixture);
    fixture_answer(0, &answer);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(encode(&fixture, &answer, out, rooms[i]), 0);
    assert_true(encode(&fixture, &answer, out, PROTO_REQUEST_MIN) > 0);
}

static void the_list_is_cut_from_its_end_and_marked(void **state)
{
    (void)state;
    struct answer answer;
    struct answer read;
    fixture_answer(PROTO_ENDPOINTS_MAX, &answer);

    set_host(&answer, 2); /* the last that leaves room for all */
    assert_int_equal(round_trip(&answer, PROTO_REQUEST_MIN, &read), PROTO_REQUEST_MIN);
    assert_int_equal(read.count, PROTO_ENDPOINTS_MAX);
    assert_false(read.more);

    set_host(&answer, 3);
    round_trip(&answer, PROTO_REQUEST_MIN, &read);
    assert_true(read.more);
    answer.count = PROTO_ENDPOINTS_MAX - 1;
    answer.more = true;
    assert_true(fixture_same_answer(&read, &answer));

    set_host(&answer, PROTO_NAME_MAX);
    round_trip(&answer, PROTO_REQUEST_MIN, &read);
    assert_int_equal(read.count, 12);
    assert_true(read.more);
}

static void an_answer_is_never_longer_than_its_room(void **state)
{
    (void)state;
    struct fixture fixture;
    struct answer answer;
    struct answer read;
    fixture_init(&fixture);
    for (size_t room = PROTO_REQUEST_MIN; room <= PROTO_REQUEST_MIN + 80; room++) {
        for (size_t host = 0; host <= PROTO_NAME_MAX; host += 9) {
            uint8_t out[PACKET_MAX];
            fixture_answer(PROTO_ENDPOINTS_MAX, &answer);
            set_host(&answer, host);
            memset(out, 0xa5, sizeof out);
            size_t size = encode(&fixture, &answer, out, room);
            assert_in_range(size, LEAST, room);
            assert_int_equal(out[size], 0xa5);
            assert_int_equal(answer_decode(out, size, &read), PROTO_OK);
            assert_true(read.count == PROTO_ENDPOINTS_MAX || room - size < PROTO_ENDPOINT_SIZE);
            assert_int_equal(read.more, read.count < PROTO_ENDPOINTS_MAX);
        }
    }
}

static void a_damaged_header_has_a_named_reason(void **state)
{
    (void)state;
    const struct change changes[] = {{5, MESSAGE_QUERY, PROTO_TYPE}, {7, AUTH_TOKEN, PROTO_AUTH}};
    check_header(KIND_ANSWER);
    check_changes(KIND_ANSWER, changes, 2);
}

static void one_byte_too_few_or_too_many_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    make_sample(&fixture, &packet);
    check_length(KIND_ANSWER, LEAST - 1, PROTO_SHORT);
    check_length(KIND_ANSWER, LEAST, PROTO_LENGTH);
    check_length(KIND_ANSWER, packet.size - 1, PROTO_LENGTH);
    check_length(KIND_ANSWER, packet.size, PROTO_OK);
    check_length(KIND_ANSWER, packet.size + 1, PROTO_LENGTH);
    check_length(KIND_ANSWER, PROTO_DATAGRAM_MAX, PROTO_LENGTH);
    check_every_cut(KIND_ANSWER);
}

static void counts_and_lengths_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    const struct change changes[] = {
        {COUNT_AT, 0, PROTO_LENGTH},
        {COUNT_AT, 2, PROTO_LENGTH},
        {COUNT_AT, 3, PROTO_OK},
        {COUNT_AT, 4, PROTO_LENGTH},
        {COUNT_AT, PROTO_ENDPOINTS_MAX, PROTO_LENGTH},
        {COUNT_AT, PROTO_ENDPOINTS_MAX + 1, PROTO_FIELD},
        {COUNT_AT, UINT8_MAX, PROTO_FIELD},
        {FIELDS_SIZE_AT + 1, 0, PROTO_LENGTH},
        {FIELDS_SIZE_AT + 1, 16, PROTO_LENGTH},
        {FIELDS_SIZE_AT + 1, 17, PROTO_OK},
        {FIELDS_SIZE_AT + 1, 18, PROTO_LENGTH},
        {FIELDS_SIZE_AT, UINT8_MAX, PROTO_LENGTH},
    };
    check_changes(KIND_ANSWER, changes, sizeof changes / sizeof changes[0]);
}

static void a_refusal_with_addresses_is_refused_itself(void **state)
{
    (void)state;
    const struct change changes[] = {
        {STATUS_AT, ANSWER_REFUSED, PROTO_FIELD}, /* three addresses */
        {STATUS_AT, ANSWER_DOWN, PROTO_OK},           {STATUS_AT, ANSWER_LEAVING, PROTO_OK},
        {STATUS_AT, ANSWER_LEAVING + 1, PROTO_FIELD}, {STATUS_AT, UINT8_MAX, PROTO_FIELD},
    };
    check_changes(KIND_ANSWER, changes, sizeof changes / sizeof changes[0]);
}

static void flags_of_later_versions_are_skipped(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    struct answer read;

    make_sample(&fixture, &packet);
    packet.bytes[FLAGS_AT] = 0xfe;
    assert_int_equal(answer_decode(packet.bytes, packet.size, &read), PROTO_OK);
    assert_false(read.more);
    packet.bytes[FLAGS_AT] = 0xff;
    assert_int_equal(answer_decode(packet.bytes, packet.size, &read), PROTO_OK);
    assert_true(read.more);
}

static void endpoints_of_unknown_families_are_none_and_keep_their_place(void **state)
{
    (void)state;
    const struct endpoint none = {.family = ENDPOINT_NONE};
    struct fixture fixture;
    struct packet packet;
    struct answer valid;
    struct answer read;

    make_sample(&fixture, &packet);
    assert_int_equal(answer_decode(packet.bytes, packet.size, &valid), PROTO_OK);
    packet.bytes[ARRIVED_AT] = 9;
    packet.bytes[FIXED_END + PROTO_ENDPOINT_SIZE] = 9;
    assert_int_equal(answer_decode(packet.bytes, packet.size, &read), PROTO_OK);
    assert_true(fixture_same_endpoint(&read.arrived, &none));
    assert_int_equal(read.count, 3);
    assert_true(fixture_same_endpoint(&read.endpoints[0], &valid.endpoints[0]));
    assert_true(fixture_same_endpoint(&read.endpoints[1], &none));
    assert_true(fixture_same_endpoint(&read.endpoints[2], &valid.endpoints[2]));
}

static void optional_fields_are_skipped_and_critical_ones_are_not(void **state)
{
    (void)state;
    const uint8_t enrol_result[] = {FIELD_ENROL_RESULT, 1, 0};
    check_optional_fields(KIND_ANSWER);
    check_fields(KIND_ANSWER, enrol_result, sizeof enrol_result, PROTO_CRITICAL);
}

static void a_host_name_that_is_none_is_refused(void **state)
{
    (void)state;
    uint8_t longest[2 + PROTO_NAME_MAX + 1] = {FIELD_HOST_NAME, PROTO_NAME_MAX};
    memset(longest + 2, 'x', PROTO_NAME_MAX + 1);
    check_fields(KIND_ANSWER, (const uint8_t[]){FIELD_HOST_NAME, 0}, 2, PROTO_FIELD);
    check_fields(KIND_ANSWER, (const uint8_t[]){FIELD_HOST_NAME, 1, '\n'}, 3, PROTO_FIELD);
    check_fields(KIND_ANSWER, (const uint8_t[]){FIELD_HOST_NAME, 2, 'a', 0}, 4, PROTO_FIELD);
    check_fields(KIND_ANSWER, longest, sizeof longest - 1, PROTO_OK);
    longest[1]++;
    check_fields(KIND_ANSWER, longest, sizeof longest, PROTO_FIELD);
}

static void of_repeated_host_names_the_last_one_counts(void **state)
{
    (void)state;
    const uint8_t again[] = {FIELD_HOST_NAME, 2, 'n', '2'};
    const struct wire_reader fields = wire_reader_over(again, sizeof again);
    struct fixture fixture;
    struct packet packet;
    struct answer read;

    make_sample(&fixture, &packet);
    forge_add_fields(&fixture, KIND_ANSWER, &packet, &fields);
    assert_int_equal(answer_decode(packet.bytes, packet.size, &read), PROTO_OK);
    assert_string_equal(read.host.text, "n2");
}

static void no_flipped_bit_passes(void **state)
{
    (void)state;
    check_bit_flips(KIND_ANSWER, NOTHING);
}

static void no_mutation_passes(void **state)
{
    (void)state;
    check_mutations(KIND_ANSWER, NOTHING);
}

static enum proto_result judge_signed_by(const struct fixture *signer)
{
    struct fixture fixture;
    struct packet packet;
    make_sample(&fixture, &packet);
    forge_sign(signer, KIND_ANSWER, &packet);
    assert_int_equal(fixture_judge(signer, KIND_ANSWER, &packet).result, PROTO_OK);
    return fixture_judge(&fixture, KIND_ANSWER, &packet).result;
}

static void an_answer_of_another_server_is_refused(void **state)
{
    (void)state;
    struct fixture other;
    fixture_init(&other);
    fixture_server(9, &other.server);
    assert_int_equal(judge_signed_by(&other), PROTO_SIGNATURE);
}

static void an_answer_to_another_query_is_refused(void **state)
{
    (void)state;
    struct fixture other;
    fixture_init(&other);
    for (size_t at = 0; at < sizeof other.query.bytes; at++) {
        other.query.bytes[at] ^= 1;
        assert_int_equal(judge_signed_by(&other), PROTO_SIGNATURE);
        other.query.bytes[at] ^= 1;
    }
}

static void an_answer_to_the_query_of_another_probe_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    struct fixture other;
    struct packet packet;
    struct query query;
    struct query_layout layout;

    fixture_init(&fixture);
    other = fixture;
    fixture_query(&query);
    query.probe++;
    assert_int_equal(
        query_encode(&query, &fixture.server.id, &fixture.workstation.secret, packet.bytes, PROTO_REQUEST_MIN),
        PROTO_OK);
    assert_int_equal(query_decode(packet.bytes, PROTO_REQUEST_MIN, &query, &layout), PROTO_OK);
    query_hash(packet.bytes, &layout, &other.query);
    assert_int_equal(judge_signed_by(&other), PROTO_SIGNATURE);
}

static void an_announcements_signature_does_not_sign_an_answer(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    struct packet announcement;

    make_sample(&fixture, &packet);
    fixture_encode(&fixture, KIND_ANNOUNCEMENT, &announcement);
    memcpy(packet.bytes + packet.size - PROTO_SIGNATURE_SIZE,
           announcement.bytes + announcement.size - PROTO_SIGNATURE_SIZE, PROTO_SIGNATURE_SIZE);
    forge_gate(&fixture, &packet);
    assert_int_equal(fixture_judge(&fixture, KIND_ANSWER, &packet).result, PROTO_SIGNATURE);
}

static void a_signature_made_for_another_purpose_is_refused(void **state)
{
    (void)state;
    const char *const labels[] = {"PrLo1 announce", "PrLo1 query", "PrLo1 enrolled", "PrLo1 answer"};
    struct fixture fixture;
    struct packet packet;
    make_sample(&fixture, &packet);
    for (size_t i = 0; i < 4; i++) {
        const struct seal_scope scope = {labels[i], fixture.query.bytes, PROTO_HEADER_SIZE,
                                         packet.size - PROTO_SIGNATURE_SIZE};
        struct seal_digest digest;
        forge_digest(&scope, &packet, &digest);
        seal_sign_server(&fixture.server.secret, &digest, packet.bytes + scope.end);
        enum proto_result expected = i == 3 ? PROTO_OK : PROTO_SIGNATURE;
        assert_int_equal(fixture_judge(&fixture, KIND_ANSWER, &packet).result, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_read_as_it_was_written),
        cmocka_unit_test(a_host_name_of_up_to_63_bytes_may_be_told),
        cmocka_unit_test(every_status_is_told),
        cmocka_unit_test(extreme_numbers_survive),
        cmocka_unit_test(fields_stand_where_the_protocol_puts_them),
        cmocka_unit_test(an_answer_is_signed_as_documented),
        cmocka_unit_test(room_below_the_least_query_is_no_room),
        cmocka_unit_test(the_list_is_cut_from_its_end_and_marked),
        cmocka_unit_test(an_answer_is_never_longer_than_its_room),
        cmocka_unit_test(a_damaged_header_has_a_named_reason),
        cmocka_unit_test(one_byte_too_few_or_too_many_is_refused),
        cmocka_unit_test(counts_and_lengths_that_do_not_add_up_are_refused),
        cmocka_unit_test(a_refusal_with_addresses_is_refused_itself),
        cmocka_unit_test(flags_of_later_versions_are_skipped),
        cmocka_unit_test(endpoints_of_unknown_families_are_none_and_keep_their_place),
        cmocka_unit_test(optional_fields_are_skipped_and_critical_ones_are_not),
        cmocka_unit_test(a_host_name_that_is_none_is_refused),
        cmocka_unit_test(of_repeated_host_names_the_last_one_counts),
        cmocka_unit_test(no_flipped_bit_passes),
        cmocka_unit_test(no_mutation_passes),
        cmocka_unit_test(an_answer_of_another_server_is_refused),
        cmocka_unit_test(an_answer_to_another_query_is_refused),
        cmocka_unit_test(an_answer_to_the_query_of_another_probe_is_refused),
        cmocka_unit_test(an_announcements_signature_does_not_sign_an_answer),
        cmocka_unit_test(a_signature_made_for_another_purpose_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
