/* SPDX-License-Identifier: MIT */
#include "agent/invitations.h"

#include "common/json.h"
#include "common/keys.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_VERSION = 1 };

struct invitations {
    char path[STATEFILE_PATH_MAX];
    uint64_t latest_s; /* the latest time ever seen */
    size_t count;
    struct invitation items[INVITATIONS_MAX];
};

static uint64_t later_of(const struct invitations *invitations, uint64_t now_s)
{
    return now_s > invitations->latest_s ? now_s : invitations->latest_s;
}

static bool invitation_from_json(const json_t *object, struct invitation *out)
{
    struct invitation item = {0};
    const json_t *used_by = json_object_get(object, "used_by");
    if (!json_get_hex(object, "selector", item.selector.bytes, sizeof item.selector.bytes) ||
        !json_get_hex(object, "secret", item.secret.bytes, sizeof item.secret.bytes) ||
        !json_get_number(object, "expires_s", INT64_MAX, &item.expires_s))
        return false;
    if (json_object_get(object, "name") && !json_get_name(object, "name", &item.name))
        return false;
    item.used = used_by != NULL;
    if (item.used && !json_get_hex(object, "used_by", item.used_by.bytes, sizeof item.used_by.bytes))
        return false;
    *out = item;
    sodium_memzero(&item, sizeof item);
    return true;
}

static json_t *invitation_to_json(const struct invitation *item)
{
    json_t *object =
        json_pack("{s:o, s:o, s:I}", "selector", json_hex(item->selector.bytes, sizeof item->selector.bytes), "secret",
                  json_hex(item->secret.bytes, sizeof item->secret.bytes), "expires_s", (json_int_t)item->expires_s);
    if (object && item->name.text[0] != '\0')
        (void)json_object_set_new(object, "name", json_string(item->name.text));
    if (object && item->used)
        (void)json_object_set_new(object, "used_by", json_hex(item->used_by.bytes, sizeof item->used_by.bytes));
    return object;
}

static bool from_json(const json_t *object, struct invitations *out)
{
    uint64_t version;
    size_t index;
    const json_t *item;
    const json_t *list = json_object_get(object, "invitations");
    if (!json_get_number(object, "version", FILE_VERSION, &version) ||
        !json_get_number(object, "latest_s", INT64_MAX, &out->latest_s) || !json_is_array(list) ||
        json_array_size(list) > INVITATIONS_MAX)
        return false;
    json_array_foreach(list, index, item)
    {
        if (!invitation_from_json(item, &out->items[out->count]))
            return false;
        out->count++;
    }
    return true;
}

/* Half a list must never replace a whole one. */
static enum statefile_result no_memory(json_t *list)
{
    json_decref(list);
    errno = ENOMEM;
    return STATEFILE_FAILED;
}

static enum statefile_result save(const struct invitations *invitations)
{
    json_t *list = json_array();
    for (size_t i = 0; i < invitations->count; i++)
        if (json_array_append_new(list, invitation_to_json(&invitations->items[i])) != 0)
            return no_memory(list);
    json_t *object = json_pack("{s:i, s:I, s:o}", "version", FILE_VERSION, "latest_s",
                               (json_int_t)invitations->latest_s, "invitations", list);
    return json_file_save(invitations->path, STATEFILE_SECRET, object);
}

enum statefile_result invitations_open(const char *path, struct invitations **out)
{
    json_t *object = NULL;
    struct invitations *invitations = calloc(1, sizeof *invitations);
    if (!invitations || strlen(path) >= sizeof invitations->path) {
        errno = invitations ? ENAMETOOLONG : ENOMEM;
        free(invitations);
        return STATEFILE_FAILED;
    }
    memcpy(invitations->path, path, strlen(path) + 1);
    enum statefile_result result = json_file_load(path, STATEFILE_SECRET, &object);
    if (result == STATEFILE_OK)
        result = from_json(object, invitations) ? STATEFILE_OK : STATEFILE_DAMAGED;
    else if (result == STATEFILE_ABSENT)
        result = STATEFILE_OK;
    json_decref(object);
    if (result == STATEFILE_OK)
        *out = invitations;
    else
        invitations_free(invitations);
    return result;
}

void invitations_free(struct invitations *invitations)
{
    if (!invitations)
        return;
    sodium_memzero(invitations, sizeof *invitations);
    free(invitations);
}

