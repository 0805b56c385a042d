/* SPDX-License-Identifier: MIT */
#include "agent/invitations.h"
#include "tests/unit/state_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { NOW_S = 1700000000, EXPIRES_S = NOW_S + 3600 };

static struct invitations *reopen(const struct state_folder *folder, struct invitations *before)
{
    struct invitations *invitations = NULL;
    invitations_free(before);
    assert_int_equal(invitations_open(folder->file, &invitations), STATEFILE_OK);
    assert_non_null(invitations);
    return invitations;
}

/* A copy, since the next change ends the original. */
static struct invitation add(struct invitations *invitations, const char *text, uint64_t expires_s, uint64_t now_s)
{
    struct name name = {{0}};
    enum statefile_result result = STATEFILE_FAILED;
    if (*text != '\0')
        name = state_name(text);
    const struct invitation *added = invitations_add(invitations, &name, expires_s, now_s, &result);
    assert_non_null(added);
    assert_int_equal(result, STATEFILE_OK);
    return *added;
}

static struct workstation_public station_of(unsigned number)
{
    struct workstation_keys keys;
    state_workstation_keys(number, &keys);
    return keys.public_key;
}

static enum statefile_result use(struct invitations *invitations, const struct invitation *item, unsigned station)
{
    const struct workstation_public key = station_of(station);
    return invitations_use(invitations, &item->selector, &key, NOW_S);
}

static void assert_same(const struct invitation *a, const struct invitation *b)
{
    assert_non_null(a);
    assert_memory_equal(&a->selector, &b->selector, sizeof a->selector);
    assert_memory_equal(&a->secret, &b->secret, sizeof a->secret);
    assert_string_equal(a->name.text, b->name.text);
    assert_int_equal(a->expires_s, b->expires_s);
    assert_int_equal(a->used, b->used);
    assert_memory_equal(&a->used_by, &b->used_by, sizeof a->used_by);
}

static void an_absent_file_holds_no_invitation(void **state)
{
    struct state_folder *folder = *state;
    const struct selector selector = {{1}};
    struct invitations *invitations = reopen(folder, NULL);
    assert_null(invitations_find(invitations, &selector));
    assert_int_equal(invitations_count_open(invitations, NOW_S), 0);
    assert_int_equal(state_count(folder->path), 0);
    invitations_free(invitations);
    invitations_free(NULL);
}

static void what_is_saved_is_read_back_whole(void **state)
{
    struct invitations *invitations = reopen(*state, NULL);
    struct invitation items[] = {add(invitations, "Empfang \"Süd\"", EXPIRES_S, NOW_S),
                                 add(invitations, "", INT64_MAX, NOW_S), add(invitations, "used", EXPIRES_S, NOW_S)};
    assert_int_equal(use(invitations, &items[2], 1), STATEFILE_OK);
    items[2].used = true;
    items[2].used_by = station_of(1);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < 3; i++)
            assert_same(invitations_find(invitations, &items[i].selector), &items[i]);
        assert_int_equal(invitations_count_open(invitations, NOW_S), 2);
        invitations = reopen(*state, invitations);
    }
    invitations_free(invitations);
}

static void each_has_a_selector_and_a_secret_of_its_own(void **state)
{
    static const struct invitation none;
    struct invitations *invitations = reopen(*state, NULL);
    const struct invitation a = add(invitations, "", EXPIRES_S, NOW_S);
    const struct invitation b = add(invitations, "", EXPIRES_S, NOW_S);
    assert_memory_not_equal(&a.selector, &b.selector, sizeof a.selector);
    assert_memory_not_equal(&a.secret, &b.secret, sizeof a.secret);
    assert_memory_not_equal(&a.selector, &none.selector, sizeof a.selector);
    assert_memory_not_equal(&a.secret, &none.secret, sizeof a.secret);
    assert_false(a.used);
    invitations_free(invitations);
}

static void the_file_is_for_its_owner_alone(void **state)
{
    struct state_folder *folder = *state;
    struct invitations *refused = NULL;
    struct invitations *invitations = reopen(folder, NULL);
    (void)add(invitations, "", EXPIRES_S, NOW_S);
    assert_int_equal(state_mode(folder->file), 0600);
    struct state_bytes before = state_get(folder->file);
    assert_int_equal(chmod(folder->file, 0640), 0);
    assert_int_equal(invitations_open(folder->file, &refused), STATEFILE_EXPOSED);
    assert_null(refused);
    state_assert_holds(folder->file, &before);
    free(before.bytes);
    invitations_free(invitations);
}

static void assert_damaged(void *context)
{
    const struct state_folder *folder = context;
    struct invitations *invitations = NULL;
    assert_int_equal(invitations_open(folder->file, &invitations), STATEFILE_DAMAGED);
    assert_null(invitations);
}

