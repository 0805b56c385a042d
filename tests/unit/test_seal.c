/* SPDX-License-Identifier: MIT */
#include "tests/unit/proto_forge.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { RESUME = 48, END = 100, TOTAL = 150 };

static void make_packet(struct packet *out)
{
    out->size = TOTAL;
    fixture_fill(out->bytes, sizeof out->bytes, 3);
}

static struct seal_scope scope_over(const uint8_t bound[32])
{
    return (struct seal_scope){.label = "PrLo1 test", .bound = bound, .resume = RESUME, .end = END};
}

/* got is the start of a labelled hash of out_size bytes over the key. */
static void assert_hash_of_key(const struct blake2b_use *use, const uint8_t key[32], struct wire_reader got)
{
    const struct wire_reader part = wire_reader_over(key, 32);
    uint8_t expected[32];
    forge_blake2b(use, &part, 1, expected);
    assert_in_range(got.size, 1, use->out_size);
    assert_memory_equal(got.bytes, expected, got.size);
}

static void what_follows_from_a_servers_key_is_hashed_with_labels_of_its_own(void **state)
{
    (void)state;
    const struct blake2b_use gate_key = {.label = "PrLo1 gate key", .out_size = 32};
    const struct blake2b_use hint = {.label = "PrLo1 hint", .out_size = 16}; /* libsodium's shortest, cut to 8 */
    const struct blake2b_use fingerprint = {.label = "PrLo1 finger", .out_size = 20};
    struct server_keys server;
    fixture_server(1, &server);
    const struct server_id *id = &server.id;
    assert_hash_of_key(&gate_key, id->public_key.bytes, wire_reader_over(id->gate_key.bytes, 32));
    assert_hash_of_key(&hint, id->public_key.bytes, wire_reader_over(id->hint.bytes, 8));
    assert_hash_of_key(&fingerprint, id->public_key.bytes, wire_reader_over(id->fingerprint.bytes, 20));
}

static void a_workstations_id_is_a_hash_of_its_key(void **state)
{
    (void)state;
    const struct blake2b_use station = {.label = "PrLo1 station", .out_size = 16};
    struct workstation_keys keys;
    struct workstation_id id;
    fixture_workstation(2, &keys);
    seal_workstation_id(&keys.public_key, &id);
    assert_hash_of_key(&station, keys.public_key.bytes, wire_reader_over(id.bytes, 16));
}

static void a_servers_public_hashes_do_not_open_the_gate(void **state)
{
    (void)state;
    struct server_keys server;
    fixture_server(1, &server);
    const struct server_id *id = &server.id;
    assert_memory_not_equal(id->gate_key.bytes, id->fingerprint.bytes, sizeof id->hint);
    assert_memory_not_equal(id->gate_key.bytes, id->hint.bytes, sizeof id->hint);
    assert_memory_not_equal(id->hint.bytes, id->fingerprint.bytes, sizeof id->hint);
    assert_memory_not_equal(id->hint.bytes, id->public_key.bytes, sizeof id->hint);
}

static void a_gate_is_a_keyed_hash_of_all_but_itself(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;
    struct packet forged;

    fixture_init(&fixture);
    make_packet(&packet);
    forged = packet;
    forge_gate(&fixture, &forged);
    seal_gate_close(&fixture.server.id.gate_key, packet.bytes, packet.size);
    assert_memory_equal(packet.bytes, forged.bytes, packet.size);
    assert_true(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, packet.size));
}

static void a_gate_opens_for_its_key_and_its_bytes_only(void **state)
{
    (void)state;
    struct fixture fixture;
    struct server_keys other;
    struct packet packet;

    fixture_init(&fixture);
    fixture_server(9, &other);
    make_packet(&packet);
    seal_gate_close(&fixture.server.id.gate_key, packet.bytes, packet.size);
    assert_false(seal_gate_check(&other.id.gate_key, packet.bytes, packet.size));
    assert_false(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, packet.size - 1));
    assert_false(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, packet.size + 1));
    for (size_t at = 0; at < packet.size; at++) {
        packet.bytes[at] ^= 0x01;
        assert_false(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, packet.size));
        packet.bytes[at] ^= 0x01;
    }
}

static void the_smallest_gated_datagram_is_a_header(void **state)
{
    (void)state;
    struct fixture fixture;
    struct packet packet;

    fixture_init(&fixture);
    make_packet(&packet);
    seal_gate_close(&fixture.server.id.gate_key, packet.bytes, PROTO_HEADER_SIZE);
    assert_true(seal_gate_check(&fixture.server.id.gate_key, packet.bytes, PROTO_HEADER_SIZE));
}

