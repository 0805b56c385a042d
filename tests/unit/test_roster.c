/* SPDX-License-Identifier: MIT */
#include "agent/roster.h"
#include "tests/unit/state_fixture.h"

#include "proto/seal.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { MANY = 10000, INDEXED = 70, ENROLLED_S = 1700000000, REVOKED_S = 1700001000 };

static struct roster *reopen(const struct state_folder *folder, struct roster *before)
{
    struct roster *roster = NULL;
    roster_free(before);
    assert_int_equal(roster_open(folder->file, &roster), STATEFILE_OK);
    assert_non_null(roster);
    return roster;
}

/* Not a point of the curve, which the roster need not know; every number another one. */
static struct workstation_public key_of(uint32_t number)
{
    struct workstation_public key;
    memset(key.bytes, 0x77, sizeof key.bytes);
    memcpy(key.bytes, &number, sizeof number);
    return key;
}

static struct workstation_id id_of(uint32_t number)
{
    const struct workstation_public key = key_of(number);
    struct workstation_id id;
    seal_workstation_id(&key, &id);
    return id;
}

static enum roster_result enrol(struct roster *roster, uint32_t number, const char *text)
{
    const struct workstation_public key = key_of(number);
    const struct name name = state_name(text);
    return roster_enrol(roster, &key, &name, ENROLLED_S + number);
}

static enum roster_result revoke(struct roster *roster, uint32_t number)
{
    const struct workstation_id id = id_of(number);
    return roster_revoke(roster, &id, REVOKED_S);
}

static const struct station *find(const struct roster *roster, uint32_t number)
{
    const struct workstation_id id = id_of(number);
    return roster_find(roster, &id);
}

/* A file of count stations numbered from 0, each with the longest name of its kind. */
static void write_many(const char *path, uint32_t count, const char *name_start)
{
    char text[KEYS_PUBLIC_TEXT_MAX];
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    (void)fprintf(stream, "{\"version\": 1, \"generation\": %u, \"workstations\": [", (unsigned)count);
    for (uint32_t i = 0; i < count; i++) {
        const struct workstation_public key = key_of(i);
        keys_public_to_text(key.bytes, text);
        (void)fprintf(stream, "%s\n{\"name\": \"%s%05u\", \"key\": \"%s\", \"enrolled_s\": %u, \"revoked_s\": %u}",
                      i ? "," : "", name_start, (unsigned)i, text, ENROLLED_S + i, i % 10 == 9 ? REVOKED_S : 0u);
    }
    (void)fprintf(stream, "]}");
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void an_absent_file_is_an_empty_roster(void **state)
{
    struct state_folder *folder = *state;
    struct roster *roster = reopen(folder, NULL);
    assert_int_equal(roster_count(roster), 0);
    assert_int_equal(roster_generation(roster), 0);
    assert_null(find(roster, 1));
    assert_null(roster_find_name(roster, "reception"));
    assert_int_equal(state_count(folder->path), 0);
    roster_free(roster);
    roster_free(NULL);
}

static void assert_station(const struct station *station, uint32_t number, const char *name, uint64_t revoked_s)
{
    const struct workstation_public key = key_of(number);
    const struct workstation_id id = id_of(number);
    assert_non_null(station);
    assert_memory_equal(&station->key, &key, sizeof key);
    assert_memory_equal(&station->id, &id, sizeof id);
    assert_string_equal(station->name.text, name);
    assert_int_equal(station->enrolled_s, ENROLLED_S + number);
    assert_int_equal(station->revoked_s, revoked_s);
    assert_int_equal(station->seen_s, 0);
    assert_int_equal(station->seen_from.family, ENDPOINT_NONE);
}

static void what_is_saved_is_read_back_whole(void **state)
{
    static const char *const names[] = {"reception", "r", "Empfang \"Süd\" \\ 1",
                                        "sixty-three-bytes-sixty-three-bytes-sixty-three-bytes-sixty-thr"};
    struct roster *roster = reopen(*state, NULL);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(enrol(roster, i, names[i]), ROSTER_OK);
    assert_int_equal(strlen(names[3]), PROTO_NAME_MAX);
    assert_int_equal(revoke(roster, 1), ROSTER_OK);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(roster_count(roster), 4);
        assert_int_equal(roster_generation(roster), 5);
        for (uint32_t i = 0; i < 4; i++) {
            assert_station(roster_at(roster, i), i, names[i], i == 1 ? REVOKED_S : 0);
            assert_ptr_equal(find(roster, i), roster_at(roster, i));
        }
        roster = reopen(*state, roster);
    }
    roster_free(roster);
}

