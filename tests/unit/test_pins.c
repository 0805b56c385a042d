/* SPDX-License-Identifier: MIT */
#include "common/json.h"
#include "locator/pins.h"
#include "tests/unit/state_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW_S = 1700000000, TOLD_MAX = 8, TOLD_ROOM = 1400, DAMAGED_MAX = 99 };

struct fixture {
    struct state_folder folder;
    struct pin pin;
    struct pins_report report;
    size_t told_count;
    char told[TOLD_MAX][TOLD_ROOM];
};

static void keep(void *context, const char *line)
{
    struct fixture *fixture = context;
    assert_true(strlen(line) < TOLD_ROOM);
    memcpy(fixture->told[fixture->told_count % TOLD_MAX], line, strlen(line) + 1);
    fixture->told_count++;
}

static void invite_to(struct pin *pin, const char *text)
{
    assert_true(address_from_text(text, pin->query_port, &pin->invited[pin->invited_count]));
    pin->invited_count++;
}

static struct pin pin_of(unsigned number, const char *practice)
{
    struct server_keys keys;
    struct pin pin = {.practice = state_name(practice),
                      .station = state_name("reception-2"),
                      .generation = number,
                      .query_port = 21234};
    state_server_keys(number, &keys);
    pin.server = keys.id;
    memset(pin.selector.bytes, (int)number, sizeof pin.selector.bytes);
    invite_to(&pin, "10.77.0.10");
    invite_to(&pin, "fd77::10");
    return pin;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    state_folder_make(&fixture->folder);
    fixture->pin = pin_of(1, "Praxis Dr. Müller");
    fixture->report = (struct pins_report){.trouble = keep, .context = fixture};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    state_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

static struct pins load(struct fixture *fixture)
{
    struct pins pins;
    assert_int_equal(pins_load(fixture->folder.path, &fixture->report, &pins), STATEFILE_OK);
    return pins;
}

static void save(const struct fixture *fixture, const struct pin *pin)
{
    assert_int_equal(pins_save(fixture->folder.path, pin), STATEFILE_OK);
}

static void pin_file(const struct fixture *fixture, const char *ending, char out[STATEFILE_PATH_MAX])
{
    char hex[FINGERPRINT_HEX_MAX];
    char name[FINGERPRINT_HEX_MAX + 32];
    keys_fingerprint_hex(&fixture->pin.server.fingerprint, hex);
    (void)snprintf(name, sizeof name, "%s.%s", hex, ending);
    state_path(&fixture->folder, name, out);
}

static void key_file(const struct fixture *fixture, unsigned number, char out[STATEFILE_PATH_MAX])
{
    char name[32];
    (void)snprintf(name, sizeof name, "%02x%02x%02x%02x%02x%02x%02x%02x.key", number, number, number, number, number,
                   number, number, number);
    state_path(&fixture->folder, name, out);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void assert_same_pin(const struct pin *a, const struct pin *b)
{
    assert_non_null(a);
    assert_string_equal(a->practice.text, b->practice.text);
    assert_string_equal(a->station.text, b->station.text);
    assert_memory_equal(&a->server, &b->server, sizeof a->server);
    assert_int_equal(a->generation, b->generation);
    assert_int_equal(a->query_port, b->query_port);
    assert_memory_equal(&a->selector, &b->selector, sizeof a->selector);
    assert_int_equal(a->invited_count, b->invited_count);
    for (size_t i = 0; i < a->invited_count; i++)
        assert_true(address_equal(&a->invited[i], &b->invited[i]));
}

static void assert_told(const struct fixture *fixture, const char *path, const char *what)
{
    assert_true(fixture->told_count > 0);
    const char *line = fixture->told[(fixture->told_count - 1) % TOLD_MAX];
    if (strncmp(line, path, strlen(path)) != 0 || !strstr(line, what) || strchr(line, '\n'))
        fail_msg("\"%s\" does not tell of %s that it %s", line, path, what);
}

static void an_absent_or_empty_folder_has_no_pins_and_what_is_no_folder_is_a_failure(void **state)
{
    struct fixture *fixture = *state;
    struct pins pins;
    memset(&pins, 0xa5, sizeof pins);
    pins = load(fixture);
    assert_int_equal(pins.count, 0);
    assert_null(pins_find(&pins, "Praxis"));
    assert_int_equal(pins_load("/nonexistent/folder", &fixture->report, &pins), STATEFILE_OK);
    assert_int_equal(pins.count, 0);
    assert_int_equal(pins_load("/dev/null", &fixture->report, &pins), STATEFILE_FAILED);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(fixture->told_count, 0);
}

static void a_pin_is_read_back_whole(void **state)
{
    struct fixture *fixture = *state;
    fixture->pin.generation = UINT32_MAX;
    fixture->pin.query_port = UINT16_MAX;
    fixture->pin.invited_count = 0;
    for (unsigned i = 1; i <= TOKEN_ENDPOINTS_MAX; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "10.77.0.%u", i);
        invite_to(&fixture->pin, text);
    }
    fixture->pin.station = state_name("Empfang \"Süd\" \\");
    save(fixture, &fixture->pin);
    const struct pins pins = load(fixture);
    assert_int_equal(pins.count, 1);
    assert_same_pin(&pins.items[0], &fixture->pin);
    assert_int_equal(fixture->told_count, 0);
}

static void a_pin_is_found_by_its_name_without_case(void **state)
{
    struct fixture *fixture = *state;
    const struct pin other = pin_of(2, "Praxis Dr. M");
    save(fixture, &fixture->pin);
    save(fixture, &other);
    const struct pins pins = load(fixture);
    assert_int_equal(pins.count, 2);
    assert_same_pin(pins_find(&pins, "praxis dr. Müller"), &fixture->pin);
    assert_same_pin(pins_find(&pins, "PRAXIS DR. M"), &other);
    assert_null(pins_find(&pins, "Praxis"));
    assert_null(pins_find(&pins, ""));
}

static void a_pin_is_for_its_owner_alone(void **state)
{
    struct fixture *fixture = *state;
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "pin", path);
    save(fixture, &fixture->pin);
    assert_int_equal(state_mode(path), 0600);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(load(fixture).count, 0);
    assert_told(fixture, path, statefile_result_name(STATEFILE_EXPOSED));
    assert_true(is_there(path));
}

