/* SPDX-License-Identifier: MIT */
#include "proto/message.h"
#include "tests/unit/proto_checks.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    COOKIE_AT = 32,
    METHOD_AT = 56,
    STEP_AT = 57,
    FIELDS_SIZE_AT = 58,
    TRANSACTION_AT = 64,
    KEY_AT = 80,
    FIXED_END = 112,
    PROOFS_SIZE = SEAL_MAC_SIZE + PROTO_SIGNATURE_SIZE,
};

static const struct span COOKIE = {COOKIE_AT, sizeof(struct cookie)};

static void make_sample(enum message_kind kind, struct fixture *fixture, struct packet *packet)
{
    fixture_init(fixture);
    fixture_encode(fixture, kind, packet);
}

static enum proto_result encode_request(const struct fixture *fixture, const struct enrol_request *request,
                                        struct packet *out)
{
    return enrol_request_encode(request, &fixture->server.id, &fixture->secret, &fixture->workstation.secret,
                                out->bytes, out->size);
}

static size_t encode_reply(const struct fixture *fixture, const struct enrol_reply *reply, uint8_t *out, size_t room)
{
    const struct enrol_context context = {&fixture->server.id, &fixture->secret, fixture->request};
    return enrol_reply_encode(reply, &context, &fixture->server.secret, out, room);
}

static void set_name(struct name *name, size_t size)
{
    *name = (struct name){{0}};
    memset(name->text, 'n', size);
}

static void a_request_is_read_as_it_was_written(void **state)
{
    (void)state;
    const size_t sizes[] = {PROTO_REQUEST_MIN, PROTO_REQUEST_MIN + 1, PROTO_DATAGRAM_MAX};
    struct fixture fixture;
    struct enrol_request request;
    struct enrol_request read;
    struct enrol_layout layout;

    fixture_init(&fixture);
    fixture_enrol_request(&fixture, &request);
    for (size_t i = 0; i < 3; i++) {
        struct packet packet = {.size = sizes[i]};
        set_name(&request.host, i == 0 ? 0 : i == 1 ? 1 : PROTO_NAME_MAX);
        assert_int_equal(encode_request(&fixture, &request, &packet), PROTO_OK);
        assert_int_equal(enrol_request_decode(packet.bytes, packet.size, &read, &layout), PROTO_OK);
        assert_true(fixture_same_request(&read, &request));
        assert_true(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, packet.size));
        assert_int_equal(fixture_judge(&fixture, KIND_ENROL_REQUEST, &packet).result, PROTO_OK);
    }
}

static void a_reply_is_read_as_it_was_written(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, PROTO_NAME_MAX};
    struct fixture fixture;
    struct enrol_reply reply;
    struct enrol_reply read;
    struct enrol_layout layout;

    fixture_init(&fixture);
    fixture_enrol_reply(&fixture, &reply);
    for (size_t i = 0; i < 3; i++) {
        struct packet packet;
        set_name(&reply.practice, sizes[i]);
        set_name(&reply.name, sizes[2 - i]);
        packet.size = encode_reply(&fixture, &reply, packet.bytes, PROTO_REQUEST_MIN);
        assert_int_equal(enrol_reply_decode(packet.bytes, packet.size, &read, &layout), PROTO_OK);
        assert_true(fixture_same_reply(&read, &reply));
        assert_true(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, packet.size));
        assert_int_equal(fixture_judge(&fixture, KIND_ENROL_REPLY, &packet).result, PROTO_OK);
    }
}

static void every_outcome_is_told_and_unknown_ones_too(void **state)
{
    (void)state;
    for (unsigned result = 0; result <= UINT8_MAX; result++) {
        struct fixture fixture;
        struct packet packet;
        struct enrol_reply reply;
        struct enrol_layout layout;
        fixture_init(&fixture);
        fixture_enrol_reply(&fixture, &reply);
        reply.result = (uint8_t)result;
        packet.size = encode_reply(&fixture, &reply, packet.bytes, PROTO_REQUEST_MIN);
        reply.result = (uint8_t)~result;
        assert_int_equal(enrol_reply_decode(packet.bytes, packet.size, &reply, &layout), PROTO_OK);
        assert_int_equal(reply.result, result);
    }
}