static void the_largest_numbers_are_read_back(void **state)
{
    struct state_folder *folder = *state;
    const struct workstation_public key = key_of(2);
    const struct name name = state_name("late");
    state_put_text(folder->file, "{\"version\": 1, \"generation\": 4294967294, \"workstations\": []}");
    struct roster *roster = reopen(folder, NULL);
    assert_int_equal(roster_enrol(roster, &key, &name, INT64_MAX), ROSTER_OK);
    roster = reopen(folder, roster);
    assert_int_equal(roster_generation(roster), UINT32_MAX);
    assert_int_equal(roster_at(roster, 0)->enrolled_s, INT64_MAX);
    roster_free(roster);
}

static void the_file_is_for_its_owner_alone(void **state)
{
    struct state_folder *folder = *state;
    struct roster *roster = reopen(folder, NULL);
    assert_int_equal(enrol(roster, 1, "reception"), ROSTER_OK);
    assert_int_equal(state_mode(folder->file), 0600);
    struct state_bytes before = state_get(folder->file);
    assert_int_equal(chmod(folder->file, 0640), 0);
    struct roster *refused = NULL;
    assert_int_equal(roster_open(folder->file, &refused), STATEFILE_EXPOSED);
    assert_null(refused);
    state_assert_holds(folder->file, &before);
    free(before.bytes);
    roster_free(roster);
}

static void assert_damaged(void *context)
{
    const struct state_folder *folder = context;
    struct roster *roster = NULL;
    assert_int_equal(roster_open(folder->file, &roster), STATEFILE_DAMAGED);
    assert_null(roster);
}

static void a_file_that_is_cut_anywhere_is_damaged_and_kept(void **state)
{
    struct state_folder *folder = *state;
    struct roster *roster = reopen(folder, NULL);
    assert_int_equal(enrol(roster, 1, "reception"), ROSTER_OK);
    assert_int_equal(enrol(roster, 2, "Büro"), ROSTER_OK);
    assert_int_equal(revoke(roster, 2), ROSTER_OK);
    state_each_truncation(folder->file, assert_damaged, folder);
    roster = reopen(folder, roster);
    assert_int_equal(roster_count(roster), 2);
    roster_free(roster);
}

#define KEY          "dwAAAHd3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3c="
#define OTHER        "eAAAAHd3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3c="
#define STATION(key) "{\"name\": \"a\", \"key\": \"" key "\", \"enrolled_s\": 1, \"revoked_s\": 0}"
#define ROSTER(list) "{\"version\": 1, \"generation\": 1, \"workstations\": " list "}"