static void assert_passed_over(void *context)
{
    struct fixture *fixture = context;
    const size_t told = fixture->told_count;
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "pin", path);
    const struct pins pins = load(fixture);
    assert_int_equal(pins.count, 1);
    assert_string_equal(pins.items[0].practice.text, "good");
    assert_int_equal(fixture->told_count, told + 1);
    assert_told(fixture, path, "is damaged; it is passed over");
}

static void a_pin_that_is_cut_anywhere_is_told_passed_over_and_kept(void **state)
{
    struct fixture *fixture = *state;
    const struct pin good = pin_of(2, "good");
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "pin", path);
    save(fixture, &good);
    save(fixture, &fixture->pin);
    state_each_truncation(path, assert_passed_over, fixture);
    assert_int_equal(load(fixture).count, 2);
}

#define PIN(practice, station, key, rest)                                                                              \
    "{\"version\": 1, \"practice\": " practice ", \"workstation\": " station ", \"server_key\": " key ", " rest "}"
#define KEY  "\"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""
#define REST "\"generation\": 0, \"query_port\": 21234, \"invitation\": \"0102030405060708\""

static void a_pin_of_other_content_is_told_passed_over_and_kept(void **state)
{
    static const char *const damaged[] = {
        "[]",
        "{}",
        PIN("\"\"", "\"s\"", KEY, REST),
        PIN("\"a\\n\"", "\"s\"", KEY, REST),
        PIN("\"p\"", "\"\"", KEY, REST),
        PIN("\"p\"", "null", KEY, REST),
        PIN("\"p\"", "\"s\"", "\"\"", REST),
        PIN("\"p\"", "\"s\"", "7", REST),
        PIN("\"p\"", "\"s\"", "\"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo\"", REST),
        PIN("\"p\"", "\"s\"", KEY, "\"generation\": -1, \"query_port\": 1, \"invitation\": \"0102030405060708\""),
        PIN("\"p\"", "\"s\"", KEY,
            "\"generation\": 4294967296, \"query_port\": 1, \"invitation\": \"0102030405060708\""),
        PIN("\"p\"", "\"s\"", KEY, "\"generation\": 0, \"query_port\": 65536, \"invitation\": \"0102030405060708\""),
        PIN("\"p\"", "\"s\"", KEY, "\"generation\": 0, \"query_port\": 1, \"invitation\": \"01020304050607\""),
        PIN("\"p\"", "\"s\"", KEY, "\"generation\": 0, \"query_port\": 1"),
        "{\"version\": 2, \"practice\": \"p\", \"workstation\": \"s\", \"server_key\": " KEY ", " REST "}",
    };
    struct fixture *fixture = *state;
    const struct pin good = pin_of(2, "good");
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "pin", path);
    save(fixture, &good);
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        const struct state_bytes expected = {.size = strlen(damaged[i]), .bytes = (char *)(uintptr_t)damaged[i]};
        state_put_text(path, damaged[i]);
        assert_passed_over(fixture);
        state_assert_holds(path, &expected);
    }
    state_put_text(path, PIN("\"p\"", "\"s\"", KEY, REST));
    assert_int_equal(load(fixture).count, 2);
}

