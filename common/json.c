/* SPDX-License-Identifier: MIT */
#include "common/json.h"

#include "proto/name.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Ten thousand workstations on a roster take some two megabytes. */
enum { FILE_MAX = 16 * 1024 * 1024, HEX_BYTES_MAX = 64 };

/* The size stands in front of each block, so that it is known when the block is freed. */
union block {
    size_t size;
    max_align_t align;
};

static void *wiping_malloc(size_t size)
{
    if (size > SIZE_MAX - sizeof(union block))
        return NULL;
    union block *block = malloc(sizeof *block + size);
    if (!block)
        return NULL;
    block->size = size;
    return block + 1;
}

static void wiping_free(void *pointer)
{
    if (!pointer)
        return;
    union block *block = (union block *)pointer - 1;
    sodium_memzero(pointer, block->size);
    free(block);
}

void json_start(void)
{
    json_set_alloc_funcs(wiping_malloc, wiping_free);
}

enum statefile_result json_file_load(const char *path, enum statefile_kind kind, json_t **out)
{
    char *text = NULL;
    size_t size = 0;
    enum statefile_result result = statefile_read_all(path, kind, FILE_MAX, &text, &size);
    if (result != STATEFILE_OK)
        return result;
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    sodium_memzero(text, size);
    free(text);
    if (!json_is_object(object)) {
        json_decref(object);
        return STATEFILE_DAMAGED;
    }
    *out = object;
    return STATEFILE_OK;
}

enum statefile_result json_file_save(const char *path, enum statefile_kind kind, json_t *object)
{
    char *text = object ? json_dumps(object, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(object);
    if (!text) {
        errno = ENOMEM;
        return STATEFILE_FAILED;
    }
    enum statefile_result result = statefile_replace(path, kind, text, strlen(text));
    json_text_free(text);
    return result;
}

void json_text_free(char *text)
{
    json_malloc_t allocate;
    json_free_t release;
    json_get_alloc_funcs(&allocate, &release);
    release(text);
}

bool json_get_name(const json_t *object, const char *key, struct name *out)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && name_from_text(out, text);
}

bool json_get_hex(const json_t *object, const char *key, uint8_t *out, size_t size)
{
    const char *text = json_string_value(json_object_get(object, key));
    uint8_t bytes[HEX_BYTES_MAX];
    size_t found = 0;
    const char *end = NULL;
    assert(size <= sizeof bytes);
    if (!text || sodium_hex2bin(bytes, size, text, strlen(text), NULL, &found, &end) != 0)
        return false;
    bool good = found == size && *end == '\0';
    if (good)
        memcpy(out, bytes, size);
    sodium_memzero(bytes, sizeof bytes);
    return good;
}

bool json_get_number(const json_t *object, const char *key, uint64_t most, uint64_t *out)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > most)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

json_int_t json_capped(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (json_int_t)value;
}

json_t *json_hex(const uint8_t *bytes, size_t size)
{
    char text[2 * HEX_BYTES_MAX + 1];
    assert(size <= HEX_BYTES_MAX);
    sodium_bin2hex(text, sizeof text, bytes, size);
    json_t *string = json_string(text);
    sodium_memzero(text, sizeof text); /* may be a token's secret */
    return string;
}