static void a_file_of_other_content_is_damaged_and_kept(void **state)
{
    static const char *const damaged[] = {
        "[]",
        "{}",
        "null",
        ROSTER("["),
        ROSTER("[]") "x",
        ROSTER("{}"),
        ROSTER("[1]"),
        ROSTER("[[]]"),
        ROSTER("[{}]"),
        ROSTER("[" STATION(KEY) ", " STATION(KEY) "]"),
        ROSTER("[" STATION("dwAAAHd3") "]"),
        ROSTER("[" STATION("") "]"),
        ROSTER("[{\"name\": \"\", \"key\": \"" KEY "\", \"enrolled_s\": 1, \"revoked_s\": 0}]"),
        ROSTER("[{\"name\": \"a\\n\", \"key\": \"" KEY "\", \"enrolled_s\": 1, \"revoked_s\": 0}]"),
        ROSTER("[{\"name\": 1, \"key\": \"" KEY "\", \"enrolled_s\": 1, \"revoked_s\": 0}]"),
        ROSTER("[{\"name\": \"a\", \"key\": 1, \"enrolled_s\": 1, \"revoked_s\": 0}]"),
        ROSTER("[{\"name\": \"a\", \"key\": \"" KEY "\", \"enrolled_s\": 1}]"),
        ROSTER("[{\"name\": \"a\", \"key\": \"" KEY "\", \"revoked_s\": 0}]"),
        ROSTER("[{\"name\": \"a\", \"key\": \"" KEY "\", \"enrolled_s\": -1, \"revoked_s\": 0}]"),
        ROSTER("[{\"name\": \"a\", \"key\": \"" KEY "\", \"enrolled_s\": 1, \"revoked_s\": 1.5}]"),
        ROSTER("[{\"name\": \"a\", \"key\": \"" KEY "\", \"enrolled_s\": 9223372036854775808, \"revoked_s\": 0}]"),
        "{\"version\": 2, \"generation\": 1, \"workstations\": []}",
        "{\"version\": 1, \"generation\": -1, \"workstations\": []}",
        "{\"version\": 1, \"generation\": 4294967296, \"workstations\": []}",
        "{\"version\": 1, \"generation\": 1, \"generation\": 1, \"workstations\": []}",
        "{\"version\": 1, \"generation\": 1}",
    };
    struct state_folder *folder = *state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        const struct state_bytes expected = {.size = strlen(damaged[i]), .bytes = (char *)(uintptr_t)damaged[i]};
        struct roster *roster = NULL;
        state_put_text(folder->file, damaged[i]);
        if (roster_open(folder->file, &roster) != STATEFILE_DAMAGED)
            fail_msg("taken: %s", damaged[i]);
        state_assert_holds(folder->file, &expected);
    }
    state_put_text(folder->file, ROSTER("[" STATION(KEY) ", " STATION(OTHER) "]"));
    struct roster *roster = reopen(folder, NULL);
    assert_int_equal(roster_count(roster), 2);
    roster_free(roster);
}

static void names_are_found_without_case_among_those_that_may_ask(void **state)
{
    struct roster *roster = reopen(*state, NULL);
    assert_int_equal(enrol(roster, 1, "Reception-1"), ROSTER_OK);
    assert_int_equal(enrol(roster, 2, "reception-10"), ROSTER_OK);
    assert_ptr_equal(roster_find_name(roster, "rECEPTION-1"), find(roster, 1));
    assert_ptr_equal(roster_find_name(roster, "reception-10"), find(roster, 2));
    assert_null(roster_find_name(roster, "reception-"));
    assert_null(roster_find_name(roster, ""));
    assert_int_equal(revoke(roster, 1), ROSTER_OK);
    assert_null(roster_find_name(roster, "Reception-1"));
    assert_int_equal(enrol(roster, 3, "reception-1"), ROSTER_OK);
    assert_ptr_equal(roster_find_name(roster, "Reception-1"), find(roster, 3));
    roster_free(roster);
}

static void a_revoked_station_stays_known_and_revoked(void **state)
{
    struct roster *roster = reopen(*state, NULL);
    assert_int_equal(enrol(roster, 1, "stolen"), ROSTER_OK);
    assert_int_equal(revoke(roster, 1), ROSTER_OK);
    for (int again = 0; again < 2; again++) {
        assert_station(find(roster, 1), 1, "stolen", REVOKED_S);
        assert_null(roster_find_name(roster, "stolen"));
        assert_int_not_equal(enrol(roster, 1, "stolen"), ROSTER_OK);
        assert_int_equal(roster_count(roster), 1);
        roster = reopen(*state, roster);
    }
    roster_free(roster);
}

static void a_key_is_on_the_roster_once(void **state)
{
    struct state_folder *folder = *state;
    struct roster *roster = reopen(folder, NULL);
    assert_int_equal(enrol(roster, 1, "reception"), ROSTER_OK);
    struct state_bytes before = state_get(folder->file);
    assert_int_not_equal(enrol(roster, 1, "other"), ROSTER_OK);
    assert_int_equal(roster_count(roster), 1);
    assert_int_equal(roster_generation(roster), 1);
    state_assert_holds(folder->file, &before);
    free(before.bytes);
    roster_free(roster);
}