static void a_digest_is_made_as_documented(void **state)
{
    (void)state;
    uint8_t bound[32];
    struct packet packet;
    struct seal_digest got;
    struct seal_digest expected;

    fixture_fill(bound, sizeof bound, 0xd0);
    make_packet(&packet);
    const struct seal_scope scope = scope_over(bound);
    seal_digest(&scope, packet.bytes, packet.size, &got);
    forge_digest(&scope, &packet, &expected);
    assert_memory_equal(&got, &expected, sizeof got);
}

static bool is_covered(size_t at)
{
    return at < MESSAGE_GATE_AT || (at >= RESUME && at < END);
}

static void a_digest_covers_its_scope_and_nothing_else(void **state)
{
    (void)state;
    uint8_t bound[32] = {0};
    struct packet packet;
    struct seal_digest whole;

    make_packet(&packet);
    const struct seal_scope scope = scope_over(bound);
    seal_digest(&scope, packet.bytes, packet.size, &whole);
    for (size_t at = 0; at < packet.size; at++) {
        struct seal_digest changed;
        packet.bytes[at] ^= 0x80;
        seal_digest(&scope, packet.bytes, packet.size, &changed);
        packet.bytes[at] ^= 0x80;
        if ((memcmp(&changed, &whole, sizeof whole) != 0) != is_covered(at))
            fail_msg("byte %zu", at);
    }
}

static void a_mac_covers_what_a_digest_does(void **state)
{
    (void)state;
    const struct token_secret secret = {{1, 2, 3}};
    uint8_t bound[32] = {0};
    uint8_t whole[SEAL_MAC_SIZE];
    struct packet packet;

    make_packet(&packet);
    const struct seal_scope scope = scope_over(bound);
    seal_token_mac(&secret, &scope, packet.bytes, packet.size, whole);
    for (size_t at = 0; at < packet.size; at++) {
        uint8_t changed[SEAL_MAC_SIZE];
        packet.bytes[at] ^= 0x80;
        seal_token_mac(&secret, &scope, packet.bytes, packet.size, changed);
        packet.bytes[at] ^= 0x80;
        if ((memcmp(changed, whole, sizeof whole) != 0) != is_covered(at))
            fail_msg("byte %zu", at);
    }
}

/* Digest and MAC of one packet with one thing about the scope changed. */
struct proofs {
    struct seal_digest digest;
    uint8_t mac[SEAL_MAC_SIZE];
};

static void make_proofs(const struct token_secret *secret, const struct seal_scope *scope, size_t total,
                        struct proofs *out)
{
    struct packet packet;
    make_packet(&packet);
    seal_digest(scope, packet.bytes, total, &out->digest);
    seal_token_mac(secret, scope, packet.bytes, total, out->mac);
}

static void label_bound_value_and_total_length_are_covered_too(void **state)
{
    (void)state;
    const struct token_secret secret = {{1, 2, 3}};
    uint8_t bound[32] = {0};
    uint8_t other_bound[32] = {[31] = 1};
    struct seal_scope scopes[] = {scope_over(bound), scope_over(bound), scope_over(other_bound),
                                  scope_over(bound), scope_over(bound), scope_over(bound)};
    const size_t totals[] = {TOTAL, TOTAL, TOTAL, TOTAL + 1, TOTAL + 256, TOTAL};
    struct proofs plain;

    scopes[1].label = "PrLo1 tesu";
    scopes[5].end = END + 1;
    make_proofs(&secret, &scopes[0], totals[0], &plain);
    for (size_t i = 1; i < sizeof totals / sizeof totals[0]; i++) {
        struct proofs changed;
        make_proofs(&secret, &scopes[i], totals[i], &changed);
        assert_memory_not_equal(&changed.digest, &plain.digest, sizeof plain.digest);
        assert_memory_not_equal(changed.mac, plain.mac, sizeof plain.mac);
    }
}

static void a_mac_needs_the_secret(void **state)
{
    (void)state;
    const uint8_t bound[32] = {0};
    const struct seal_scope scope = scope_over(bound);
    struct token_secret secret = {{1, 2, 3}};
    struct proofs right;
    struct proofs wrong;

    make_proofs(&secret, &scope, TOTAL, &right);
    secret.bytes[15] ^= 1;
    make_proofs(&secret, &scope, TOTAL, &wrong);
    assert_memory_not_equal(right.mac, wrong.mac, sizeof right.mac);
    assert_memory_equal(&right.digest, &wrong.digest, sizeof right.digest);
}