static void fields_stand_where_the_protocol_puts_them(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    struct enrol_request request;
    make_sample(KIND_ENROL_REQUEST, &fixture, &packet);
    fixture_enrol_request(&fixture, &request);
    assert_memory_equal(packet.bytes, "PrLo\x01\x05\x00\x03", 8);
    assert_memory_equal(packet.bytes + 8, &fixture.server.id.hint, 8);
    assert_memory_equal(packet.bytes + COOKIE_AT, &request.cookie, 16);
    assert_memory_equal(packet.bytes + 48, &request.selector, 8);
    assert_memory_equal(packet.bytes + METHOD_AT, "\x01\x01\x00\x0d\x00\x00\x00\x00", 8);
    assert_memory_equal(packet.bytes + TRANSACTION_AT, &request.transaction, 16);
    assert_memory_equal(packet.bytes + KEY_AT, &fixture.workstation.public_key, 32);
    assert_memory_equal(packet.bytes + FIXED_END, "\x01\x0breception-1", 13);

    make_sample(KIND_ENROL_REPLY, &fixture, &packet);
    assert_memory_equal(packet.bytes, "PrLo\x01\x85\x00\x03", 8);
    assert_memory_equal(packet.bytes + METHOD_AT, "\x01\x02\x00\x2a\x00\x00\x00\x00", 8);
    assert_memory_equal(packet.bytes + FIXED_END, "\x81\x01\x00\x04\x04\x05\x06\x07\x08\x02\x12Praxis", 17);
    assert_int_equal(packet.size, FIXED_END + 42 + PROOFS_SIZE);
}

static void requests_and_replies_are_proved_as_documented(void **state)
{
    (void)state;
    const enum message_kind kinds[] = {KIND_ENROL_REQUEST, KIND_ENROL_REPLY};
    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture;
        struct packet packet;
        make_sample(kinds[i], &fixture, &packet);
        struct packet forged = packet;
        memset(forged.bytes + forge_proofs_at(kinds[i], &packet), 0, PROOFS_SIZE);
        forge_sign(&fixture, kinds[i], &forged);
        assert_memory_equal(forged.bytes, packet.bytes, packet.size);
    }
}

static void a_request_of_a_size_out_of_range_has_no_room(void **state)
{
    (void)state;
    const size_t sizes[] = {0, PROTO_REQUEST_MIN - 1, PROTO_DATAGRAM_MAX + 1};
    struct fixture fixture;
    struct enrol_request request;
    fixture_init(&fixture);
    fixture_enrol_request(&fixture, &request);
    for (size_t i = 0; i < 3; i++) {
        struct packet packet = {.size = sizes[i]};
        const struct packet untouched = packet;
        assert_int_equal(encode_request(&fixture, &request, &packet), PROTO_SPACE);
        assert_memory_equal(packet.bytes, untouched.bytes, sizeof packet.bytes);
    }
}

static void a_reply_is_never_longer_than_its_room(void **state)
{
    (void)state;
    struct fixture fixture;
    struct enrol_reply reply;
    fixture_init(&fixture);
    fixture_enrol_reply(&fixture, &reply);
    set_name(&reply.practice, PROTO_NAME_MAX);
    set_name(&reply.name, PROTO_NAME_MAX);
    const size_t longest = FIXED_END + 3 + 6 + 65 + 65 + PROOFS_SIZE;
    for (size_t room = 0; room <= longest + 1; room++) {
        uint8_t out[PACKET_MAX];
        memset(out, 0xa5, sizeof out);
        assert_int_equal(encode_reply(&fixture, &reply, out, room), room < longest ? 0 : longest);
        assert_int_equal(out[room], 0xa5);
    }
    assert_true(longest <= PROTO_REQUEST_MIN);
}

static void a_damaged_header_has_a_named_reason(void **state)
{
    (void)state;
    const struct change request[] = {{5, MESSAGE_ENROL_REPLY, PROTO_TYPE}, {7, AUTH_SIGNATURE, PROTO_AUTH}};
    const struct change reply[] = {{5, MESSAGE_ENROL_REQUEST, PROTO_TYPE}, {7, AUTH_SIGNATURE, PROTO_AUTH}};
    check_header(KIND_ENROL_REQUEST);
    check_changes(KIND_ENROL_REQUEST, request, 2);
    check_header(KIND_ENROL_REPLY);
    check_changes(KIND_ENROL_REPLY, reply, 2);
}

