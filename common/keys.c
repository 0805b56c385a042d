/* SPDX-License-Identifier: MIT */
#include "common/keys.h"

#include "proto/seal.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    SEED_SIZE = crypto_sign_ed25519_SEEDBYTES,
    KEY_FILE_MAX = 128,
    BASE64 = sodium_base64_VARIANT_ORIGINAL,
    SEED_TEXT_MAX = sodium_base64_ENCODED_LEN(SEED_SIZE, BASE64),
};

#define SERVER_FILE_START      "practice-server-key 1 "
#define WORKSTATION_FILE_START "practice-workstation-key 1 "

static_assert(sodium_base64_ENCODED_LEN(32, BASE64) <= KEYS_PUBLIC_TEXT_MAX, "text fits");

bool keys_start(void)
{
    return sodium_init() >= 0;
}

void keys_random(void *out, size_t size)
{
    randombytes_buf(out, size);
}

static void server_from_seed(const uint8_t seed[SEED_SIZE], struct server_keys *out)
{
    struct server_public public_key;
    (void)crypto_sign_ed25519_seed_keypair(public_key.bytes, out->secret.bytes, seed);
    seal_server_id(&public_key, &out->id);
}

static void workstation_from_seed(const uint8_t seed[SEED_SIZE], struct workstation_keys *out)
{
    (void)crypto_sign_ed25519_seed_keypair(out->public_key.bytes, out->secret.bytes, seed);
    seal_workstation_id(&out->public_key, &out->id);
}

void keys_new_server(struct server_keys *out)
{
    uint8_t seed[SEED_SIZE];
    keys_random(seed, sizeof seed);
    server_from_seed(seed, out);
    sodium_memzero(seed, sizeof seed);
}

void keys_new_workstation(struct workstation_keys *out)
{
    uint8_t seed[SEED_SIZE];
    keys_random(seed, sizeof seed);
    workstation_from_seed(seed, out);
    sodium_memzero(seed, sizeof seed);
}

void keys_wipe_server(struct server_keys *keys)
{
    sodium_memzero(keys, sizeof *keys);
}

void keys_wipe_workstation(struct workstation_keys *keys)
{
    sodium_memzero(keys, sizeof *keys);
}

static bool bytes_from_text(const char *text, size_t length, uint8_t out[32])
{
    uint8_t bytes[32];
    size_t size = 0;
    const char *end = NULL;
    int failed = sodium_base642bin(bytes, sizeof bytes, text, length, NULL, &size, &end, BASE64);
    bool good = !failed && size == sizeof bytes && end == text + length;
    if (good)
        memcpy(out, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    return good;
}

void keys_public_to_text(const uint8_t bytes[32], char out[KEYS_PUBLIC_TEXT_MAX])
{
    sodium_bin2base64(out, KEYS_PUBLIC_TEXT_MAX, bytes, 32, BASE64);
}

bool keys_public_from_text(const char *text, uint8_t out[32])
{
    return bytes_from_text(text, strlen(text), out);
}

/* A key file's line without its start is the seed's base64. */
static enum statefile_result load_seed(const char *path, const char *start, uint8_t seed[SEED_SIZE])
{
    char line[KEY_FILE_MAX];
    size_t size = 0;
    size_t prefix = strlen(start);
    enum statefile_result result = statefile_read(path, STATEFILE_SECRET, line, sizeof line, &size);
    if (result == STATEFILE_TOO_LONG)
        result = STATEFILE_DAMAGED;
    if (result == STATEFILE_OK) {
        bool good = size > prefix + 1 && line[size - 1] == '\n' && memcmp(line, start, prefix) == 0 &&
                    bytes_from_text(line + prefix, size - prefix - 1, seed);
        result = good ? STATEFILE_OK : STATEFILE_DAMAGED;
    }
    sodium_memzero(line, sizeof line);
    return result;
}

static enum statefile_result save_seed(const char *path, const char *start, const uint8_t secret[64])
{
    uint8_t seed[SEED_SIZE];
    char text[SEED_TEXT_MAX];
    char line[KEY_FILE_MAX];
    (void)crypto_sign_ed25519_sk_to_seed(seed, secret);
    sodium_bin2base64(text, sizeof text, seed, sizeof seed, BASE64);
    int size = snprintf(line, sizeof line, "%s%s\n", start, text);
    assert(size > 0 && (size_t)size < sizeof line);
    enum statefile_result result = statefile_replace(path, STATEFILE_SECRET, line, (size_t)size);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(text, sizeof text);
    sodium_memzero(line, sizeof line);
    return result;
}

enum statefile_result keys_load_server(const char *path, struct server_keys *out)
{
    uint8_t seed[SEED_SIZE];
    enum statefile_result result = load_seed(path, SERVER_FILE_START, seed);
    if (result == STATEFILE_OK)
        server_from_seed(seed, out);
    sodium_memzero(seed, sizeof seed);
    return result;
}

enum statefile_result keys_save_server(const char *path, const struct server_keys *keys)
{
    return save_seed(path, SERVER_FILE_START, keys->secret.bytes);
}

enum statefile_result keys_load_workstation(const char *path, struct workstation_keys *out)
{
    uint8_t seed[SEED_SIZE];
    enum statefile_result result = load_seed(path, WORKSTATION_FILE_START, seed);
    if (result == STATEFILE_OK)
        workstation_from_seed(seed, out);
    sodium_memzero(seed, sizeof seed);
    return result;
}

enum statefile_result keys_save_workstation(const char *path, const struct workstation_keys *keys)
{
    return save_seed(path, WORKSTATION_FILE_START, keys->secret.bytes);
}

void keys_fingerprint_hex(const struct fingerprint *fingerprint, char out[FINGERPRINT_HEX_MAX])
{
    sodium_bin2hex(out, FINGERPRINT_HEX_MAX, fingerprint->bytes, sizeof fingerprint->bytes);
}

void keys_fingerprint_text(const struct fingerprint *fingerprint, char out[FINGERPRINT_TEXT_MAX])
{
    char hex[FINGERPRINT_HEX_MAX];
    size_t at = 0;
    keys_fingerprint_hex(fingerprint, hex);
    for (size_t i = 0; hex[i] != '\0'; i++) {
        if (i > 0 && i % 4 == 0)
            out[at++] = '-';
        out[at++] = hex[i];
    }
    out[at] = '\0';
}
