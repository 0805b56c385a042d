/* SPDX-License-Identifier: MIT */
#include "proto/seal.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(sizeof(struct server_public) == crypto_sign_ed25519_PUBLICKEYBYTES, "key size");
static_assert(sizeof(struct server_secret) == crypto_sign_ed25519_SECRETKEYBYTES, "key size");
static_assert(PROTO_SIGNATURE_SIZE == crypto_sign_ed25519_BYTES, "signature size");

/* BLAKE2b's personalisation keeps hashes made for one purpose from meaning anything for another. */
#define LABEL_GATE_KEY       "PrLo1 gate key"
#define LABEL_GATE           "PrLo1 gate"
#define LABEL_HINT           "PrLo1 hint"
#define LABEL_FINGERPRINT    "PrLo1 finger"
#define LABEL_WORKSTATION_ID "PrLo1 station"
#define LABEL_REQUEST_HASH   "PrLo1 request"
#define LABEL_TOKEN_CHECK    "PrLo1 check"

typedef crypto_generichash_blake2b_state blake2b;

struct key_bytes {
    const uint8_t *bytes;
    size_t size;
};

static const struct key_bytes NO_KEY = {NULL, 0};

static void hash_start(blake2b *state, const char *label, struct key_bytes key, size_t out_size)
{
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] = {0};
    for (size_t i = 0; label[i] != '\0'; i++) {
        assert(i < sizeof personal);
        personal[i] = (uint8_t)label[i];
    }
    /* Fails only for sizes out of range, and ours are constants. */
    (void)crypto_generichash_blake2b_init_salt_personal(state, key.bytes, key.size, out_size, NULL, personal);
}

static void hash_add(blake2b *state, const uint8_t *bytes, size_t size)
{
    (void)crypto_generichash_blake2b_update(state, bytes, size);
}

static void hash_end(blake2b *state, uint8_t *out, size_t size)
{
    (void)crypto_generichash_blake2b_final(state, out, size);
    sodium_memzero(state, sizeof *state);
}

static void hash_of(const char *label, const uint8_t *bytes, size_t size, uint8_t *out, size_t out_size)
{
    blake2b state;
    hash_start(&state, label, NO_KEY, out_size);
    hash_add(&state, bytes, size);
    hash_end(&state, out, out_size);
}

void seal_server_id(const struct server_public *key, struct server_id *out)
{
    struct server_id id = {.public_key = *key};
    const uint8_t *bytes = key->bytes;
    uint8_t hint[crypto_generichash_blake2b_BYTES_MIN]; /* the shortest hash that libsodium promises */
    hash_of(LABEL_GATE_KEY, bytes, sizeof key->bytes, id.gate_key.bytes, sizeof id.gate_key.bytes);
    hash_of(LABEL_HINT, bytes, sizeof key->bytes, hint, sizeof hint);
    memcpy(id.hint.bytes, hint, sizeof id.hint.bytes);
    hash_of(LABEL_FINGERPRINT, bytes, sizeof key->bytes, id.fingerprint.bytes, sizeof id.fingerprint.bytes);
    *out = id;
}

void seal_workstation_id(const struct workstation_public *key, struct workstation_id *out)
{
    hash_of(LABEL_WORKSTATION_ID, key->bytes, sizeof key->bytes, out->bytes, sizeof out->bytes);
}

static void gate_of(const struct gate_key *key, const uint8_t *datagram, size_t size, uint8_t out[MESSAGE_GATE_SIZE])
{
    blake2b state;
    assert(size >= PROTO_HEADER_SIZE);
    hash_start(&state, LABEL_GATE, (struct key_bytes){key->bytes, sizeof key->bytes}, MESSAGE_GATE_SIZE);
    hash_add(&state, datagram, MESSAGE_GATE_AT);
    hash_add(&state, datagram + PROTO_HEADER_SIZE, size - PROTO_HEADER_SIZE);
    hash_end(&state, out, MESSAGE_GATE_SIZE);
}

