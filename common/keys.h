/* SPDX-License-Identifier: MIT
 *
 * keys.h: makes key pairs and keeps them: in memory wiped after use, in files as one line of mode 0600.
 */
#ifndef COMMON_KEYS_H
#define COMMON_KEYS_H

#include "common/statefile.h"
#include "proto/types.h"

/* Once before any other cryptography. False when the system has no randomness to give. */
bool keys_start(void) MUST_CHECK;

/* Random bytes fit for keys, nonces and identifiers. */
void keys_random(void *out, size_t size);

struct server_keys {
    struct server_id id;
    struct server_secret secret;
};

struct workstation_keys {
    struct workstation_public public_key;
    struct workstation_id id;
    struct workstation_secret secret;
};

/* Fresh pairs. Wipe with the matching call after use. */
void keys_new_server(struct server_keys *out);
void keys_new_workstation(struct workstation_keys *out);
void keys_wipe_server(struct server_keys *keys);
void keys_wipe_workstation(struct workstation_keys *keys);

/* A public key as base64, for files. A text of another length or with other characters is refused. */
enum { KEYS_PUBLIC_TEXT_MAX = 48 };
void keys_public_to_text(const uint8_t bytes[32], char out[KEYS_PUBLIC_TEXT_MAX]);
bool keys_public_from_text(const char *text, uint8_t out[32]) MUST_CHECK;

/* Key files: one line, "practice-server-key 1 BASE64" or "practice-workstation-key 1 BASE64", the seed of RFC 8032.
 * Loading refuses a file that others can read; its answer is STATEFILE_DAMAGED when the line is not such a key. */
enum statefile_result keys_load_server(const char *path, struct server_keys *out) MUST_CHECK;
enum statefile_result keys_save_server(const char *path, const struct server_keys *keys) MUST_CHECK;
enum statefile_result keys_load_workstation(const char *path, struct workstation_keys *out) MUST_CHECK;
enum statefile_result keys_save_workstation(const char *path, const struct workstation_keys *keys) MUST_CHECK;

/* Fingerprints as people and programs see them. */
enum { FINGERPRINT_HEX_MAX = 41, FINGERPRINT_TEXT_MAX = 50 };
void keys_fingerprint_hex(const struct fingerprint *fingerprint, char out[FINGERPRINT_HEX_MAX]);
/* "3f2a-91c0-…": ten groups of four, easy to read aloud. */
void keys_fingerprint_text(const struct fingerprint *fingerprint, char out[FINGERPRINT_TEXT_MAX]);

#endif
