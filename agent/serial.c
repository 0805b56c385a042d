/* SPDX-License-Identifier: MIT */
#include "agent/serial.h"

#include "common/json.h"
#include "common/keys.h"

#include <errno.h>
#include <string.h>

enum { FILE_VERSION = 1, BLOCK = 1000 };

/* The wire has 64 bits, JSON's whole numbers one less. */
static const uint64_t SERIAL_MAX = INT64_MAX - BLOCK;

static bool from_json(const json_t *object, struct serial *out)
{
    uint64_t version;
    return json_get_number(object, "version", FILE_VERSION, &version) &&
           json_get_hex(object, "instance", out->instance.bytes, sizeof out->instance.bytes) &&
           json_get_number(object, "serial", INT64_MAX, &out->reserved);
}

static enum statefile_result reserve(struct serial *serial)
{
    uint64_t reserved = serial->value + BLOCK;
    json_t *object =
        json_pack("{s:i, s:o, s:I}", "version", FILE_VERSION, "instance",
                  json_hex(serial->instance.bytes, sizeof serial->instance.bytes), "serial", (json_int_t)reserved);
    enum statefile_result result = json_file_save(serial->path, STATEFILE_PUBLIC, object);
    if (result == STATEFILE_OK)
        serial->reserved = reserved;
    return result;
}

enum statefile_result serial_open(const char *path, struct serial *out, bool *saved)
{
    struct serial serial = {0};
    json_t *object = NULL;
    if (strlen(path) >= sizeof serial.path) {
        errno = ENAMETOOLONG;
        return STATEFILE_FAILED;
    }
    memcpy(serial.path, path, strlen(path) + 1);
    enum statefile_result result = json_file_load(path, STATEFILE_PUBLIC, &object);
    if (result == STATEFILE_ABSENT)
        keys_random(serial.instance.bytes, sizeof serial.instance.bytes);
    else if (result != STATEFILE_OK)
        return result;
    else if (!from_json(object, &serial))
        result = STATEFILE_DAMAGED;
    json_decref(object);
    if (result == STATEFILE_DAMAGED)
        return result;
    serial.value = serial.reserved < SERIAL_MAX ? serial.reserved + 1 : SERIAL_MAX;
    *saved = reserve(&serial) == STATEFILE_OK;
    *out = serial;
    return STATEFILE_OK;
}

enum statefile_result serial_advance(struct serial *serial)
{
    if (serial->value < SERIAL_MAX)
        serial->value++;
    return serial->value > serial->reserved ? reserve(serial) : STATEFILE_OK;
}