static void a_file_that_is_cut_anywhere_is_damaged_and_kept(void **state)
{
    struct state_folder *folder = *state;
    struct invitations *invitations = reopen(folder, NULL);
    const struct invitation used = add(invitations, "Büro", EXPIRES_S, NOW_S);
    const struct invitation unused = add(invitations, "", EXPIRES_S, NOW_S);
    assert_int_equal(use(invitations, &used, 1), STATEFILE_OK);
    state_each_truncation(folder->file, assert_damaged, folder);
    invitations = reopen(folder, invitations);
    assert_same(invitations_find(invitations, &unused.selector), &unused);
    invitations_free(invitations);
}

#define SELECTOR      "\"selector\": \"0102030405060708\""
#define SECRET        "\"secret\": \"000102030405060708090a0b0c0d0e0f\""
#define FILE_OF(list) "{\"version\": 1, \"latest_s\": 1, \"invitations\": " list "}"

static void a_file_of_other_content_is_damaged_and_kept(void **state)
{
    static const char *const damaged[] = {
        "[]",
        "{}",
        FILE_OF("{}"),
        FILE_OF("[]") "]",
        FILE_OF("[null]"),
        FILE_OF("[{}]"),
        FILE_OF("[{" SELECTOR ", " SECRET "}]"),
        FILE_OF("[{" SELECTOR ", \"expires_s\": 1}]"),
        FILE_OF("[{" SECRET ", \"expires_s\": 1}]"),
        FILE_OF("[{" SELECTOR ", " SECRET ", \"expires_s\": -1}]"),
        FILE_OF("[{" SELECTOR ", " SECRET ", \"expires_s\": \"1\"}]"),
        FILE_OF("[{" SELECTOR ", " SECRET ", \"expires_s\": 1, \"name\": \"\"}]"),
        FILE_OF("[{" SELECTOR ", " SECRET ", \"expires_s\": 1, \"name\": null}]"),
        FILE_OF("[{" SELECTOR ", " SECRET ", \"expires_s\": 1, \"used_by\": null}]"),
        FILE_OF("[{" SELECTOR ", " SECRET ", \"expires_s\": 1, \"used_by\": \"01\"}]"),
        FILE_OF("[{\"selector\": \"01020304050607\", " SECRET ", \"expires_s\": 1}]"),
        FILE_OF("[{\"selector\": \"010203040506070809\", " SECRET ", \"expires_s\": 1}]"),
        FILE_OF("[{" SELECTOR ", \"secret\": \"000102030405060708090a0b0c0d0e\", \"expires_s\": 1}]"),
        "{\"version\": 2, \"latest_s\": 1, \"invitations\": []}",
        "{\"version\": 1, \"invitations\": []}",
        "{\"version\": 1, \"latest_s\": -1, \"invitations\": []}",
        "{\"version\": 1, \"latest_s\": 1}",
    };
    struct state_folder *folder = *state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        const struct state_bytes expected = {.size = strlen(damaged[i]), .bytes = (char *)(uintptr_t)damaged[i]};
        struct invitations *invitations = NULL;
        state_put_text(folder->file, damaged[i]);
        if (invitations_open(folder->file, &invitations) != STATEFILE_DAMAGED)
            fail_msg("taken: %s", damaged[i]);
        state_assert_holds(folder->file, &expected);
    }
    state_put_text(folder->file, FILE_OF("[{" SELECTOR ", " SECRET ", \"expires_s\": 2}]"));
    struct invitations *invitations = reopen(folder, NULL);
    assert_int_equal(invitations_count_open(invitations, 0), 1);
    invitations_free(invitations);
}

static void one_is_open_until_the_second_it_expires(void **state)
{
    struct invitations *invitations = reopen(*state, NULL);
    const struct invitation item = add(invitations, "", EXPIRES_S, NOW_S);
    assert_false(invitations_expired(invitations, &item, EXPIRES_S - 1));
    assert_int_equal(invitations_count_open(invitations, EXPIRES_S - 1), 1);
    assert_true(invitations_expired(invitations, &item, EXPIRES_S));
    assert_int_equal(invitations_count_open(invitations, EXPIRES_S), 0);
    assert_non_null(invitations_find(invitations, &item.selector));
    invitations_free(invitations);
}

static void a_used_one_is_not_open(void **state)
{
    struct invitations *invitations = reopen(*state, NULL);
    const struct invitation a = add(invitations, "", EXPIRES_S, NOW_S);
    const struct invitation b = add(invitations, "", EXPIRES_S, NOW_S);
    assert_int_equal(use(invitations, &a, 1), STATEFILE_OK);
    assert_int_equal(invitations_count_open(invitations, NOW_S), 1);
    assert_true(invitations_find(invitations, &a.selector)->used);
    assert_false(invitations_find(invitations, &b.selector)->used);
    invitations_free(invitations);
}