static void requests_of_512_to_1232_bytes_are_taken(void **state)
{
    (void)state;
    check_length(KIND_ENROL_REQUEST, PROTO_REQUEST_MIN - 1, PROTO_SHORT);
    check_length(KIND_ENROL_REQUEST, PROTO_REQUEST_MIN, PROTO_OK);
    check_length(KIND_ENROL_REQUEST, PROTO_DATAGRAM_MAX, PROTO_OK);
    check_length(KIND_ENROL_REQUEST, PROTO_DATAGRAM_MAX + 1, PROTO_LONG);
    check_every_cut(KIND_ENROL_REQUEST);
}

static void a_reply_one_byte_too_short_or_too_long_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    make_sample(KIND_ENROL_REPLY, &fixture, &packet);
    check_length(KIND_ENROL_REPLY, FIXED_END - 1, PROTO_SHORT);
    check_length(KIND_ENROL_REPLY, FIXED_END, PROTO_LENGTH);
    check_length(KIND_ENROL_REPLY, packet.size - 1, PROTO_LENGTH);
    check_length(KIND_ENROL_REPLY, packet.size, PROTO_OK);
    check_length(KIND_ENROL_REPLY, packet.size + 1, PROTO_LENGTH);
    check_length(KIND_ENROL_REPLY, PROTO_DATAGRAM_MAX, PROTO_LENGTH);
    check_every_cut(KIND_ENROL_REPLY);
}

static void a_requests_proofs_hold_for_one_length_only(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet = {.size = 0};
    make_sample(KIND_ENROL_REQUEST, &fixture, &packet);
    packet.size++;
    forge_gate(&fixture, &packet);
    assert_int_equal(fixture_judge(&fixture, KIND_ENROL_REQUEST, &packet).result, PROTO_MAC);
}

static enum proto_result judge_with_fields_size(size_t size)
{
    struct fixture fixture;
    struct packet packet;
    make_sample(KIND_ENROL_REQUEST, &fixture, &packet);
    memset(packet.bytes + FIXED_END, 0, packet.size - FIXED_END);
    forge_put_u16(&packet, FIELDS_SIZE_AT, size);
    forge_sign(&fixture, KIND_ENROL_REQUEST, &packet);
    return fixture_judge(&fixture, KIND_ENROL_REQUEST, &packet).result;
}

static void optional_fields_may_fill_all_but_the_proofs_room(void **state)
{
    (void)state;
    const size_t most = PROTO_REQUEST_MIN - FIXED_END - PROOFS_SIZE;
    assert_int_equal(judge_with_fields_size(most), PROTO_OK);
    assert_int_equal(judge_with_fields_size(most + 1), PROTO_LENGTH);
    assert_int_equal(judge_with_fields_size(UINT16_MAX), PROTO_LENGTH);
}

static void another_method_or_step_is_refused(void **state)
{
    (void)state;
    const struct change request[] = {
        {METHOD_AT, 0, PROTO_FIELD}, {METHOD_AT, 2, PROTO_FIELD}, {STEP_AT, 0, PROTO_FIELD}, {STEP_AT, 2, PROTO_FIELD}};
    const struct change reply[] = {
        {METHOD_AT, 0, PROTO_FIELD}, {METHOD_AT, 2, PROTO_FIELD}, {STEP_AT, 1, PROTO_FIELD}, {STEP_AT, 3, PROTO_FIELD}};
    check_changes(KIND_ENROL_REQUEST, request, 4);
    check_changes(KIND_ENROL_REPLY, reply, 4);
}

static void padding_other_than_zeros_is_refused(void **state)
{
    (void)state;
    const size_t padding_at = FIXED_END + 13 + PROOFS_SIZE;
    const struct change changes[] = {
        {padding_at, 1, PROTO_PADDING}, {PROTO_REQUEST_MIN - 1, 0x80, PROTO_PADDING}, {padding_at, 0, PROTO_OK}};
    check_changes(KIND_ENROL_REQUEST, changes, 3);
}

