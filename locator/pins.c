/* SPDX-License-Identifier: MIT */
#include "locator/pins.h"

#include "common/json.h"
#include "proto/seal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { FILE_VERSION = 1, FILE_NAME_MAX = 64, REMEMBER_FRESH_S = 60 };

static bool pin_path(char out[STATEFILE_PATH_MAX], const char *state, const struct pin *pin, const char *ending)
{
    char hex[FINGERPRINT_HEX_MAX];
    char name[FILE_NAME_MAX];
    keys_fingerprint_hex(&pin->server.fingerprint, hex);
    (void)snprintf(name, sizeof name, "%s.%s", hex, ending);
    return statefile_path(out, state, name);
}

static bool key_path(char out[STATEFILE_PATH_MAX], const char *state, const struct selector *selector)
{
    char hex[2 * sizeof selector->bytes + 1];
    char name[FILE_NAME_MAX];
    sodium_bin2hex(hex, sizeof hex, selector->bytes, sizeof selector->bytes);
    (void)snprintf(name, sizeof name, "%s.key", hex);
    return statefile_path(out, state, name);
}

static enum statefile_result path_too_long(void)
{
    errno = ENAMETOOLONG;
    return STATEFILE_FAILED;
}

/* Reads at most room addresses; what is none any more, since its interface is gone, is no damage. */
static size_t addresses_from_json(const json_t *list, uint16_t port, struct address *out, size_t room)
{
    size_t count = 0;
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item)
    {
        const char *text = json_string_value(item);
        if (text && count < room && address_from_text(text, port, &out[count]))
            count++;
    }
    return count;
}

static json_t *addresses_to_json(const struct address *addresses, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        char text[ADDRESS_TEXT_MAX];
        address_to_text(&addresses[i], text);
        (void)json_array_append_new(list, json_string(text));
    }
    return list;
}

static bool network_from_json(const json_t *object, struct network *out)
{
    struct network network = {0};
    uint64_t prefix;
    const char *address = json_string_value(json_object_get(object, "address"));
    if (!address || !address_from_text(address, 0, &network.address) || network.address.family != ENDPOINT_IPV4 ||
        !json_get_number(object, "prefix", 32, &prefix) ||
        !json_get_hex(object, "router", network.router, sizeof network.router))
        return false;
    network.prefix = (uint8_t)prefix;
    *out = network;
    return true;
}

static void networks_from_json(const json_t *list, struct remembered *out)
{
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item) out->network_count +=
        out->network_count < NETWORKS_MAX && network_from_json(item, &out->networks[out->network_count]);
}

static json_t *networks_to_json(const struct remembered *last)
{
    json_t *list = json_array();
    for (size_t i = 0; i < last->network_count; i++) {
        const struct network *network = &last->networks[i];
        char text[ADDRESS_TEXT_MAX];
        address_to_text(&network->address, text);
        (void)json_array_append_new(list, json_pack("{s:s, s:i, s:o}", "address", text, "prefix", (int)network->prefix,
                                                    "router", json_hex(network->router, sizeof network->router)));
    }
    return list;
}

static bool pin_from_json(const json_t *object, struct pin *out)
{
    struct pin pin = {0};
    struct server_public key;
    uint64_t version;
    uint64_t generation;
    uint64_t port;
    const char *key_text = json_string_value(json_object_get(object, "server_key"));

    if (!json_get_number(object, "version", FILE_VERSION, &version) ||
        !json_get_name(object, "practice", &pin.practice) || !json_get_name(object, "workstation", &pin.station) ||
        !key_text || !keys_public_from_text(key_text, key.bytes) ||
        !json_get_number(object, "generation", UINT32_MAX, &generation) ||
        !json_get_number(object, "query_port", UINT16_MAX, &port) ||
        !json_get_hex(object, "invitation", pin.selector.bytes, sizeof pin.selector.bytes))
        return false;
    pin.generation = (uint32_t)generation;
    pin.query_port = (uint16_t)port;
    pin.invited_count =
        addresses_from_json(json_object_get(object, "invited_at"), pin.query_port, pin.invited, TOKEN_ENDPOINTS_MAX);
    seal_server_id(&key, &pin.server);
    *out = pin;
    return true;
}