static void other_files_are_no_pins(void **state)
{
    static const char *const names[] = {".pin", "x.pin.damaged", "x.pinx", "pin", "x.key", "x.last", ".new-0123"};
    struct fixture *fixture = *state;
    char path[STATEFILE_PATH_MAX];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        state_path(&fixture->folder, names[i], path);
        state_put_text(path, "text");
    }
    assert_int_equal(load(fixture).count, 0);
    assert_int_equal(fixture->told_count, 0);
    state_path(&fixture->folder, "folder.pin", path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(load(fixture).count, 0);
    assert_told(fixture, path, "Is a directory");
}

static void pins_have_their_most_and_one_over_is_told_and_left_out(void **state)
{
    struct fixture *fixture = *state;
    char name[16];
    for (unsigned i = 1; i <= PINS_MAX; i++) {
        (void)snprintf(name, sizeof name, "practice %u", i);
        const struct pin pin = pin_of(i, name);
        save(fixture, &pin);
    }
    const struct pin last = pin_of(PINS_MAX, name);
    const struct pins pins = load(fixture);
    assert_int_equal(pins.count, PINS_MAX);
    assert_same_pin(pins_find(&pins, name), &last);
    assert_int_equal(fixture->told_count, 0);
    const struct pin over = pin_of(PINS_MAX + 1, "one more");
    save(fixture, &over);
    assert_int_equal(load(fixture).count, PINS_MAX);
    assert_int_equal(fixture->told_count, 1);
    assert_non_null(strstr(fixture->told[0], "more practices than can be kept"));
}

static void save_key(const struct fixture *fixture, unsigned number, struct workstation_keys *out)
{
    struct selector selector;
    memset(selector.bytes, (int)number, sizeof selector.bytes);
    state_workstation_keys(number, out);
    assert_int_equal(pins_save_key(fixture->folder.path, &selector, out), STATEFILE_OK);
}

static void a_new_pin_of_the_same_server_replaces_the_old_one_and_its_key(void **state)
{
    struct fixture *fixture = *state;
    struct workstation_keys keys;
    char old_key[STATEFILE_PATH_MAX];
    char new_key[STATEFILE_PATH_MAX];
    key_file(fixture, 1, old_key);
    key_file(fixture, 2, new_key);
    save_key(fixture, 1, &keys);
    save(fixture, &fixture->pin);
    save(fixture, &fixture->pin);
    assert_true(is_there(old_key));
    save_key(fixture, 2, &keys);
    memset(fixture->pin.selector.bytes, 2, sizeof fixture->pin.selector.bytes);
    fixture->pin.practice = state_name("renamed");
    save(fixture, &fixture->pin);
    assert_false(is_there(old_key));
    assert_true(is_there(new_key));
    const struct pins pins = load(fixture);
    assert_int_equal(pins.count, 1);
    assert_same_pin(&pins.items[0], &fixture->pin);
}

static void a_pin_that_cannot_be_saved_leaves_the_old_one_and_its_key(void **state)
{
    struct fixture *fixture = *state;
    struct workstation_keys keys;
    struct pin next = fixture->pin;
    char key[STATEFILE_PATH_MAX];
    key_file(fixture, 1, key);
    save_key(fixture, 1, &keys);
    save(fixture, &fixture->pin);
    memset(next.selector.bytes, 2, sizeof next.selector.bytes);
    state_disk_full(true);
    enum statefile_result result = pins_save(fixture->folder.path, &next);
    state_disk_full(false);
    assert_int_equal(result, STATEFILE_FAILED);
    const struct pins pins = load(fixture);
    assert_same_pin(&pins.items[0], &fixture->pin);
    assert_true(is_there(key));
}

static void a_key_is_read_back_by_its_invitation(void **state)
{
    struct fixture *fixture = *state;
    struct workstation_keys saved;
    struct workstation_keys loaded;
    char path[STATEFILE_PATH_MAX];
    const struct selector other = {{9}};
    key_file(fixture, 1, path);
    save_key(fixture, 1, &saved);
    assert_int_equal(state_mode(path), 0600);
    assert_int_equal(pins_load_key(fixture->folder.path, &fixture->pin.selector, &loaded), STATEFILE_OK);
    assert_memory_equal(&loaded, &saved, sizeof saved);
    assert_int_equal(pins_load_key(fixture->folder.path, &other, &loaded), STATEFILE_ABSENT);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(pins_load_key(fixture->folder.path, &fixture->pin.selector, &loaded), STATEFILE_EXPOSED);
    state_put_text(path, "practice-server-key 1 nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n");
    assert_int_equal(pins_load_key(fixture->folder.path, &fixture->pin.selector, &loaded), STATEFILE_DAMAGED);
    assert_true(is_there(path));
}