static void reserved_bytes_may_be_used_by_later_versions(void **state)
{
    (void)state;
    const struct change changes[] = {{60, 0xff, PROTO_OK}, {63, 1, PROTO_OK}};
    check_changes(KIND_ENROL_REQUEST, changes, 2);
    check_changes(KIND_ENROL_REPLY, changes, 2);
}

static void optional_fields_are_skipped_and_critical_ones_are_not(void **state)
{
    (void)state;
    const uint8_t enrol_result[] = {FIELD_ENROL_RESULT, 1, 0};
    const uint8_t bad_name[] = {FIELD_HOST_NAME, 1, '\n'};
    const uint8_t empty_name[] = {FIELD_HOST_NAME, 0};
    check_optional_fields(KIND_ENROL_REQUEST);
    check_fields(KIND_ENROL_REQUEST, enrol_result, sizeof enrol_result, PROTO_CRITICAL);
    check_fields(KIND_ENROL_REQUEST, bad_name, sizeof bad_name, PROTO_FIELD);
    check_fields(KIND_ENROL_REQUEST, empty_name, sizeof empty_name, PROTO_FIELD);
    check_optional_fields(KIND_ENROL_REPLY);
}

static void a_reply_fields_of_another_size_are_refused(void **state)
{
    (void)state;
    check_fields(KIND_ENROL_REPLY, (const uint8_t[]){FIELD_ENROL_RESULT, 0}, 2, PROTO_FIELD);
    check_fields(KIND_ENROL_REPLY, (const uint8_t[]){FIELD_ENROL_RESULT, 1, 0}, 3, PROTO_OK);
    check_fields(KIND_ENROL_REPLY, (const uint8_t[]){FIELD_ENROL_RESULT, 2, 0, 0}, 4, PROTO_FIELD);
    check_fields(KIND_ENROL_REPLY, (const uint8_t[]){FIELD_ROSTER_GENERATION, 0}, 2, PROTO_FIELD);
    check_fields(KIND_ENROL_REPLY, (const uint8_t[]){FIELD_ROSTER_GENERATION, 3, 0, 0, 0}, 5, PROTO_FIELD);
    check_fields(KIND_ENROL_REPLY, (const uint8_t[]){FIELD_ROSTER_GENERATION, 4, 0, 0, 0, 0}, 6, PROTO_OK);
    check_fields(KIND_ENROL_REPLY, (const uint8_t[]){FIELD_ROSTER_GENERATION, 5, 0, 0, 0, 0, 0}, 7, PROTO_FIELD);
    check_fields(KIND_ENROL_REPLY, (const uint8_t[]){FIELD_PRACTICE_NAME, 0}, 2, PROTO_FIELD);
    check_fields(KIND_ENROL_REPLY, (const uint8_t[]){FIELD_WORKSTATION_NAME, 1, 0x7f}, 3, PROTO_FIELD);
}

/* A reply whose only fields are these. */
static enum proto_result decode_reply_of(const uint8_t *fields, size_t size, struct enrol_reply *out)
{
    struct fixture fixture;
    struct packet packet;
    struct enrol_layout layout;
    make_sample(KIND_ENROL_REPLY, &fixture, &packet);
    memcpy(packet.bytes + FIXED_END, fields, size);
    forge_put_u16(&packet, FIELDS_SIZE_AT, size);
    packet.size = FIXED_END + size + PROOFS_SIZE;
    return enrol_reply_decode(packet.bytes, packet.size, out, &layout);
}

static void a_reply_needs_its_result_and_nothing_else(void **state)
{
    (void)state;
    struct enrol_reply read;
    assert_int_equal(decode_reply_of((const uint8_t[]){0}, 0, &read), PROTO_FIELD);
    assert_int_equal(decode_reply_of((const uint8_t[]){FIELD_PRACTICE_NAME, 1, 'p'}, 3, &read), PROTO_FIELD);
    assert_int_equal(decode_reply_of((const uint8_t[]){FIELD_ENROL_RESULT, 1, ENROL_FULL}, 3, &read), PROTO_OK);
    assert_int_equal(read.result, ENROL_FULL);
    assert_int_equal(read.roster_generation, 0);
    assert_string_equal(read.practice.text, "");
    assert_string_equal(read.name.text, "");
}