void seal_gate_close(const struct gate_key *key, uint8_t *datagram, size_t size)
{
    gate_of(key, datagram, size, datagram + MESSAGE_GATE_AT);
}

bool seal_gate_check(const struct gate_key *key, const uint8_t *datagram, size_t size)
{
    uint8_t gate[MESSAGE_GATE_SIZE];
    gate_of(key, datagram, size, gate);
    return sodium_memcmp(gate, datagram + MESSAGE_GATE_AT, sizeof gate) == 0;
}

static void add_scope(blake2b *state, const struct seal_scope *scope, const uint8_t *datagram, size_t total)
{
    const uint8_t length[2] = {(uint8_t)(total >> 8 & 0xff), (uint8_t)(total & 0xff)};
    assert(scope->resume >= PROTO_HEADER_SIZE && scope->resume <= scope->end && scope->end <= total);
    hash_add(state, scope->bound, 32);
    hash_add(state, datagram, MESSAGE_GATE_AT);
    hash_add(state, datagram + scope->resume, scope->end - scope->resume);
    hash_add(state, length, sizeof length);
}

void seal_digest(const struct seal_scope *scope, const uint8_t *datagram, size_t total, struct seal_digest *out)
{
    blake2b state;
    hash_start(&state, scope->label, NO_KEY, sizeof out->bytes);
    add_scope(&state, scope, datagram, total);
    hash_end(&state, out->bytes, sizeof out->bytes);
}

void seal_sign_server(const struct server_secret *key, const struct seal_digest *digest,
                      uint8_t out[PROTO_SIGNATURE_SIZE])
{
    (void)crypto_sign_ed25519_detached(out, NULL, digest->bytes, sizeof digest->bytes, key->bytes);
}

void seal_sign_workstation(const struct workstation_secret *key, const struct seal_digest *digest,
                           uint8_t out[PROTO_SIGNATURE_SIZE])
{
    (void)crypto_sign_ed25519_detached(out, NULL, digest->bytes, sizeof digest->bytes, key->bytes);
}

bool seal_verify_server(const struct server_public *key, const struct seal_digest *digest,
                        const uint8_t signature[PROTO_SIGNATURE_SIZE])
{
    return crypto_sign_ed25519_verify_detached(signature, digest->bytes, sizeof digest->bytes, key->bytes) == 0;
}

bool seal_verify_workstation(const struct workstation_public *key, const struct seal_digest *digest,
                             const uint8_t signature[PROTO_SIGNATURE_SIZE])
{
    return crypto_sign_ed25519_verify_detached(signature, digest->bytes, sizeof digest->bytes, key->bytes) == 0;
}

void seal_token_mac(const struct token_secret *secret, const struct seal_scope *scope, const uint8_t *datagram,
                    size_t total, uint8_t out[SEAL_MAC_SIZE])
{
    blake2b state;
    hash_start(&state, scope->label, (struct key_bytes){secret->bytes, sizeof secret->bytes}, SEAL_MAC_SIZE);
    add_scope(&state, scope, datagram, total);
    hash_end(&state, out, SEAL_MAC_SIZE);
}

void seal_request_hash(const uint8_t *datagram, size_t resume, size_t end, struct message_hash *out)
{
    blake2b state;
    assert(resume <= end);
    hash_start(&state, LABEL_REQUEST_HASH, NO_KEY, sizeof out->bytes);
    hash_add(&state, datagram, MESSAGE_GATE_AT);
    hash_add(&state, datagram + resume, end - resume);
    hash_end(&state, out->bytes, sizeof out->bytes);
}

void seal_token_check(const uint8_t *bytes, size_t size, uint8_t out[4])
{
    uint8_t hash[crypto_generichash_blake2b_BYTES_MIN];
    hash_of(LABEL_TOKEN_CHECK, bytes, size, hash, sizeof hash);
    memcpy(out, hash, 4);
}
