/* SPDX-License-Identifier: MIT */
#include "agent/serial.h"
#include "tests/unit/state_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = 1000 }; /* so many numbers a write */

static struct serial reopen(const struct state_folder *folder)
{
    struct serial serial;
    bool saved = false;
    assert_int_equal(serial_open(folder->file, &serial, &saved), STATEFILE_OK);
    assert_true(saved);
    return serial;
}

static void the_first_start_makes_an_instance_of_its_own(void **state)
{
    static const struct instance none;
    struct state_folder *folder = *state;
    struct state_folder other;
    state_folder_make(&other);
    const struct serial a = reopen(folder);
    const struct serial b = reopen(&other);
    assert_memory_not_equal(&a.instance, &none, sizeof none);
    assert_memory_not_equal(&a.instance, &b.instance, sizeof none);
    assert_true(a.value > 0);
    assert_int_equal(state_mode(folder->file), 0644);
    state_folder_remove(&other);
}

static void it_grows_by_one_with_each_change(void **state)
{
    struct serial serial = reopen(*state);
    for (uint64_t value = serial.value; value < 3 * BLOCK; value++) {
        assert_int_equal(serial.value, value);
        assert_int_equal(serial_advance(&serial), STATEFILE_OK);
    }
}

/* Each time the program ends without a word, which is all that a crash is to it. */
static void it_grows_over_restarts_and_crashes_within_one_instance(void **state)
{
    static const unsigned changes[] = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 500, 0};
    const struct serial first = reopen(*state);
    uint64_t last = first.value;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct serial serial = reopen(*state);
        assert_memory_equal(&serial.instance, &first.instance, sizeof first.instance);
        assert_true(serial.value > last);
        for (unsigned k = 0; k < changes[i]; k++)
            assert_int_equal(serial_advance(&serial), STATEFILE_OK);
        last = serial.value;
    }
}

static void a_thousand_changes_cost_no_write_and_the_next_one_does(void **state)
{
    struct state_folder *folder = *state;
    struct serial serial = reopen(folder);
    const ino_t before = state_inode(folder->file);
    for (int i = 0; i < BLOCK; i++)
        assert_int_equal(serial_advance(&serial), STATEFILE_OK);
    assert_int_equal(state_inode(folder->file), before);
    assert_int_equal(serial_advance(&serial), STATEFILE_OK);
    assert_int_not_equal(state_inode(folder->file), before);
}

static void it_goes_on_when_the_disk_refuses_a_block_and_tells(void **state)
{
    struct state_folder *folder = *state;
    struct serial serial = reopen(folder);
    for (int i = 0; i < BLOCK; i++)
        assert_int_equal(serial_advance(&serial), STATEFILE_OK);
    const uint64_t last = serial.value;
    state_break(folder);
    assert_int_equal(serial_advance(&serial), STATEFILE_FAILED);
    assert_int_equal(serial_advance(&serial), STATEFILE_FAILED);
    assert_int_equal(serial.value, last + 2);
    state_mend(folder);
    assert_int_equal(serial_advance(&serial), STATEFILE_OK);
    assert_int_equal(serial.value, last + 3);
    assert_true(reopen(folder).value > last + 3);
}

static void a_start_that_cannot_be_saved_is_told_and_the_next_change_tries_again(void **state)
{
    struct state_folder *folder = *state;
    struct serial serial;
    bool saved = true;
    const struct serial before = reopen(folder);
    state_disk_full(true);
    enum statefile_result result = serial_open(folder->file, &serial, &saved);
    state_disk_full(false);
    assert_int_equal(result, STATEFILE_OK);
    assert_false(saved);
    assert_memory_equal(&serial.instance, &before.instance, sizeof before.instance);
    assert_true(serial.value > before.value);
    assert_int_equal(serial_advance(&serial), STATEFILE_OK);
    assert_true(reopen(folder).value > serial.value);
}

static void assert_damaged(void *context)
{
    const struct state_folder *folder = context;
    struct serial serial;
    struct serial before;
    memset(&serial, 0xa5, sizeof serial);
    memset(&before, 0xa5, sizeof before);
    bool saved;
    assert_int_equal(serial_open(folder->file, &serial, &saved), STATEFILE_DAMAGED);
    assert_memory_equal(&serial, &before, sizeof serial);
}