static void setting_the_clock_back_opens_nothing_again(void **state)
{
    struct invitations *invitations = reopen(*state, NULL);
    const struct invitation expired = add(invitations, "", EXPIRES_S, NOW_S);
    const struct invitation later = add(invitations, "", EXPIRES_S + 3600, EXPIRES_S);
    for (int again = 0; again < 2; again++) {
        assert_true(invitations_expired(invitations, &expired, NOW_S));
        assert_false(invitations_expired(invitations, &later, NOW_S));
        assert_int_equal(invitations_count_open(invitations, NOW_S), 1);
        invitations = reopen(*state, invitations);
    }
    invitations_free(invitations);
}

/* Once it showed the year 2038: what is made after that lives as long as it was meant to. */
static void a_clock_that_once_leapt_ahead_kills_nothing_that_is_made_later(void **state)
{
    const uint64_t leapt_s = INT32_MAX;
    struct invitations *invitations = reopen(*state, NULL);
    (void)add(invitations, "", leapt_s + 60, leapt_s);
    for (int again = 0; again < 2; again++) {
        const struct invitation item = add(invitations, "", NOW_S + 3600, NOW_S);
        assert_int_equal(item.expires_s, leapt_s + 3600);
        assert_false(invitations_expired(invitations, &item, NOW_S));
        assert_false(invitations_expired(invitations, &item, leapt_s + 3599));
        assert_true(invitations_expired(invitations, &item, leapt_s + 3600));
        invitations = reopen(*state, invitations);
    }
    invitations_free(invitations);
}

static void the_time_of_a_use_counts_as_seen(void **state)
{
    struct invitations *invitations = reopen(*state, NULL);
    const struct invitation expired = add(invitations, "", EXPIRES_S, NOW_S);
    const struct invitation used = add(invitations, "", EXPIRES_S + 3600, NOW_S);
    const struct workstation_public key = station_of(1);
    assert_int_equal(invitations_use(invitations, &used.selector, &key, EXPIRES_S), STATEFILE_OK);
    invitations = reopen(*state, invitations);
    assert_true(invitations_expired(invitations, &expired, NOW_S));
    invitations_free(invitations);
}

static void a_dead_one_can_say_why_for_thirty_days(void **state)
{
    const uint64_t last_s = EXPIRES_S + INVITATION_KEPT_S;
    struct invitations *invitations = reopen(*state, NULL);
    const struct invitation expired = add(invitations, "", EXPIRES_S, NOW_S);
    const struct invitation used = add(invitations, "", EXPIRES_S, NOW_S);
    assert_int_equal(use(invitations, &used, 1), STATEFILE_OK);
    const struct invitation between = add(invitations, "", last_s + 10, last_s);
    assert_non_null(invitations_find(invitations, &expired.selector));
    assert_non_null(invitations_find(invitations, &used.selector));
    const struct invitation after = add(invitations, "", last_s + 10, last_s + 1);
    for (int again = 0; again < 2; again++) {
        assert_null(invitations_find(invitations, &expired.selector));
        assert_null(invitations_find(invitations, &used.selector));
        assert_same(invitations_find(invitations, &between.selector), &between);
        assert_same(invitations_find(invitations, &after.selector), &after);
        invitations = reopen(*state, invitations);
    }
    invitations_free(invitations);
}

static void there_is_room_for_256_that_are_open_and_dead_ones_give_way(void **state)
{
    const struct name name = {{0}};
    enum statefile_result result = STATEFILE_OK;
    struct invitations *invitations = reopen(*state, NULL);
    for (size_t i = 0; i < INVITATIONS_MAX; i++)
        (void)add(invitations, "", EXPIRES_S + i, NOW_S);
    assert_null(invitations_add(invitations, &name, EXPIRES_S, NOW_S, &result));
    assert_int_equal(result, STATEFILE_TOO_LONG);
    assert_int_equal(invitations_count_open(invitations, NOW_S), INVITATIONS_MAX);
    invitations = reopen(*state, invitations);
    assert_int_equal(invitations_count_open(invitations, NOW_S), INVITATIONS_MAX);
    assert_null(invitations_add(invitations, &name, EXPIRES_S, NOW_S, &result));
    const uint64_t first_is_old_s = EXPIRES_S + INVITATION_KEPT_S + 1;
    (void)add(invitations, "", first_is_old_s + 1, first_is_old_s);
    assert_non_null(
        invitations_add(invitations, &name, first_is_old_s + 1, first_is_old_s, &result)); /* all others are dead */
    invitations_free(invitations);
}