static json_t *pin_to_json(const struct pin *pin)
{
    char key[KEYS_PUBLIC_TEXT_MAX];
    keys_public_to_text(pin->server.public_key.bytes, key);
    return json_pack("{s:i, s:s, s:s, s:s, s:I, s:i, s:o, s:o}", "version", FILE_VERSION, "practice",
                     pin->practice.text, "workstation", pin->station.text, "server_key", key, "generation",
                     (json_int_t)pin->generation, "query_port", (int)pin->query_port, "invitation",
                     json_hex(pin->selector.bytes, sizeof pin->selector.bytes), "invited_at",
                     addresses_to_json(pin->invited, pin->invited_count));
}

static enum statefile_result load_pin(const char *path, struct pin *out)
{
    json_t *object;
    enum statefile_result result = json_file_load(path, STATEFILE_SECRET, &object);
    if (result != STATEFILE_OK)
        return result;
    if (!pin_from_json(object, out))
        result = STATEFILE_DAMAGED;
    json_decref(object);
    return result;
}

static void tell(const struct pins_report *report, const char *path, enum statefile_result result, const char *then)
{
    char line[STATEFILE_PATH_MAX + 160];
    (void)snprintf(line, sizeof line, "%s %s%s%s; %s", path, statefile_result_name(result),
                   result == STATEFILE_FAILED ? ": " : "", result == STATEFILE_FAILED ? strerror(errno) : "", then);
    report->trouble(report->context, line);
}

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name);
    size_t tail = strlen(ending);
    return length > tail && strcmp(name + length - tail, ending) == 0;
}

static void load_entry(const char *state, const char *name, const struct pins_report *report, struct pins *out)
{
    char path[STATEFILE_PATH_MAX];
    if (!ends_with(name, ".pin") || !statefile_path(path, state, name))
        return;
    if (out->count == PINS_MAX) {
        tell(report, path, STATEFILE_OK, "there are more practices than can be kept: 'practice-locator forget' some");
        return;
    }
    enum statefile_result result = load_pin(path, &out->items[out->count]);
    if (result == STATEFILE_OK)
        out->count++;
    else
        tell(report, path, result, "it is passed over: 'practice-locator join' makes a new one");
}

enum statefile_result pins_load(const char *state, const struct pins_report *report, struct pins *out)
{
    *out = (struct pins){0};
    DIR *folder = opendir(state);
    if (!folder)
        return errno == ENOENT ? STATEFILE_OK : STATEFILE_FAILED;
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        load_entry(state, entry->d_name, report, out);
    (void)closedir(folder);
    return STATEFILE_OK;
}

const struct pin *pins_find(const struct pins *pins, const char *practice)
{
    for (size_t i = 0; i < pins->count; i++)
        if (strcasecmp(pins->items[i].practice.text, practice) == 0)
            return &pins->items[i];
    return NULL;
}

static enum statefile_result remove_key(const char *state, const struct selector *selector)
{
    char path[STATEFILE_PATH_MAX];
    return key_path(path, state, selector) ? statefile_remove(path) : path_too_long();
}

enum statefile_result pins_save(const char *state, const struct pin *pin)
{
    char path[STATEFILE_PATH_MAX];
    struct pin old;
    if (!pin_path(path, state, pin, "pin"))
        return path_too_long();
    bool had_one = load_pin(path, &old) == STATEFILE_OK;
    enum statefile_result result = json_file_save(path, STATEFILE_SECRET, pin_to_json(pin));
    if (result != STATEFILE_OK || !had_one)
        return result;
    bool same_key = memcmp(&old.selector, &pin->selector, sizeof old.selector) == 0;
    return same_key ? STATEFILE_OK : remove_key(state, &old.selector);
}