static void a_file_that_is_cut_anywhere_is_damaged_and_kept(void **state)
{
    struct state_folder *folder = *state;
    const struct serial first = reopen(folder);
    state_each_truncation(folder->file, assert_damaged, folder);
    assert_true(reopen(folder).value > first.value);
}

static void a_file_of_other_content_is_damaged_and_kept(void **state)
{
    static const char *const damaged[] = {
        "[]",
        "{}",
        "{\"version\": 2, \"instance\": \"0102030405060708\", \"serial\": 1}",
        "{\"version\": 1, \"instance\": \"01020304050607\", \"serial\": 1}",
        "{\"version\": 1, \"instance\": \"010203040506070809\", \"serial\": 1}",
        "{\"version\": 1, \"instance\": \"010203040506070x\", \"serial\": 1}",
        "{\"version\": 1, \"instance\": 1, \"serial\": 1}",
        "{\"version\": 1, \"instance\": \"0102030405060708\", \"serial\": -1}",
        "{\"version\": 1, \"instance\": \"0102030405060708\", \"serial\": 1.0}",
        "{\"version\": 1, \"instance\": \"0102030405060708\", \"serial\": \"1\"}",
        "{\"version\": 1, \"instance\": \"0102030405060708\", \"serial\": 9223372036854775808}",
        "{\"version\": 1, \"instance\": \"0102030405060708\"}",
        "{\"version\": 1, \"serial\": 1}",
    };
    struct state_folder *folder = *state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        const struct state_bytes expected = {.size = strlen(damaged[i]), .bytes = (char *)(uintptr_t)damaged[i]};
        state_put_text(folder->file, damaged[i]);
        assert_damaged(folder);
        state_assert_holds(folder->file, &expected);
    }
    state_put_text(folder->file, "{\"version\": 1, \"instance\": \"0102030405060708\", \"serial\": 41}");
    assert_int_equal(reopen(folder).value, 42);
}

/* What was written once is never called damaged, however near the end of the numbers. */
static void near_the_end_of_the_numbers_no_file_is_spoilt(void **state)
{
    static const uint64_t starts[] = {INT64_MAX - 3 * BLOCK, INT64_MAX - 2 * BLOCK - 1, INT64_MAX - 2 * BLOCK,
                                      INT64_MAX - BLOCK - 1, INT64_MAX - BLOCK};
    struct state_folder *folder = *state;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        char text[128];
        struct serial serial;
        bool saved;
        (void)snprintf(text, sizeof text, "{\"version\": 1, \"instance\": \"0102030405060708\", \"serial\": %ju}",
                       (uintmax_t)starts[i]);
        state_put_text(folder->file, text);
        for (int k = 0; k < 4; k++) {
            if (serial_open(folder->file, &serial, &saved) == STATEFILE_DAMAGED)
                fail_msg("start %d from serial %s", k + 1, text);
        }
    }
}

static void a_path_that_is_too_long_says_so(void **state)
{
    (void)state;
    char path[STATEFILE_PATH_MAX + 1];
    struct serial serial;
    bool saved;
    memset(path, '/', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    errno = 0;
    assert_int_equal(serial_open(path, &serial, &saved), STATEFILE_FAILED);
    assert_int_equal(errno, ENAMETOOLONG);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, state_set_up, state_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_first_start_makes_an_instance_of_its_own),
        CASE(it_grows_by_one_with_each_change),
        CASE(it_grows_over_restarts_and_crashes_within_one_instance),
        CASE(a_thousand_changes_cost_no_write_and_the_next_one_does),
        CASE(it_goes_on_when_the_disk_refuses_a_block_and_tells),
        CASE(a_start_that_cannot_be_saved_is_told_and_the_next_change_tries_again),
        CASE(a_file_that_is_cut_anywhere_is_damaged_and_kept),
        CASE(a_file_of_other_content_is_damaged_and_kept),
        CASE(near_the_end_of_the_numbers_no_file_is_spoilt),
        CASE(a_path_that_is_too_long_says_so),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