bool invitations_expired(const struct invitations *invitations, const struct invitation *invitation, uint64_t now_s)
{
    return later_of(invitations, now_s) >= invitation->expires_s;
}

size_t invitations_count_open(const struct invitations *invitations, uint64_t now_s)
{
    size_t count = 0;
    for (size_t i = 0; i < invitations->count; i++) {
        const struct invitation *item = &invitations->items[i];
        count += !item->used && !invitations_expired(invitations, item, now_s);
    }
    return count;
}

/* Dead ones are forgotten when they are old: until then whoever comes with one is told why it is no good. */
static void forget_old(struct invitations *invitations, uint64_t now_s)
{
    size_t kept = 0;
    uint64_t now = later_of(invitations, now_s);
    for (size_t i = 0; i < invitations->count; i++) {
        bool old = now > invitations->items[i].expires_s && now - invitations->items[i].expires_s > INVITATION_KEPT_S;
        if (!old)
            invitations->items[kept++] = invitations->items[i];
    }
    sodium_memzero(&invitations->items[kept], (invitations->count - kept) * sizeof invitations->items[0]);
    invitations->count = kept;
}

/* A roll-out to many workstations needs the room: what is used or expired gives way, the oldest first. */
static void forget_one_dead(struct invitations *invitations, uint64_t now_s)
{
    for (size_t i = 0; i < invitations->count; i++) {
        const struct invitation *item = &invitations->items[i];
        if (!item->used && !invitations_expired(invitations, item, now_s))
            continue;
        memmove(&invitations->items[i], item + 1, (invitations->count - i - 1) * sizeof *item);
        invitations->count--;
        sodium_memzero(&invitations->items[invitations->count], sizeof *item);
        return;
    }
}

const struct invitation *invitations_add(struct invitations *invitations, const struct name *name, uint64_t expires_s,
                                         uint64_t now_s, enum statefile_result *result)
{
    forget_old(invitations, now_s);
    if (invitations->count == INVITATIONS_MAX)
        forget_one_dead(invitations, now_s);
    if (invitations->count == INVITATIONS_MAX) {
        *result = STATEFILE_TOO_LONG;
        return NULL;
    }
    struct invitation *item = &invitations->items[invitations->count];
    *item = (struct invitation){.name = *name, .expires_s = expires_s + (later_of(invitations, now_s) - now_s)};
    keys_random(item->selector.bytes, sizeof item->selector.bytes);
    keys_random(item->secret.bytes, sizeof item->secret.bytes);
    invitations->latest_s = later_of(invitations, now_s);
    invitations->count++;
    *result = save(invitations);
    if (*result == STATEFILE_OK)
        return item;
    invitations->count--;
    sodium_memzero(item, sizeof *item);
    return NULL;
}

/* Its place; count when there is none. */
static size_t place_of(const struct invitations *invitations, const struct selector *selector)
{
    size_t at = 0;
    while (at < invitations->count &&
           memcmp(invitations->items[at].selector.bytes, selector->bytes, sizeof selector->bytes) != 0)
        at++;
    return at;
}

const struct invitation *invitations_find(const struct invitations *invitations, const struct selector *selector)
{
    size_t at = place_of(invitations, selector);
    return at < invitations->count ? &invitations->items[at] : NULL;
}

void invitations_expire(struct invitations *invitations, const struct invitation *invitation, uint64_t now_s)
{
    if (invitations->latest_s >= invitation->expires_s)
        return; /* on disk already: one write for each invitation, however often it is tried */
    invitations->latest_s = later_of(invitations, now_s);
    (void)save(invitations); /* a disk that refuses keeps nobody from being told */
}

enum statefile_result invitations_use(struct invitations *invitations, const struct selector *selector,
                                      const struct workstation_public *station, uint64_t now_s)
{
    size_t at = place_of(invitations, selector);
    assert(at < invitations->count);
    struct invitation *item = &invitations->items[at];
    struct invitation before = *item;
    item->used = true;
    item->used_by = *station;
    invitations->latest_s = later_of(invitations, now_s);
    enum statefile_result result = save(invitations);
    if (result != STATEFILE_OK)
        *item = before;
    sodium_memzero(&before, sizeof before);
    return result;
}
