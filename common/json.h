/* SPDX-License-Identifier: MIT
 *
 * json.h: files and lines of JSON, through jansson.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include "common/statefile.h"
#include "proto/types.h"

#include <jansson.h>

/* Once, before any other use of jansson: what it frees is wiped from then on, since some of it is secret. */
void json_start(void);

/* Reads a file that holds one JSON object. The caller releases *out with json_decref(). STATEFILE_DAMAGED: no JSON
 * object. */
enum statefile_result json_file_load(const char *path, enum statefile_kind kind, json_t **out) MUST_CHECK;

/* Replaces a file by one JSON object. Takes the reference, NULL (no memory) included. */
enum statefile_result json_file_save(const char *path, enum statefile_kind kind, json_t *object) MUST_CHECK;

/* Frees what json_dumps() gave. */
void json_text_free(char *text);

/* An object's string as a name; false when it is missing or not fit to show. */
bool json_get_name(const json_t *object, const char *key, struct name *out) MUST_CHECK;

/* An object's string of exactly size bytes in hexadecimal. */
bool json_get_hex(const json_t *object, const char *key, uint8_t *out, size_t size) MUST_CHECK;

/* An object's whole number from 0 to most. */
bool json_get_number(const json_t *object, const char *key, uint64_t most, uint64_t *out) MUST_CHECK;

/* JSON's whole numbers end where signed 64 bits do; larger ones become the largest. */
json_int_t json_capped(uint64_t value);

/* Bytes as a hexadecimal string; at most 64 of them. NULL when there is no memory. */
json_t *json_hex(const uint8_t *bytes, size_t size);

#endif