static struct verified verified_at(const char *text)
{
    struct verified verified = {.source = SOURCE_MULTICAST,
                                .answer = {.roster_generation = 7,
                                           .instance = {{1, 2, 3, 4, 5, 6, 7, 8}},
                                           .serial = 1234567890123,
                                           .port = 1234,
                                           .host = {"praxis-server"}}};
    assert_true(address_from_text(text, 21234, &verified.address));
    verified.address.ifindex = if_nametoindex("lo");
    return verified;
}

static void list(struct verified *verified, const char *text)
{
    struct address address;
    assert_true(address_from_text(text, 21234, &address));
    verified->answer.endpoints[verified->answer.count++] = address_to_endpoint(&address, 0);
}

static void remember(struct fixture *fixture, const struct verified *verified)
{
    assert_int_equal(pins_remember(fixture->folder.path, &fixture->pin, NULL, verified, NULL, NOW_S), STATEFILE_OK);
}

static struct remembered recall(struct fixture *fixture)
{
    struct remembered last;
    memset(&last, 0xa5, sizeof last);
    enum statefile_result result = pins_recall(fixture->folder.path, &fixture->pin, &fixture->report, &last);
    if (result != STATEFILE_OK)
        fail_msg("the remembered address %s; %s", statefile_result_name(result), fixture->told[0]);
    return last;
}

static void assert_remembered(const struct remembered *last, const struct verified *verified)
{
    char text[ADDRESS_TEXT_MAX];
    address_to_text(&verified->address, text);
    assert_true(address_equal(&last->address, &verified->address));
    assert_string_equal(last->address_text, text);
    assert_string_equal(last->interface, "lo");
    assert_int_equal(last->verified_s, NOW_S);
    assert_int_equal(last->port, verified->answer.port);
    assert_string_equal(last->host.text, verified->answer.host.text);
    assert_memory_equal(&last->instance, &verified->answer.instance, sizeof last->instance);
    assert_int_equal(last->serial, json_capped(verified->answer.serial)); /* JSON has 63 bits */
    assert_int_equal(last->roster_generation, verified->answer.roster_generation);
}

static void what_is_remembered_is_recalled_whole(void **state)
{
    static const char *const addresses[] = {"10.77.0.10", "fd77::10", "fe80::10%lo"};
    struct fixture *fixture = *state;
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "last", path);
    for (size_t i = 0; i < 3; i++) {
        struct verified verified = verified_at(addresses[i]);
        for (size_t k = 0; k < 3; k++)
            list(&verified, addresses[k]);
        remember(fixture, &verified);
        const struct remembered last = recall(fixture);
        assert_remembered(&last, &verified);
        assert_int_equal(last.count, 2); /* the others: without the one itself */
        for (size_t k = 0; k < last.count; k++) {
            assert_false(address_same_host(&last.others[k], &last.address));
            assert_int_equal(last.others[k].port, 21234);
        }
        assert_int_equal(state_mode(path), 0644);
    }
}

static void a_server_without_host_name_and_with_the_most_addresses_is_remembered(void **state)
{
    struct fixture *fixture = *state;
    struct verified verified = verified_at("10.77.0.200");
    verified.answer.host.text[0] = '\0';
    verified.answer.port = UINT16_MAX;
    verified.answer.roster_generation = UINT32_MAX;
    for (unsigned i = 0; i < PROTO_ENDPOINTS_MAX; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "10.77.0.%u", i + 1);
        list(&verified, text);
    }
    remember(fixture, &verified);
    const struct remembered last = recall(fixture);
    assert_remembered(&last, &verified);
    assert_int_equal(last.count, PROTO_ENDPOINTS_MAX);
}

/* On the wire a serial has 64 bits. */
static void the_largest_serial_is_recalled(void **state)
{
    static const uint64_t serials[] = {0, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof serials / sizeof *serials; i++) {
        struct verified verified = verified_at("10.77.0.10");
        verified.answer.serial = serials[i];
        remember(fixture, &verified);
        const struct remembered last = recall(fixture);
        assert_remembered(&last, &verified);
    }
}