enum statefile_result pins_remove(const char *state, const struct pin *pin)
{
    char pin_file[STATEFILE_PATH_MAX];
    char last_file[STATEFILE_PATH_MAX];
    if (!pin_path(pin_file, state, pin, "pin") || !pin_path(last_file, state, pin, "last"))
        return path_too_long();
    enum statefile_result result = statefile_remove(pin_file);
    if (result == STATEFILE_OK)
        result = remove_key(state, &pin->selector);
    return result == STATEFILE_OK ? statefile_remove(last_file) : result;
}

enum statefile_result pins_load_key(const char *state, const struct selector *selector, struct workstation_keys *out)
{
    char path[STATEFILE_PATH_MAX];
    return key_path(path, state, selector) ? keys_load_workstation(path, out) : path_too_long();
}

enum statefile_result pins_save_key(const char *state, const struct selector *selector,
                                    const struct workstation_keys *keys)
{
    char path[STATEFILE_PATH_MAX];
    return key_path(path, state, selector) ? keys_save_workstation(path, keys) : path_too_long();
}

static bool remembered_from_json(const json_t *object, struct remembered *out)
{
    struct remembered last = {0};
    uint64_t version;
    uint64_t query_port;
    uint64_t port;
    uint64_t generation;
    const char *address = json_string_value(json_object_get(object, "address"));
    const char *interface = json_string_value(json_object_get(object, "interface"));

    if (!json_get_number(object, "version", FILE_VERSION, &version) || !address || !interface ||
        strlen(address) >= sizeof last.address_text || strlen(interface) >= sizeof last.interface ||
        !json_get_number(object, "verified_s", INT64_MAX, &last.verified_s) ||
        !json_get_number(object, "query_port", UINT16_MAX, &query_port) ||
        !json_get_number(object, "port", UINT16_MAX, &port) ||
        !json_get_hex(object, "instance", last.instance.bytes, sizeof last.instance.bytes) ||
        !json_get_number(object, "serial", INT64_MAX, &last.serial) ||
        !json_get_number(object, "roster_generation", UINT32_MAX, &generation))
        return false;
    (void)snprintf(last.address_text, sizeof last.address_text, "%s", address);
    (void)snprintf(last.interface, sizeof last.interface, "%s", interface);
    last.port = (uint16_t)port;
    last.roster_generation = (uint32_t)generation;
    if (!json_get_name(object, "host", &last.host))
        last.host.text[0] = '\0'; /* the server need not tell one */
    if (!address_from_text(address, (uint16_t)query_port, &last.address))
        last.address.family = ENDPOINT_NONE; /* its interface is gone: still good to print as stale */
    last.count =
        addresses_from_json(json_object_get(object, "others"), (uint16_t)query_port, last.others, PROTO_ENDPOINTS_MAX);
    networks_from_json(json_object_get(object, "networks"), &last);
    *out = last;
    return true;
}

static json_t *remembered_to_json(const struct remembered *last, uint16_t query_port)
{
    return json_pack("{s:i, s:I, s:s, s:s, s:i, s:i, s:s, s:o, s:I, s:I, s:o, s:o}", "version", FILE_VERSION,
                     "verified_s", (json_int_t)last->verified_s, "address", last->address_text, "interface",
                     last->interface, "query_port", (int)query_port, "port", (int)last->port, "host", last->host.text,
                     "instance", json_hex(last->instance.bytes, sizeof last->instance.bytes), "serial",
                     json_capped(last->serial), "roster_generation", (json_int_t)last->roster_generation, "others",
                     addresses_to_json(last->others, last->count), "networks", networks_to_json(last));
}