static void of_repeated_fields_the_last_one_counts(void **state)
{
    (void)state;
    const uint8_t fields[] = {FIELD_ENROL_RESULT,     1, ENROL_ACCEPTED,
                              FIELD_ENROL_RESULT,     1, ENROL_USED,
                              FIELD_WORKSTATION_NAME, 1, 'a',
                              FIELD_PRACTICE_NAME,    1, 'b',
                              FIELD_WORKSTATION_NAME, 1, 'c'};
    struct enrol_reply read;
    assert_int_equal(decode_reply_of(fields, sizeof fields, &read), PROTO_OK);
    assert_int_equal(read.result, ENROL_USED);
    assert_string_equal(read.name.text, "c");
    assert_string_equal(read.practice.text, "b");
}

static void no_flipped_bit_passes_but_in_the_cookie(void **state)
{
    (void)state;
    check_bit_flips(KIND_ENROL_REQUEST, COOKIE);
    check_bit_flips(KIND_ENROL_REPLY, COOKIE);
}

static void no_mutation_passes(void **state)
{
    (void)state;
    check_mutations(KIND_ENROL_REQUEST, COOKIE);
    check_mutations(KIND_ENROL_REPLY, COOKIE);
}

/* The valid message's keys, so that a test can take another for one of them. */
static enum proto_result judge_proved_by(enum message_kind kind, const struct fixture *maker)
{
    struct fixture fixture;
    struct packet packet;
    make_sample(kind, &fixture, &packet);
    forge_sign(maker, kind, &packet);
    return fixture_judge(&fixture, kind, &packet).result;
}

static void who_does_not_know_the_secret_has_the_wrong_mac(void **state)
{
    (void)state;
    struct fixture other;
    for (size_t at = 0; at < sizeof other.secret.bytes; at++) {
        fixture_init(&other);
        other.secret.bytes[at] ^= 1;
        assert_int_equal(judge_proved_by(KIND_ENROL_REQUEST, &other), PROTO_MAC);
        assert_int_equal(judge_proved_by(KIND_ENROL_REPLY, &other), PROTO_MAC);
    }
}

static void who_knows_the_secret_still_needs_the_own_key(void **state)
{
    (void)state;
    struct fixture other;
    struct server_keys server;
    fixture_init(&other);
    assert_int_equal(judge_proved_by(KIND_ENROL_REQUEST, &other), PROTO_OK);
    assert_int_equal(judge_proved_by(KIND_ENROL_REPLY, &other), PROTO_OK);
    fixture_workstation(9, &other.workstation);
    assert_int_equal(judge_proved_by(KIND_ENROL_REQUEST, &other), PROTO_SIGNATURE);
    fixture_server(9, &server);
    other.server.secret = server.secret;
    assert_int_equal(judge_proved_by(KIND_ENROL_REPLY, &other), PROTO_SIGNATURE);
}

/* The signature covers the MAC too; the reason tells which of them was looked at. */
static void every_byte_of_the_mac_counts(void **state)
{
    (void)state;
    const enum message_kind kinds[] = {KIND_ENROL_REQUEST, KIND_ENROL_REPLY};
    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture;
        struct packet packet;
        make_sample(kinds[i], &fixture, &packet);
        const size_t mac_at = forge_proofs_at(kinds[i], &packet);
        for (size_t at = mac_at; at < mac_at + SEAL_MAC_SIZE; at++) {
            packet.bytes[at] ^= 0x40;
            assert_int_equal(fixture_judge(&fixture, kinds[i], &packet).result, PROTO_MAC);
            packet.bytes[at] ^= 0x40;
        }
    }
}

static void the_mac_is_judged_before_the_signature(void **state)
{
    (void)state;
    struct fixture other;
    fixture_init(&other);
    other.secret.bytes[0] ^= 1;
    fixture_workstation(9, &other.workstation);
    assert_int_equal(judge_proved_by(KIND_ENROL_REQUEST, &other), PROTO_MAC);
    fixture_server(9, &other.server);
    assert_int_equal(judge_proved_by(KIND_ENROL_REPLY, &other), PROTO_MAC);
}