/* Of this server: what is remembered of another one does not count. */
static void nothing_remembered_is_absent(void **state)
{
    struct fixture *fixture = *state;
    const struct verified verified = verified_at("10.77.0.10");
    const struct pin other = pin_of(2, "other");
    struct remembered last;
    struct remembered before;
    memset(&last, 0xa5, sizeof last);
    memset(&before, 0xa5, sizeof before);
    remember(fixture, &verified);
    assert_int_equal(pins_recall(fixture->folder.path, &other, &fixture->report, &last), STATEFILE_ABSENT);
    assert_memory_equal(&last, &before, sizeof last);
    assert_int_equal(fixture->told_count, 0);
}

/* With this content the remembered file is set aside, told, and counts as absent; its bytes are kept. */
static void assert_set_aside(struct fixture *fixture, const struct state_bytes *content)
{
    char path[STATEFILE_PATH_MAX];
    char aside[STATEFILE_PATH_MAX];
    struct remembered last;
    pin_file(fixture, "last", path);
    pin_file(fixture, "last.damaged", aside);
    state_put(path, content->bytes, content->size, 0644);
    enum statefile_result result = pins_recall(fixture->folder.path, &fixture->pin, &fixture->report, &last);
    if (result != STATEFILE_ABSENT)
        fail_msg("taken: %.*s", (int)content->size, content->bytes);
    assert_told(fixture, path, "is damaged; it is set aside");
    assert_false(is_there(path));
    state_assert_holds(aside, content);
    assert_int_equal(unlink(aside), 0);
}

static void what_is_remembered_and_cut_anywhere_is_set_aside_and_told(void **state)
{
    struct fixture *fixture = *state;
    struct verified verified = verified_at("10.77.0.10");
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "last", path);
    list(&verified, "fd77::10");
    remember(fixture, &verified);
    struct state_bytes content = state_get(path);
    while (content.size-- > 0)
        assert_set_aside(fixture, &content);
    free(content.bytes);
}

/* A copy with every occurrence of from replaced by to. */
static struct state_bytes edited(const struct state_bytes *text, const char *from, const char *to)
{
    struct state_bytes out = {.bytes = NULL};
    FILE *stream = open_memstream(&out.bytes, &out.size);
    const char *at = text->bytes;
    assert_non_null(stream);
    if (!strstr(at, from))
        fail_msg("nothing to replace: %s", from);
    for (const char *found = strstr(at, from); found; found = strstr(at, from)) {
        (void)fprintf(stream, "%.*s%s", (int)(found - at), at, to);
        at = found + strlen(from);
    }
    (void)fprintf(stream, "%s", at);
    assert_int_equal(fclose(stream), 0);
    return out;
}

#define FORTY "0123456789012345678901234567890123456789"

static void what_is_remembered_with_other_content_is_set_aside_and_told(void **state)
{
    static const char *const changes[][2] = {
        {"{", "["},
        {"\"version\": 1", "\"version\": 2"},
        {"\"verified_s\"", "\"verified\""},
        {"\"verified_s\": 1700000000", "\"verified_s\": -5"},
        {"\"10.77.0.10\"", "1"},
        {"\"10.77.0.10\"", "\"" FORTY FORTY "\""},
        {"\"lo\"", "null"},
        {"\"lo\"", "\"" FORTY "\""},
        {"\"query_port\": 21234", "\"query_port\": 65536"},
        {"\"port\": 1234", "\"port\": 65536"},
        {"\"0102030405060708\"", "\"01020304050607\""},
        {"\"serial\"", "\"serials\""},
        {"\"roster_generation\": 7", "\"roster_generation\": 4294967296"},
    };
    struct fixture *fixture = *state;
    const struct verified verified = verified_at("10.77.0.10");
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "last", path);
    remember(fixture, &verified);
    struct state_bytes good = state_get(path);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct state_bytes content = edited(&good, changes[i][0], changes[i][1]);
        assert_set_aside(fixture, &content);
        free(content.bytes);
    }
    free(good.bytes);
}

static void what_was_set_aside_before_is_kept_as_well(void **state)
{
    struct fixture *fixture = *state;
    const struct state_bytes first = {.size = 5, .bytes = (char[]){"first"}};
    char path[STATEFILE_PATH_MAX];
    char aside[STATEFILE_PATH_MAX];
    struct remembered last;
    pin_file(fixture, "last", path);
    pin_file(fixture, "last.damaged", aside);
    state_put(aside, first.bytes, first.size, 0644);
    state_put_text(path, "second");
    assert_int_equal(pins_recall(fixture->folder.path, &fixture->pin, &fixture->report, &last), STATEFILE_ABSENT);
    state_assert_holds(aside, &first);
    pin_file(fixture, "last.damaged-2", aside);
    assert_true(is_there(aside));
}

