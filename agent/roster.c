/* SPDX-License-Identifier: MIT */
#include "agent/roster.h"

#include "common/json.h"
#include "common/keys.h"
#include "proto/seal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FILE_VERSION = 1, SLOTS_MIN = 64, REFUSAL_EVERY_US = 1000000 };

struct roster {
    char path[STATEFILE_PATH_MAX];
    uint32_t generation;
    size_t count;
    size_t room;
    struct station *stations;
    size_t slot_count; /* a power of two, at least twice count */
    uint32_t *slots;   /* index + 1 of the station, 0 for none; open addressing */
};

/* Ids are hashes already, so any part of one spreads well. */
static size_t first_slot(const struct roster *roster, const struct workstation_id *id)
{
    uint64_t value;
    memcpy(&value, id->bytes, sizeof value);
    return (size_t)value & (roster->slot_count - 1);
}

static struct station *find(const struct roster *roster, const struct workstation_id *id)
{
    if (roster->slot_count == 0)
        return NULL;
    for (size_t at = first_slot(roster, id); roster->slots[at]; at = (at + 1) & (roster->slot_count - 1)) {
        struct station *station = &roster->stations[roster->slots[at] - 1];
        if (memcmp(station->id.bytes, id->bytes, sizeof id->bytes) == 0)
            return station;
    }
    return NULL;
}

static void index_station(struct roster *roster, size_t index)
{
    size_t at = first_slot(roster, &roster->stations[index].id);
    while (roster->slots[at])
        at = (at + 1) & (roster->slot_count - 1);
    roster->slots[at] = (uint32_t)index + 1;
}

static bool index_all(struct roster *roster, size_t slot_count)
{
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (!slots)
        return false;
    free(roster->slots);
    roster->slots = slots;
    roster->slot_count = slot_count;
    for (size_t i = 0; i < roster->count; i++)
        index_station(roster, i);
    return true;
}

static bool make_room(struct roster *roster)
{
    if (roster->count == roster->room) {
        size_t room = roster->room ? roster->room * 2 : SLOTS_MIN / 2;
        struct station *stations = realloc(roster->stations, room * sizeof *stations);
        if (!stations)
            return false;
        roster->stations = stations;
        roster->room = room;
    }
    if ((roster->count + 1) * 2 <= roster->slot_count)
        return true;
    return index_all(roster, roster->slot_count ? roster->slot_count * 2 : SLOTS_MIN);
}

/* False when there is no room, or the key is there already. */
static bool add(struct roster *roster, const struct station *station)
{
    if (roster->count == ROSTER_MAX || find(roster, &station->id) || !make_room(roster))
        return false;
    roster->stations[roster->count] = *station;
    index_station(roster, roster->count);
    roster->count++;
    return true;
}

static bool station_from_json(const json_t *object, struct station *out)
{
    struct station station = {0};
    const char *key = json_string_value(json_object_get(object, "key"));
    if (!json_get_name(object, "name", &station.name) || !key || !keys_public_from_text(key, station.key.bytes) ||
        !json_get_number(object, "enrolled_s", INT64_MAX, &station.enrolled_s) ||
        !json_get_number(object, "revoked_s", INT64_MAX, &station.revoked_s))
        return false;
    seal_workstation_id(&station.key, &station.id);
    *out = station;
    return true;
}

static json_t *station_to_json(const struct station *station)
{
    char key[KEYS_PUBLIC_TEXT_MAX];
    keys_public_to_text(station->key.bytes, key);
    return json_pack("{s:s, s:s, s:I, s:I}", "name", station->name.text, "key", key, "enrolled_s",
                     (json_int_t)station->enrolled_s, "revoked_s", (json_int_t)station->revoked_s);
}

static bool from_json(const json_t *object, struct roster *roster)
{
    uint64_t version;
    uint64_t generation;
    size_t index;
    const json_t *item;
    const json_t *list = json_object_get(object, "workstations");
    if (!json_get_number(object, "version", FILE_VERSION, &version) ||
        !json_get_number(object, "generation", UINT32_MAX, &generation) || !json_is_array(list))
        return false;
    roster->generation = (uint32_t)generation;
    json_array_foreach(list, index, item)
    {
        struct station station;
        if (!station_from_json(item, &station) || !add(roster, &station))
            return false;
    }
    return true;
}