static void a_requests_hash_covers_all_but_gate_and_cookie(void **state)
{
    (void)state;
    const struct blake2b_use use = {.label = "PrLo1 request", .out_size = 32};
    struct packet packet;
    struct message_hash whole;
    struct message_hash expected;

    make_packet(&packet);
    const struct wire_reader parts[] = {wire_reader_over(packet.bytes, 16),
                                        wire_reader_over(packet.bytes + RESUME, END - RESUME)};
    seal_request_hash(packet.bytes, RESUME, END, &whole);
    forge_blake2b(&use, parts, 2, expected.bytes);
    assert_memory_equal(&whole, &expected, sizeof whole);
    for (size_t at = 0; at < packet.size; at++) {
        struct message_hash changed;
        packet.bytes[at] ^= 0x80;
        seal_request_hash(packet.bytes, RESUME, END, &changed);
        packet.bytes[at] ^= 0x80;
        if ((memcmp(&changed, &whole, sizeof whole) != 0) != is_covered(at))
            fail_msg("byte %zu", at);
    }
}

static void a_tokens_check_is_the_start_of_a_labelled_hash(void **state)
{
    (void)state;
    const struct blake2b_use use = {.label = "PrLo1 check", .out_size = 16};
    const uint8_t bytes[] = {1, 2, 3};
    const struct wire_reader part = wire_reader_over(bytes, sizeof bytes);
    uint8_t expected[16];
    uint8_t check[4];
    seal_token_check(bytes, sizeof bytes, check);
    forge_blake2b(&use, &part, 1, expected);
    assert_memory_equal(check, expected, sizeof check);
}

static void a_signature_verifies_under_its_own_key_and_digest_only(void **state)
{
    (void)state;
    struct server_keys server;
    struct server_keys other;
    struct seal_digest digest;
    uint8_t signature[PROTO_SIGNATURE_SIZE];

    fixture_server(1, &server);
    fixture_server(9, &other);
    fixture_fill(digest.bytes, sizeof digest.bytes, 7);
    seal_sign_server(&server.secret, &digest, signature);
    assert_true(seal_verify_server(&server.id.public_key, &digest, signature));
    assert_false(seal_verify_server(&other.id.public_key, &digest, signature));
    digest.bytes[63] ^= 1;
    assert_false(seal_verify_server(&server.id.public_key, &digest, signature));
}

static void a_workstations_signature_verifies_under_its_own_key_and_digest_only(void **state)
{
    (void)state;
    struct workstation_keys keys;
    struct workstation_keys other;
    struct seal_digest digest;
    uint8_t signature[PROTO_SIGNATURE_SIZE];

    fixture_workstation(2, &keys);
    fixture_workstation(9, &other);
    fixture_fill(digest.bytes, sizeof digest.bytes, 7);
    seal_sign_workstation(&keys.secret, &digest, signature);
    assert_true(seal_verify_workstation(&keys.public_key, &digest, signature));
    assert_false(seal_verify_workstation(&other.public_key, &digest, signature));
    digest.bytes[0] ^= 1;
    assert_false(seal_verify_workstation(&keys.public_key, &digest, signature));
}

/* From here on: signatures that satisfy Ed25519's equation and must be refused all the same. Lax verifiers take them
 * (OpenSSL 3.0 takes all those of small order), and then one message has several signatures, or one signature fits
 * every message. */

/* The group's order L, little-endian (RFC 8032, 5.1). */
static const uint8_t ORDER[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                  0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};

static void add_order(uint8_t scalar[32])
{
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)scalar[i] + ORDER[i];
        scalar[i] = (uint8_t)(carry & 0xff);
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
}

static void assert_same_scalar(const uint8_t a[32], const uint8_t b[32])
{
    uint8_t wide[64] = {0};
    uint8_t reduced[32];
    memcpy(wide, a, 32);
    crypto_core_ed25519_scalar_reduce(reduced, wide);
    assert_memory_equal(reduced, b, 32);
}

static void a_signature_with_a_scalar_above_the_order_is_refused(void **state)
{
    (void)state;
    struct server_keys server;
    struct seal_digest digest;
    uint8_t signature[PROTO_SIGNATURE_SIZE];
    uint8_t other[PROTO_SIGNATURE_SIZE];

    fixture_server(1, &server);
    fixture_fill(digest.bytes, sizeof digest.bytes, 7);
    seal_sign_server(&server.secret, &digest, signature);
    memcpy(other, signature, sizeof other);
    for (int i = 0; i < 7; i++) { /* as often as it fits 256 bits */
        add_order(other + 32);
        assert_same_scalar(other + 32, signature + 32);
        assert_false(seal_verify_server(&server.id.public_key, &digest, other));
    }
}