static void what_cannot_be_set_aside_is_kept_and_a_failure(void **state)
{
    struct fixture *fixture = *state;
    char path[STATEFILE_PATH_MAX];
    char ending[32] = "last.damaged";
    struct remembered last;
    for (unsigned i = 1; i <= DAMAGED_MAX; i++) {
        pin_file(fixture, ending, path);
        state_put_text(path, "older");
        (void)snprintf(ending, sizeof ending, "last.damaged-%u", i + 1);
    }
    pin_file(fixture, "last", path);
    state_put_text(path, "damaged");
    assert_int_equal(pins_recall(fixture->folder.path, &fixture->pin, &fixture->report, &last), STATEFILE_FAILED);
    assert_true(is_there(path));
}

/* The cable was pulled: nobody can be asked there, but the address is good to show as stale. */
static void an_address_whose_interface_is_gone_can_still_be_shown(void **state)
{
    struct fixture *fixture = *state;
    struct verified verified = verified_at("fe80::10%lo");
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "last", path);
    list(&verified, "fe80::11%lo");
    list(&verified, "10.77.0.10");
    remember(fixture, &verified);
    struct state_bytes before = state_get(path);
    struct state_bytes zones = edited(&before, "%lo", "%gone0");
    struct state_bytes gone = edited(&zones, "\"lo\"", "\"gone0\"");
    state_put(path, gone.bytes, gone.size, 0644);
    const struct remembered last = recall(fixture);
    assert_int_equal(last.address.family, ENDPOINT_NONE);
    assert_string_equal(last.address_text, "fe80::10%gone0");
    assert_string_equal(last.interface, "gone0");
    assert_int_equal(last.count, 1);
    assert_int_equal(last.others[0].family, ENDPOINT_IPV4);
    assert_int_equal(fixture->told_count, 0);
    free(gone.bytes);
    free(zones.bytes);
    free(before.bytes);
}

/* Whether remembering this writes the file, after what stands in it. */
static bool writes_on(struct fixture *fixture, const struct verified *verified, const struct network *network,
                      uint64_t now_s)
{
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "last", path);
    const struct remembered before = recall(fixture);
    const ino_t inode = state_inode(path);
    assert_int_equal(pins_remember(fixture->folder.path, &fixture->pin, &before, verified, network, now_s),
                     STATEFILE_OK);
    return state_inode(path) != inode;
}

static bool writes(struct fixture *fixture, const struct verified *verified, uint64_t now_s)
{
    return writes_on(fixture, verified, NULL, now_s);
}

static void the_same_is_written_again_after_a_minute_or_when_the_clock_was_set_back(void **state)
{
    struct fixture *fixture = *state;
    struct verified verified = verified_at("10.77.0.10");
    list(&verified, "10.77.0.10");
    list(&verified, "fe80::10%lo");
    remember(fixture, &verified);
    assert_false(writes(fixture, &verified, NOW_S));
    assert_false(writes(fixture, &verified, NOW_S + 59));
    assert_int_equal(recall(fixture).verified_s, NOW_S);
    assert_true(writes(fixture, &verified, NOW_S + 60));
    assert_int_equal(recall(fixture).verified_s, NOW_S + 60);
    assert_false(writes(fixture, &verified, NOW_S + 119));
    assert_true(writes(fixture, &verified, NOW_S + 59));
    verified.source = SOURCE_CACHE; /* how it was found and how fast is not remembered */
    verified.rtt_us = 99;
    assert_false(writes(fixture, &verified, NOW_S + 60));
}

static struct verified listing_two(void)
{
    struct verified verified = verified_at("10.77.0.10");
    list(&verified, "10.77.0.10");
    list(&verified, "10.77.0.11");
    return verified;
}

static void assert_each_is_written(struct fixture *fixture, const struct verified *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct verified before = listing_two();
        remember(fixture, &before);
        if (!writes(fixture, &changes[i], NOW_S + 1))
            fail_msg("change %zu was not written", i);
    }
}

static void what_an_answer_changed_is_written_at_once(void **state)
{
    struct verified changes[8];
    for (size_t i = 0; i < 8; i++)
        changes[i] = listing_two();
    changes[0] = verified_at("10.77.0.12");
    list(&changes[0], "10.77.0.11");
    changes[1].address.port++;
    changes[1].answer.endpoints[0].port++; /* its own: the other one is as before */
    changes[2].answer.port++;
    changes[3].answer.serial++;
    changes[4].answer.roster_generation++;
    changes[5].answer.instance.bytes[7]++;
    changes[6].answer.count--;
    list(&changes[7], "fd77::10");
    assert_each_is_written(*state, changes, 8);
}