static void a_request_to_another_server_has_the_wrong_mac(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    make_sample(KIND_ENROL_REQUEST, &fixture, &packet);
    fixture_server(9, &fixture.server);
    assert_int_equal(fixture_judge(&fixture, KIND_ENROL_REQUEST, &packet).result, PROTO_MAC);
}

static void a_reply_to_another_request_has_the_wrong_mac(void **state)
{
    (void)state;
    struct fixture other;
    fixture_init(&other);
    for (size_t at = 0; at < sizeof other.request.bytes; at++) {
        other.request.bytes[at] ^= 1;
        assert_int_equal(judge_proved_by(KIND_ENROL_REPLY, &other), PROTO_MAC);
        other.request.bytes[at] ^= 1;
    }
}

static void another_workstations_key_cannot_be_put_into_a_request(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    struct workstation_keys thief;
    struct seal_digest digest;

    make_sample(KIND_ENROL_REQUEST, &fixture, &packet);
    fixture_workstation(9, &thief);
    memcpy(packet.bytes + KEY_AT, &thief.public_key, sizeof thief.public_key);
    size_t signature_at = forge_proofs_at(KIND_ENROL_REQUEST, &packet) + SEAL_MAC_SIZE;
    const struct seal_scope scope = {"PrLo1 enrol", fixture.server.id.public_key.bytes, 48, signature_at};
    forge_digest(&scope, &packet, &digest);
    seal_sign_workstation(&thief.secret, &digest, packet.bytes + signature_at);
    forge_gate(&fixture, &packet);
    assert_int_equal(fixture_judge(&fixture, KIND_ENROL_REQUEST, &packet).result, PROTO_MAC);
}

static void the_proofs_of_a_request_do_not_prove_a_reply(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    make_sample(KIND_ENROL_REPLY, &fixture, &packet);
    const size_t mac_at = forge_proofs_at(KIND_ENROL_REPLY, &packet);
    const char *const labels[] = {"PrLo1 enrol mac", "PrLo1 enrolled", "PrLo1 enrolled m"};
    for (size_t i = 0; i < 3; i++) {
        const struct seal_scope scope = {labels[i], fixture.request.bytes, 48, mac_at};
        seal_token_mac(&fixture.secret, &scope, packet.bytes, packet.size, packet.bytes + mac_at);
        bool right = fixture_judge(&fixture, KIND_ENROL_REPLY, &packet).result != PROTO_MAC;
        assert_int_equal(right, i == 2);
    }
}

static void a_signature_made_for_another_purpose_is_refused(void **state)
{
    (void)state;
    const char *const labels[] = {"PrLo1 query", "PrLo1 enrolled", "PrLo1 enrol"};
    struct fixture fixture;
    struct packet packet;
    make_sample(KIND_ENROL_REQUEST, &fixture, &packet);
    const size_t at = forge_proofs_at(KIND_ENROL_REQUEST, &packet) + SEAL_MAC_SIZE;
    for (size_t i = 0; i < 3; i++) {
        const struct seal_scope scope = {labels[i], fixture.server.id.public_key.bytes, 48, at};
        struct seal_digest digest;
        forge_digest(&scope, &packet, &digest);
        seal_sign_workstation(&fixture.workstation.secret, &digest, packet.bytes + at);
        enum proto_result expected = i == 2 ? PROTO_OK : PROTO_SIGNATURE;
        assert_int_equal(fixture_judge(&fixture, KIND_ENROL_REQUEST, &packet).result, expected);
    }
}

/* Such a key would let everybody sign as this workstation. */
static void a_workstations_key_of_small_order_cannot_enrol(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    make_sample(KIND_ENROL_REQUEST, &fixture, &packet);
    memset(packet.bytes + KEY_AT, 0, 32);
    packet.bytes[KEY_AT] = 1; /* the neutral element: any S with R = S * base point satisfies the equation */
    forge_sign(&fixture, KIND_ENROL_REQUEST, &packet);
    uint8_t *signature = packet.bytes + forge_proofs_at(KIND_ENROL_REQUEST, &packet) + SEAL_MAC_SIZE;
    memset(signature, 0, PROTO_SIGNATURE_SIZE);
    signature[32] = 5;
    assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(signature, signature + 32), 0);
    assert_int_equal(fixture_judge(&fixture, KIND_ENROL_REQUEST, &packet).result, PROTO_SIGNATURE);
}

