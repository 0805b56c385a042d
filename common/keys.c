/* SPDX-License-Identifier: MIT */
#include "common/keys.h"

#include "proto/seal.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { SEED_SIZE = crypto_sign_ed25519_SEEDBYTES, KEY_FILE_MAX = 128, BASE64 = sodium_base64_VARIANT_ORIGINAL };

static const char KEY_FILE_START[] = "practice-server-key 1 ";

static_assert(sodium_base64_ENCODED_LEN(SEED_SIZE, BASE64) <= KEYS_SEED_TEXT_MAX, "text fits");
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

void keys_workstation_to_text(const struct workstation_keys *keys, char out[KEYS_SEED_TEXT_MAX])
{
    uint8_t seed[SEED_SIZE];
    (void)crypto_sign_ed25519_sk_to_seed(seed, keys->secret.bytes);
    sodium_bin2base64(out, KEYS_SEED_TEXT_MAX, seed, sizeof seed, BASE64);
    sodium_memzero(seed, sizeof seed);
}

bool keys_workstation_from_text(const char *text, struct workstation_keys *out)
{
    uint8_t seed[SEED_SIZE];
    bool good = bytes_from_text(text, strlen(text), seed);
    if (good)
        workstation_from_seed(seed, out);
    sodium_memzero(seed, sizeof seed);
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

static bool server_from_line(const char *line, size_t size, struct server_keys *out)
{
    const size_t start = sizeof KEY_FILE_START - 1;
    uint8_t seed[SEED_SIZE];
    if (size < start + 1 || line[size - 1] != '\n' || memcmp(line, KEY_FILE_START, start) != 0)
        return false;
    bool good = bytes_from_text(line + start, size - start - 1, seed);
    if (good)
        server_from_seed(seed, out);
    sodium_memzero(seed, sizeof seed);
    return good;
}

enum keys_result keys_load_server(const char *path, struct server_keys *out, enum statefile_result *why)
{
    char line[KEY_FILE_MAX];
    size_t size = 0;
    *why = statefile_read(path, STATEFILE_SECRET, line, sizeof line, &size);
    enum keys_result result = KEYS_UNREADABLE;
    if (*why == STATEFILE_OK)
        result = server_from_line(line, size, out) ? KEYS_OK : KEYS_DAMAGED;
    sodium_memzero(line, sizeof line);
    return result;
}

enum statefile_result keys_save_server(const char *path, const struct server_keys *keys)
{
    uint8_t seed[SEED_SIZE];
    char text[KEYS_SEED_TEXT_MAX];
    char line[KEY_FILE_MAX];
    (void)crypto_sign_ed25519_sk_to_seed(seed, keys->secret.bytes);
    sodium_bin2base64(text, sizeof text, seed, sizeof seed, BASE64);
    int size = snprintf(line, sizeof line, "%s%s\n", KEY_FILE_START, text);
    assert(size > 0 && (size_t)size < sizeof line);
    enum statefile_result result = statefile_replace(path, STATEFILE_SECRET, line, (size_t)size);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(text, sizeof text);
    sodium_memzero(line, sizeof line);
    return result;
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