static void the_generation_grows_with_each_change(void **state)
{
    struct roster *roster = reopen(*state, NULL);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(enrol(roster, i, "w"), ROSTER_OK);
        assert_int_equal(roster_generation(roster), 2 * i + 1);
        assert_int_equal(revoke(roster, i), ROSTER_OK);
        assert_int_equal(roster_generation(roster), 2 * i + 2);
    }
    roster = reopen(*state, roster);
    assert_int_equal(roster_generation(roster), 6);
    roster_free(roster);
}

/* Over several sizes of the index, since taking a station back makes it anew. */
static void an_enrolment_that_is_not_saved_changes_nothing(void **state)
{
    struct state_folder *folder = *state;
    struct roster *roster = reopen(folder, NULL);
    for (uint32_t i = 0; i < INDEXED; i++) {
        state_break(folder);
        assert_int_equal(enrol(roster, i, "w"), ROSTER_NOT_SAVED);
        state_mend(folder);
        assert_null(find(roster, i));
        assert_int_equal(roster_count(roster), i);
        assert_int_equal(roster_generation(roster), i);
        assert_int_equal(enrol(roster, i, "w"), ROSTER_OK);
        for (uint32_t k = 0; k <= i; k++)
            assert_ptr_equal(find(roster, k), roster_at(roster, k));
    }
    roster = reopen(folder, roster);
    assert_int_equal(roster_count(roster), INDEXED);
    roster_free(roster);
}

static void a_revocation_that_is_not_saved_changes_nothing(void **state)
{
    struct state_folder *folder = *state;
    struct roster *roster = reopen(folder, NULL);
    assert_int_equal(enrol(roster, 1, "reception"), ROSTER_OK);
    struct state_bytes before = state_get(folder->file);
    state_break(folder);
    assert_int_equal(revoke(roster, 1), ROSTER_NOT_SAVED);
    state_mend(folder);
    assert_int_equal(find(roster, 1)->revoked_s, 0);
    assert_int_equal(roster_generation(roster), 1);
    assert_non_null(roster_find_name(roster, "reception"));
    state_assert_holds(folder->file, &before);
    assert_int_equal(revoke(roster, 1), ROSTER_OK);
    free(before.bytes);
    roster_free(roster);
}

static void ten_thousand_stations_are_looked_up(void **state)
{
    struct state_folder *folder = *state;
    write_many(folder->file, MANY, "station-");
    struct roster *roster = reopen(folder, NULL);
    assert_int_equal(enrol(roster, MANY, "one more"), ROSTER_OK);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(roster_count(roster), MANY + 1);
        for (uint32_t i = 0; i <= MANY; i++) {
            assert_ptr_equal(find(roster, i), roster_at(roster, i));
            assert_null(find(roster, MANY + 1 + i));
        }
        assert_int_equal(find(roster, 9)->revoked_s, REVOKED_S);
        assert_string_equal(find(roster, 9998)->name.text, "station-09998");
        roster = reopen(folder, roster);
    }
    roster_free(roster);
}

/* Names that JSON writes at twice their length: the file of a full roster still has to load. */
static void a_full_roster_is_saved_and_loads_and_takes_no_more(void **state)
{
    struct state_folder *folder = *state;
    char name[2 * PROTO_NAME_MAX + 1] = "";
    for (size_t i = 0; i < PROTO_NAME_MAX - 5; i++)
        memcpy(name + 2 * i, "\\\"", 2);
    write_many(folder->file, ROSTER_MAX - 1, name);
    struct roster *roster = reopen(folder, NULL);
    assert_int_equal(strlen(roster_at(roster, 0)->name.text), PROTO_NAME_MAX);
    assert_int_equal(enrol(roster, ROSTER_MAX, "last"), ROSTER_OK);
    assert_int_equal(enrol(roster, ROSTER_MAX + 1, "too many"), ROSTER_FULL);
    assert_int_equal(roster_count(roster), ROSTER_MAX);
    assert_int_equal(roster_generation(roster), ROSTER_MAX);
    roster = reopen(folder, roster);
    assert_int_equal(roster_count(roster), ROSTER_MAX);
    assert_int_equal(enrol(roster, ROSTER_MAX + 1, "too many"), ROSTER_FULL);
    roster_free(roster);
    write_many(folder->file, ROSTER_MAX + 1, "w");
    assert_damaged(folder);
}