static void a_retry_with_a_cookie_needs_no_new_proofs_and_has_the_same_hash(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    struct message_hash hash;
    make_sample(KIND_ENROL_REQUEST, &fixture, &packet);
    memset(packet.bytes + COOKIE_AT, 0xcc, sizeof(struct cookie));
    forge_gate(&fixture, &packet);
    assert_int_equal(fixture_judge(&fixture, KIND_ENROL_REQUEST, &packet).result, PROTO_OK);
    const struct enrol_layout layout = {forge_proofs_at(KIND_ENROL_REQUEST, &packet)};
    enrol_request_hash(packet.bytes, &layout, &hash);
    assert_memory_equal(&hash, &fixture.request, sizeof hash);
}

static void every_proved_byte_and_both_proofs_change_the_hash(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    make_sample(KIND_ENROL_REQUEST, &fixture, &packet);
    const struct enrol_layout layout = {forge_proofs_at(KIND_ENROL_REQUEST, &packet)};
    for (size_t at = 0; at < packet.size; at++) {
        struct message_hash hash;
        packet.bytes[at] ^= 1;
        enrol_request_hash(packet.bytes, &layout, &hash);
        packet.bytes[at] ^= 1;
        bool differs = memcmp(&hash, &fixture.request, sizeof hash) != 0;
        if (differs != (at < 16 || (at >= 48 && at < layout.mac_at + PROOFS_SIZE)))
            fail_msg("byte %zu", at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read_as_it_was_written),
        cmocka_unit_test(a_reply_is_read_as_it_was_written),
        cmocka_unit_test(every_outcome_is_told_and_unknown_ones_too),
        cmocka_unit_test(fields_stand_where_the_protocol_puts_them),
        cmocka_unit_test(requests_and_replies_are_proved_as_documented),
        cmocka_unit_test(a_request_of_a_size_out_of_range_has_no_room),
        cmocka_unit_test(a_reply_is_never_longer_than_its_room),
        cmocka_unit_test(a_damaged_header_has_a_named_reason),
        cmocka_unit_test(requests_of_512_to_1232_bytes_are_taken),
        cmocka_unit_test(a_reply_one_byte_too_short_or_too_long_is_refused),
        cmocka_unit_test(a_requests_proofs_hold_for_one_length_only),
        cmocka_unit_test(optional_fields_may_fill_all_but_the_proofs_room),
        cmocka_unit_test(another_method_or_step_is_refused),
        cmocka_unit_test(padding_other_than_zeros_is_refused),
        cmocka_unit_test(reserved_bytes_may_be_used_by_later_versions),
        cmocka_unit_test(optional_fields_are_skipped_and_critical_ones_are_not),
        cmocka_unit_test(a_reply_fields_of_another_size_are_refused),
        cmocka_unit_test(a_reply_needs_its_result_and_nothing_else),
        cmocka_unit_test(of_repeated_fields_the_last_one_counts),
        cmocka_unit_test(no_flipped_bit_passes_but_in_the_cookie),
        cmocka_unit_test(no_mutation_passes),
        cmocka_unit_test(who_does_not_know_the_secret_has_the_wrong_mac),
        cmocka_unit_test(who_knows_the_secret_still_needs_the_own_key),
        cmocka_unit_test(every_byte_of_the_mac_counts),
        cmocka_unit_test(the_mac_is_judged_before_the_signature),
        cmocka_unit_test(a_request_to_another_server_has_the_wrong_mac),
        cmocka_unit_test(a_reply_to_another_request_has_the_wrong_mac),
        cmocka_unit_test(another_workstations_key_cannot_be_put_into_a_request),
        cmocka_unit_test(the_proofs_of_a_request_do_not_prove_a_reply),
        cmocka_unit_test(a_signature_made_for_another_purpose_is_refused),
        cmocka_unit_test(a_workstations_key_of_small_order_cannot_enrol),
        cmocka_unit_test(a_retry_with_a_cookie_needs_no_new_proofs_and_has_the_same_hash),
        cmocka_unit_test(every_proved_byte_and_both_proofs_change_the_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