/* The eight points of small order, and behind them their encodings that are not canonical. */
static const char *const SMALL_ORDER[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

static void hash_to_scalar(const uint8_t r[32], const uint8_t key[32], const struct seal_digest *digest,
                           uint8_t out[32])
{
    uint8_t wide[64];
    crypto_hash_sha512_state hash;
    crypto_hash_sha512_init(&hash);
    crypto_hash_sha512_update(&hash, r, 32);
    crypto_hash_sha512_update(&hash, key, 32);
    crypto_hash_sha512_update(&hash, digest->bytes, sizeof digest->bytes);
    crypto_hash_sha512_final(&hash, wide);
    crypto_core_ed25519_scalar_reduce(out, wide);
}

/* A signature made without any secret: the key's share in the equation vanishes when the hash is a multiple of 8. */
static void forge_for_small_order(const uint8_t key[32], const struct seal_digest *digest, uint8_t out[64])
{
    uint8_t hash[32];
    memset(out, 0, 64);
    do {
        out[32]++;
        assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(out, out + 32), 0);
        hash_to_scalar(out, key, digest, hash);
    } while (hash[0] % 8 != 0);
}

static void a_public_key_of_small_order_signs_nothing(void **state)
{
    (void)state;
    struct seal_digest digest;
    fixture_fill(digest.bytes, sizeof digest.bytes, 7);
    for (size_t i = 0; i < sizeof SMALL_ORDER / sizeof SMALL_ORDER[0]; i++) {
        struct server_public server;
        struct workstation_public workstation;
        uint8_t signature[PROTO_SIGNATURE_SIZE];
        assert_int_equal(sodium_hex2bin(server.bytes, 32, SMALL_ORDER[i], 64, NULL, NULL, NULL), 0);
        memcpy(workstation.bytes, server.bytes, sizeof workstation.bytes);
        forge_for_small_order(server.bytes, &digest, signature);
        if (seal_verify_server(&server, &digest, signature) ||
            seal_verify_workstation(&workstation, &digest, signature))
            fail_msg("point %zu", i);
    }
}

/* R the neutral element and S = hash * secret: satisfies the equation, for the key's owner. */
static void a_signature_whose_point_has_small_order_is_refused(void **state)
{
    (void)state;
    struct server_keys server;
    struct seal_digest digest;
    uint8_t secret[32];
    uint8_t hash[32];
    uint8_t signature[PROTO_SIGNATURE_SIZE] = {1};

    fixture_server(1, &server);
    fixture_fill(digest.bytes, sizeof digest.bytes, 7);
    assert_int_equal(crypto_sign_ed25519_sk_to_curve25519(secret, server.secret.bytes), 0);
    hash_to_scalar(signature, server.id.public_key.bytes, &digest, hash);
    crypto_core_ed25519_scalar_mul(signature + 32, hash, secret);
    assert_false(seal_verify_server(&server.id.public_key, &digest, signature));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_follows_from_a_servers_key_is_hashed_with_labels_of_its_own),
        cmocka_unit_test(a_workstations_id_is_a_hash_of_its_key),
        cmocka_unit_test(a_servers_public_hashes_do_not_open_the_gate),
        cmocka_unit_test(a_gate_is_a_keyed_hash_of_all_but_itself),
        cmocka_unit_test(a_gate_opens_for_its_key_and_its_bytes_only),
        cmocka_unit_test(the_smallest_gated_datagram_is_a_header),
        cmocka_unit_test(a_digest_is_made_as_documented),
        cmocka_unit_test(a_digest_covers_its_scope_and_nothing_else),
        cmocka_unit_test(a_mac_covers_what_a_digest_does),
        cmocka_unit_test(label_bound_value_and_total_length_are_covered_too),
        cmocka_unit_test(a_mac_needs_the_secret),
        cmocka_unit_test(a_requests_hash_covers_all_but_gate_and_cookie),
        cmocka_unit_test(a_tokens_check_is_the_start_of_a_labelled_hash),
        cmocka_unit_test(a_signature_verifies_under_its_own_key_and_digest_only),
        cmocka_unit_test(a_workstations_signature_verifies_under_its_own_key_and_digest_only),
        cmocka_unit_test(a_signature_with_a_scalar_above_the_order_is_refused),
        cmocka_unit_test(a_public_key_of_small_order_signs_nothing),
        cmocka_unit_test(a_signature_whose_point_has_small_order_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