static void when_a_station_was_seen_is_told_until_the_agent_ends(void **state)
{
    struct address from;
    const struct workstation_id id = id_of(1);
    const struct workstation_id unknown = id_of(2);
    struct roster *roster = reopen(*state, NULL);
    assert_true(address_from_text("192.0.2.7", 4000, &from));
    assert_int_equal(enrol(roster, 1, "reception"), ROSTER_OK);
    roster_seen(roster, &unknown, &from, 5000);
    assert_int_equal(find(roster, 1)->seen_s, 0);
    roster_seen(roster, &id, &from, 5000);
    assert_int_equal(find(roster, 1)->seen_s, 5000);
    assert_true(address_equal(&find(roster, 1)->seen_from, &from));
    assert_int_equal(enrol(roster, 3, "other"), ROSTER_OK);
    roster = reopen(*state, roster);
    assert_station(find(roster, 1), 1, "reception", 0);
    roster_free(roster);
}

static bool may_refuse(struct roster *roster, uint32_t number, uint64_t now_us)
{
    const struct workstation_id id = id_of(number);
    return roster_may_refuse(roster, &id, now_us);
}

static void each_revoked_station_is_refused_once_a_second(void **state)
{
    struct roster *roster = reopen(*state, NULL);
    for (uint32_t i = 1; i <= 2; i++) {
        assert_int_equal(enrol(roster, i, "stolen"), ROSTER_OK);
        assert_int_equal(revoke(roster, i), ROSTER_OK);
    }
    assert_true(may_refuse(roster, 1, 5000000));
    assert_false(may_refuse(roster, 1, 5000000));
    assert_false(may_refuse(roster, 1, 5999999));
    assert_true(may_refuse(roster, 2, 5999999));
    assert_true(may_refuse(roster, 1, 6000000));
    assert_false(may_refuse(roster, 1, 6999999));
    assert_false(may_refuse(roster, 3, 9000000));
    roster = reopen(*state, roster);
    assert_true(may_refuse(roster, 1, 6000001));
    roster_free(roster);
}

static void a_path_that_is_too_long_says_so(void **state)
{
    (void)state;
    char path[STATEFILE_PATH_MAX + 1];
    struct roster *roster = NULL;
    memset(path, '/', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    errno = 0;
    assert_int_equal(roster_open(path, &roster), STATEFILE_FAILED);
    assert_null(roster);
    assert_int_equal(errno, ENAMETOOLONG);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, state_set_up, state_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_absent_file_is_an_empty_roster),
        CASE(what_is_saved_is_read_back_whole),
        CASE(the_largest_numbers_are_read_back),
        CASE(the_file_is_for_its_owner_alone),
        CASE(a_file_that_is_cut_anywhere_is_damaged_and_kept),
        CASE(a_file_of_other_content_is_damaged_and_kept),
        CASE(names_are_found_without_case_among_those_that_may_ask),
        CASE(a_revoked_station_stays_known_and_revoked),
        CASE(a_key_is_on_the_roster_once),
        CASE(the_generation_grows_with_each_change),
        CASE(an_enrolment_that_is_not_saved_changes_nothing),
        CASE(a_revocation_that_is_not_saved_changes_nothing),
        CASE(ten_thousand_stations_are_looked_up),
        CASE(a_full_roster_is_saved_and_loads_and_takes_no_more),
        CASE(when_a_station_was_seen_is_told_until_the_agent_ends),
        CASE(each_revoked_station_is_refused_once_a_second),
        CASE(a_path_that_is_too_long_says_so),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