/* Half a roster must never replace a whole one. */
static enum statefile_result no_memory(json_t *list)
{
    json_decref(list);
    errno = ENOMEM;
    return STATEFILE_FAILED;
}

static enum statefile_result save(const struct roster *roster)
{
    json_t *list = json_array();
    for (size_t i = 0; i < roster->count; i++)
        if (json_array_append_new(list, station_to_json(&roster->stations[i])) != 0)
            return no_memory(list);
    json_t *object = json_pack("{s:i, s:I, s:o}", "version", FILE_VERSION, "generation", (json_int_t)roster->generation,
                               "workstations", list);
    return json_file_save(roster->path, STATEFILE_SECRET, object);
}

enum statefile_result roster_open(const char *path, struct roster **out)
{
    json_t *object = NULL;
    struct roster *roster = calloc(1, sizeof *roster);
    if (!roster || strlen(path) >= sizeof roster->path) {
        errno = roster ? ENAMETOOLONG : ENOMEM;
        free(roster);
        return STATEFILE_FAILED;
    }
    memcpy(roster->path, path, strlen(path) + 1);
    enum statefile_result result = json_file_load(path, STATEFILE_SECRET, &object);
    if (result == STATEFILE_OK)
        result = from_json(object, roster) ? STATEFILE_OK : STATEFILE_DAMAGED;
    else if (result == STATEFILE_ABSENT)
        result = STATEFILE_OK;
    json_decref(object);
    if (result == STATEFILE_OK)
        *out = roster;
    else
        roster_free(roster);
    return result;
}

void roster_free(struct roster *roster)
{
    if (!roster)
        return;
    free(roster->stations);
    free(roster->slots);
    free(roster);
}

uint32_t roster_generation(const struct roster *roster)
{
    return roster->generation;
}

size_t roster_count(const struct roster *roster)
{
    return roster->count;
}

const struct station *roster_at(const struct roster *roster, size_t index)
{
    assert(index < roster->count);
    return &roster->stations[index];
}

const struct station *roster_find(const struct roster *roster, const struct workstation_id *id)
{
    return find(roster, id);
}

const struct station *roster_find_name(const struct roster *roster, const char *name)
{
    for (size_t i = 0; i < roster->count; i++) {
        const struct station *station = &roster->stations[i];
        if (station->revoked_s == 0 && strcasecmp(station->name.text, name) == 0)
            return station;
    }
    return NULL;
}

/* Undoes add(): the index is made anew, since open addressing has no simple removal and this is rare. */
static void remove_last(struct roster *roster)
{
    roster->count--;
    memset(roster->slots, 0, roster->slot_count * sizeof *roster->slots);
    for (size_t i = 0; i < roster->count; i++)
        index_station(roster, i);
}

enum roster_result roster_enrol(struct roster *roster, const struct workstation_public *key, const struct name *name,
                                uint64_t now_s)
{
    struct station station = {.key = *key, .name = *name, .enrolled_s = now_s};
    seal_workstation_id(key, &station.id);
    if (!add(roster, &station))
        return ROSTER_FULL;
    roster->generation++;
    if (save(roster) == STATEFILE_OK)
        return ROSTER_OK;
    roster->generation--;
    remove_last(roster);
    return ROSTER_NOT_SAVED;
}

enum roster_result roster_revoke(struct roster *roster, const struct workstation_id *id, uint64_t now_s)
{
    struct station *station = find(roster, id);
    assert(station && station->revoked_s == 0);
    station->revoked_s = now_s;
    roster->generation++;
    if (save(roster) == STATEFILE_OK)
        return ROSTER_OK;
    station->revoked_s = 0;
    roster->generation--;
    return ROSTER_NOT_SAVED;
}

bool roster_may_refuse(struct roster *roster, const struct workstation_id *id, uint64_t now_us)
{
    struct station *station = find(roster, id);
    if (!station || (station->refused_us != 0 && now_us - station->refused_us < REFUSAL_EVERY_US))
        return false;
    station->refused_us = now_us;
    return true;
}

void roster_seen(struct roster *roster, const struct workstation_id *id, const struct address *from, uint64_t now_s)
{
    struct station *station = find(roster, id);
    if (!station)
        return;
    station->seen_s = now_s;
    station->seen_from = *from;
}