/* A file of so many invitations, each with the longest content. */
static void write_many(const char *path, unsigned count)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    (void)fprintf(stream, "{\"version\": 1, \"latest_s\": 1, \"invitations\": [");
    for (unsigned i = 0; i < count; i++)
        (void)fprintf(stream,
                      "%s{\"selector\": \"00000000%08x\", " SECRET ", \"expires_s\": 2, \"used_by\": \"%064x\"}",
                      i ? "," : "", i, i);
    (void)fprintf(stream, "]}");
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void a_file_of_256_loads_and_one_of_257_is_damaged(void **state)
{
    struct state_folder *folder = *state;
    const struct selector last = {{[7] = INVITATIONS_MAX - 1}};
    write_many(folder->file, INVITATIONS_MAX);
    struct invitations *invitations = reopen(folder, NULL);
    assert_true(invitations_find(invitations, &last)->used);
    invitations_free(invitations);
    write_many(folder->file, INVITATIONS_MAX + 1);
    assert_damaged(folder);
}

static void an_invitation_that_is_not_saved_does_not_exist(void **state)
{
    struct state_folder *folder = *state;
    const struct name name = {{0}};
    const struct selector wiped = {{0}};
    enum statefile_result result = STATEFILE_OK;
    struct invitations *invitations = reopen(folder, NULL);
    const struct invitation first = add(invitations, "first", EXPIRES_S, NOW_S);
    struct state_bytes before = state_get(folder->file);
    state_break(folder);
    assert_null(invitations_add(invitations, &name, EXPIRES_S, NOW_S, &result));
    state_mend(folder);
    assert_int_equal(result, STATEFILE_FAILED);
    assert_null(invitations_find(invitations, &wiped));
    assert_int_equal(invitations_count_open(invitations, NOW_S), 1);
    assert_same(invitations_find(invitations, &first.selector), &first);
    state_assert_holds(folder->file, &before);
    (void)add(invitations, "", EXPIRES_S, NOW_S);
    invitations = reopen(folder, invitations);
    assert_int_equal(invitations_count_open(invitations, NOW_S), 2);
    free(before.bytes);
    invitations_free(invitations);
}

static void a_use_that_is_not_saved_changes_nothing(void **state)
{
    struct state_folder *folder = *state;
    struct invitations *invitations = reopen(folder, NULL);
    const struct workstation_public key = station_of(1);
    const struct invitation item = add(invitations, "first", EXPIRES_S, NOW_S);
    struct state_bytes before = state_get(folder->file);
    state_break(folder);
    assert_int_equal(invitations_use(invitations, &item.selector, &key, NOW_S + 1), STATEFILE_FAILED);
    state_mend(folder);
    assert_same(invitations_find(invitations, &item.selector), &item);
    assert_int_equal(invitations_count_open(invitations, NOW_S), 1);
    state_assert_holds(folder->file, &before);
    assert_int_equal(use(invitations, &item, 2), STATEFILE_OK);
    invitations = reopen(folder, invitations);
    assert_int_equal(invitations_count_open(invitations, NOW_S), 0);
    free(before.bytes);
    invitations_free(invitations);
}

static void a_path_that_is_too_long_says_so(void **state)
{
    (void)state;
    char path[STATEFILE_PATH_MAX + 1];
    struct invitations *invitations = NULL;
    memset(path, '/', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    errno = 0;
    assert_int_equal(invitations_open(path, &invitations), STATEFILE_FAILED);
    assert_null(invitations);
    assert_int_equal(errno, ENAMETOOLONG);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, state_set_up, state_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_absent_file_holds_no_invitation),
        CASE(what_is_saved_is_read_back_whole),
        CASE(each_has_a_selector_and_a_secret_of_its_own),
        CASE(the_file_is_for_its_owner_alone),
        CASE(a_file_that_is_cut_anywhere_is_damaged_and_kept),
        CASE(a_file_of_other_content_is_damaged_and_kept),
        CASE(one_is_open_until_the_second_it_expires),
        CASE(a_used_one_is_not_open),
        CASE(setting_the_clock_back_opens_nothing_again),
        CASE(a_clock_that_once_leapt_ahead_kills_nothing_that_is_made_later),
        CASE(the_time_of_a_use_counts_as_seen),
        CASE(a_dead_one_can_say_why_for_thirty_days),
        CASE(there_is_room_for_256_that_are_open_and_dead_ones_give_way),
        CASE(a_file_of_256_loads_and_one_of_257_is_damaged),
        CASE(an_invitation_that_is_not_saved_does_not_exist),
        CASE(a_use_that_is_not_saved_changes_nothing),
        CASE(a_path_that_is_too_long_says_so),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