enum statefile_result pins_recall(const char *state, const struct pin *pin, const struct pins_report *report,
                                  struct remembered *out)
{
    char path[STATEFILE_PATH_MAX];
    json_t *object;
    if (!pin_path(path, state, pin, "last"))
        return path_too_long();
    enum statefile_result result = json_file_load(path, STATEFILE_PUBLIC, &object);
    if (result == STATEFILE_OK) {
        result = remembered_from_json(object, out) ? STATEFILE_OK : STATEFILE_DAMAGED;
        json_decref(object);
    }
    if (result != STATEFILE_DAMAGED && result != STATEFILE_TOO_LONG)
        return result; /* what cannot be read now may be in order tomorrow */
    tell(report, path, result, "it is set aside and the server searched anew");
    return statefile_set_aside(path) == STATEFILE_OK ? STATEFILE_ABSENT : STATEFILE_FAILED;
}

static void others_from_answer(const struct verified *verified, struct remembered *out)
{
    for (size_t i = 0; i < verified->answer.count; i++) {
        struct address other = address_from_endpoint(&verified->answer.endpoints[i], verified->address.ifindex);
        if (other.family != ENDPOINT_NONE && !address_equal(&other, &verified->address))
            out->others[out->count++] = other;
    }
}

static void remembered_from_verified(const struct verified *verified, uint64_t now_s, struct remembered *out)
{
    *out = (struct remembered){.verified_s = now_s,
                               .address = verified->address,
                               .port = verified->answer.port,
                               .host = verified->answer.host,
                               .instance = verified->answer.instance,
                               .serial = (uint64_t)json_capped(verified->answer.serial),
                               .roster_generation = verified->answer.roster_generation};
    address_to_text(&verified->address, out->address_text);
    interface_name(verified->address.ifindex, out->interface);
    others_from_answer(verified, out);
}

/* This network first, then those known before, each once. */
static void networks_after(const struct remembered *before, const struct network *network, struct remembered *now)
{
    if (network)
        now->networks[now->network_count++] = *network;
    for (size_t i = 0; before && i < before->network_count && now->network_count < NETWORKS_MAX; i++)
        if (!network || !network_equal(&before->networks[i], network))
            now->networks[now->network_count++] = before->networks[i];
}

static bool same_others(const struct remembered *a, const struct remembered *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = address_equal(&a->others[i], &b->others[i]);
    return same;
}

static bool same_networks(const struct remembered *a, const struct remembered *b)
{
    bool same = a->network_count == b->network_count;
    for (size_t i = 0; same && i < a->network_count; i++)
        same = network_equal(&a->networks[i], &b->networks[i]);
    return same;
}

/* Nothing but the age differs, and that by less than a minute. */
static bool says_the_same(const struct remembered *before, const struct remembered *now)
{
    if (now->verified_s < before->verified_s || now->verified_s - before->verified_s >= REMEMBER_FRESH_S)
        return false;
    return same_networks(before, now) && same_others(before, now) &&
           strcmp(before->address_text, now->address_text) == 0 && before->address.port == now->address.port &&
           strcmp(before->interface, now->interface) == 0 && strcmp(before->host.text, now->host.text) == 0 &&
           before->port == now->port && before->serial == now->serial &&
           before->roster_generation == now->roster_generation &&
           memcmp(&before->instance, &now->instance, sizeof before->instance) == 0;
}

enum statefile_result pins_remember(const char *state, const struct pin *pin, const struct remembered *before,
                                    const struct verified *verified, const struct network *network, uint64_t now_s)
{
    char path[STATEFILE_PATH_MAX];
    struct remembered now;
    remembered_from_verified(verified, now_s, &now);
    networks_after(before, network, &now);
    if (before && says_the_same(before, &now))
        return STATEFILE_OK;
    if (!pin_path(path, state, pin, "last"))
        return path_too_long();
    return json_file_save(path, STATEFILE_PUBLIC, remembered_to_json(&now, verified->address.port));
}