/* All that the file holds counts, though an honest server raises its serial with most of it. */
static void a_change_of_host_interface_or_other_addresses_is_written_at_once(void **state)
{
    struct verified changes[3];
    for (size_t i = 0; i < 3; i++)
        changes[i] = listing_two();
    changes[0].answer.host = state_name("other-host");
    changes[1].address.ifindex = 0;
    changes[2].answer.count = 1;
    list(&changes[2], "10.77.0.12");
    assert_each_is_written(*state, changes, 3);
}

/* A later version may list a kind of address that is unknown here: it is read as none. */
static void an_address_of_an_unknown_kind_is_not_remembered(void **state)
{
    struct fixture *fixture = *state;
    struct verified verified = listing_two();
    verified.answer.endpoints[verified.answer.count++] = (struct endpoint){.family = ENDPOINT_NONE};
    remember(fixture, &verified);
    assert_int_equal(recall(fixture).count, 1);
    assert_false(writes(fixture, &verified, NOW_S + 1));
}

static struct network network_number(uint8_t number)
{
    struct network network = {.prefix = 24, .router = {2, 0, 0, 0, 0, number}};
    char text[16];
    (void)snprintf(text, sizeof text, "10.77.%u.0", number);
    assert_true(address_from_text(text, 0, &network.address));
    return network;
}

/* Remembers it on these networks, one after the other, each time after what was remembered before. */
static void remember_on(struct fixture *fixture, const uint8_t *numbers, size_t count)
{
    const struct verified verified = verified_at("10.77.0.10");
    remember(fixture, &verified);
    for (size_t i = 0; i < count; i++) {
        const struct network network = network_number(numbers[i]);
        (void)writes_on(fixture, &verified, &network, NOW_S);
    }
}

static void assert_networks(struct fixture *fixture, const uint8_t *numbers, size_t count)
{
    const struct remembered last = recall(fixture);
    assert_int_equal(last.network_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct network expected = network_number(numbers[i]);
        assert_true(network_equal(&last.networks[i], &expected));
    }
}

static void networks_are_remembered_each_once_the_last_one_first(void **state)
{
    remember_on(*state, (const uint8_t[]){1, 2, 3, 2, 2}, 5);
    assert_networks(*state, (const uint8_t[]){2, 3, 1}, 3);
}

static void the_eight_last_networks_are_remembered(void **state)
{
    remember_on(*state, (const uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8}, NETWORKS_MAX);
    assert_networks(*state, (const uint8_t[]){8, 7, 6, 5, 4, 3, 2, 1}, NETWORKS_MAX);
    remember_on(*state, (const uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 1}, NETWORKS_MAX + 2);
    assert_networks(*state, (const uint8_t[]){1, 9, 8, 7, 6, 5, 4, 3}, NETWORKS_MAX);
}

static void another_network_is_written_at_once_and_an_unknown_one_forgets_none(void **state)
{
    struct fixture *fixture = *state;
    const struct verified verified = verified_at("10.77.0.10");
    const struct network one = network_number(1);
    struct network other = network_number(1);
    other.router[5]++;
    remember(fixture, &verified);
    assert_true(writes_on(fixture, &verified, &one, NOW_S));
    assert_false(writes_on(fixture, &verified, &one, NOW_S));
    assert_false(writes_on(fixture, &verified, NULL, NOW_S));
    assert_true(writes_on(fixture, &verified, NULL, NOW_S + 60));
    assert_networks(fixture, (const uint8_t[]){1}, 1);
    assert_true(writes_on(fixture, &verified, &other, NOW_S + 60));
    assert_int_equal(recall(fixture).network_count, 2);
}

static void an_address_that_cannot_be_saved_leaves_the_old_one(void **state)
{
    struct fixture *fixture = *state;
    const struct verified before = verified_at("10.77.0.10");
    const struct verified now = verified_at("10.77.0.20");
    remember(fixture, &before);
    state_disk_full(true);
    enum statefile_result result = pins_remember(fixture->folder.path, &fixture->pin, NULL, &now, NULL, NOW_S + 1);
    state_disk_full(false);
    assert_int_equal(result, STATEFILE_FAILED);
    const struct remembered last = recall(fixture);
    assert_remembered(&last, &before);
}

static void removing_takes_pin_key_and_address_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    const struct pin other = pin_of(2, "other");
    const struct verified verified = verified_at("10.77.0.10");
    struct workstation_keys keys;
    char other_key[STATEFILE_PATH_MAX];
    key_file(fixture, 2, other_key);
    save(fixture, &fixture->pin);
    save(fixture, &other);
    save_key(fixture, 1, &keys);
    save_key(fixture, 2, &keys);
    remember(fixture, &verified);
    assert_int_equal(state_count(fixture->folder.path), 5);
    assert_int_equal(pins_remove(fixture->folder.path, &fixture->pin), STATEFILE_OK);
    assert_int_equal(state_count(fixture->folder.path), 2);
    assert_true(is_there(other_key));
    assert_string_equal(load(fixture).items[0].practice.text, "other");
    assert_int_equal(pins_remove(fixture->folder.path, &fixture->pin), STATEFILE_OK);
}

static void a_pin_that_cannot_be_removed_keeps_its_key(void **state)
{
    struct fixture *fixture = *state;
    struct workstation_keys keys;
    char path[STATEFILE_PATH_MAX];
    pin_file(fixture, "pin", path);
    save_key(fixture, 1, &keys);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(pins_remove(fixture->folder.path, &fixture->pin), STATEFILE_FAILED);
    key_file(fixture, 1, path);
    assert_true(is_there(path));
}

static void a_folder_with_too_long_a_path_says_so(void **state)
{
    struct fixture *fixture = *state;
    char folder[STATEFILE_PATH_MAX - 8];
    struct workstation_keys keys;
    struct remembered last;
    const struct verified verified = verified_at("10.77.0.10");
    const struct pin *pin = &fixture->pin;
    memset(folder, '/', sizeof folder - 1);
    folder[sizeof folder - 1] = '\0';
    state_workstation_keys(1, &keys);
    errno = 0;
    assert_int_equal(pins_save(folder, pin), STATEFILE_FAILED);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(pins_remove(folder, pin), STATEFILE_FAILED);
    assert_int_equal(pins_save_key(folder, &pin->selector, &keys), STATEFILE_FAILED);
    assert_int_equal(pins_load_key(folder, &pin->selector, &keys), STATEFILE_FAILED);
    assert_int_equal(pins_recall(folder, pin, &fixture->report, &last), STATEFILE_FAILED);
    assert_int_equal(pins_remember(folder, pin, NULL, &verified, NULL, NOW_S), STATEFILE_FAILED);
    assert_int_equal(errno, ENAMETOOLONG);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_absent_or_empty_folder_has_no_pins_and_what_is_no_folder_is_a_failure),
        CASE(a_pin_is_read_back_whole),
        CASE(a_pin_is_found_by_its_name_without_case),
        CASE(a_pin_is_for_its_owner_alone),
        CASE(a_pin_that_is_cut_anywhere_is_told_passed_over_and_kept),
        CASE(a_pin_of_other_content_is_told_passed_over_and_kept),
        CASE(other_files_are_no_pins),
        CASE(pins_have_their_most_and_one_over_is_told_and_left_out),
        CASE(a_new_pin_of_the_same_server_replaces_the_old_one_and_its_key),
        CASE(a_pin_that_cannot_be_saved_leaves_the_old_one_and_its_key),
        CASE(a_key_is_read_back_by_its_invitation),
        CASE(what_is_remembered_is_recalled_whole),
        CASE(a_server_without_host_name_and_with_the_most_addresses_is_remembered),
        CASE(the_largest_serial_is_recalled),
        CASE(nothing_remembered_is_absent),
        CASE(what_is_remembered_and_cut_anywhere_is_set_aside_and_told),
        CASE(what_is_remembered_with_other_content_is_set_aside_and_told),
        CASE(what_was_set_aside_before_is_kept_as_well),
        CASE(what_cannot_be_set_aside_is_kept_and_a_failure),
        CASE(an_address_whose_interface_is_gone_can_still_be_shown),
        CASE(the_same_is_written_again_after_a_minute_or_when_the_clock_was_set_back),
        CASE(what_an_answer_changed_is_written_at_once),
        CASE(a_change_of_host_interface_or_other_addresses_is_written_at_once),
        CASE(an_address_of_an_unknown_kind_is_not_remembered),
        CASE(networks_are_remembered_each_once_the_last_one_first),
        CASE(the_eight_last_networks_are_remembered),
        CASE(another_network_is_written_at_once_and_an_unknown_one_forgets_none),
        CASE(an_address_that_cannot_be_saved_leaves_the_old_one),
        CASE(removing_takes_pin_key_and_address_and_nothing_else),
        CASE(a_pin_that_cannot_be_removed_keeps_its_key),
        CASE(a_folder_with_too_long_a_path_says_so),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
