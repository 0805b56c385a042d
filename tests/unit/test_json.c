/* SPDX-License-Identifier: MIT
 *
 * Linked with -Wl,--wrap=malloc,--wrap=free, so that what is freed can be looked at.
 */
#include "common/json.h"
#include "tests/unit/state_fixture.h"

#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { FILE_MOST = 16 * 1024 * 1024 };

#define MARK "much-too-secret-to-be-left-in-freed-memory"

static struct {
    bool watching;
    size_t freed;
    size_t leaks; /* freed with the mark in them */
} heap;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void __real_free(void *block);
void __wrap_free(void *block);

/* Zeros to start with, so that looking at a block is looking at defined bytes. */
void *__wrap_malloc(size_t size)
{
    void *block = __real_malloc(size);
    if (block)
        memset(block, 0, malloc_usable_size(block));
    return block;
}

void __wrap_free(void *block)
{
    if (block && heap.watching) {
        heap.freed++;
        heap.leaks += memmem(block, malloc_usable_size(block), MARK, strlen(MARK)) != NULL;
    }
    __real_free(block);
}

static json_t *load(const struct state_folder *folder)
{
    json_t *object = NULL;
    assert_int_equal(json_file_load(folder->file, STATEFILE_SECRET, &object), STATEFILE_OK);
    assert_true(json_is_object(object));
    return object;
}

static void assert_refused(const struct state_folder *folder, enum statefile_result expected)
{
    json_t *object = NULL;
    assert_int_equal(json_file_load(folder->file, STATEFILE_SECRET, &object), expected);
    assert_null(object);
}

static void an_object_is_read_back_whole(void **state)
{
    struct state_folder *folder = *state;
    json_t *saved = json_pack("{s:s, s:I, s:[s, b, n], s:{s:f}}", "text", "Büro \"\\\n\x01", "number",
                              (json_int_t)INT64_MAX, "list", "item", 1, "inner", "half", 0.5);
    assert_non_null(saved);
    assert_int_equal(json_file_save(folder->file, STATEFILE_SECRET, json_incref(saved)), STATEFILE_OK);
    json_t *loaded = load(folder);
    assert_true(json_equal(loaded, saved));
    json_decref(loaded);
    json_decref(saved);
}

static void the_mode_comes_from_the_kind(void **state)
{
    struct state_folder *folder = *state;
    json_t *object = NULL;
    assert_int_equal(json_file_save(folder->file, STATEFILE_PUBLIC, json_object()), STATEFILE_OK);
    assert_int_equal(state_mode(folder->file), 0644);
    assert_refused(folder, STATEFILE_EXPOSED);
    assert_int_equal(json_file_load(folder->file, STATEFILE_PUBLIC, &object), STATEFILE_OK);
    json_decref(object);
    assert_int_equal(json_file_save(folder->file, STATEFILE_SECRET, json_object()), STATEFILE_OK);
    assert_int_equal(state_mode(folder->file), 0600);
    json_decref(load(folder));
    assert_int_equal(chmod(folder->file, 0640), 0);
    assert_refused(folder, STATEFILE_EXPOSED);
}

static void an_absent_file_is_absent(void **state)
{
    assert_refused(*state, STATEFILE_ABSENT);
}

static void assert_damaged(void *context)
{
    assert_refused(context, STATEFILE_DAMAGED);
}

static void a_file_that_is_cut_anywhere_is_damaged_and_kept(void **state)
{
    struct state_folder *folder = *state;
    json_t *object = json_pack("{s:s, s:i, s:[b, n], s:{}}", "text", "Büro \\ \"\n", "number", 12, "list", 1, "inner");
    assert_int_equal(json_file_save(folder->file, STATEFILE_SECRET, object), STATEFILE_OK);
    state_each_truncation(folder->file, assert_damaged, folder);
    json_decref(load(folder));
}

static void what_is_no_single_object_is_damaged(void **state)
{
    static const char *const damaged[] = {"",
                                          " ",
                                          "[]",
                                          "null",
                                          "1",
                                          "\"text\"",
                                          "{}{}",
                                          "{},",
                                          "{a: 1}",
                                          "{'a': 1}",
                                          "{\"a\": 1,}",
                                          "{\"a\": 01}",
                                          "{\"a\": 1, \"a\": 1}",
                                          "{\"a\": {\"b\": 1, \"b\": 2}}",
                                          "{\"a\": 9223372036854775808}",
                                          "{\"a\": \"\xff\"}",
                                          "{\"a\": \"\\u0000\"}",
                                          "{\"a\": \"\n\"}",
                                          "\xef\xbb\xbf{}"};
    struct state_folder *folder = *state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        state_put_text(folder->file, damaged[i]);
        assert_refused(folder, STATEFILE_DAMAGED);
    }
    state_put(folder->file, "{\"a\": 1}\0", 9, 0600);
    assert_refused(folder, STATEFILE_DAMAGED);
    state_put_text(folder->file, " {} \n");
    json_decref(load(folder));
}

static void nesting_without_end_is_damaged_and_harms_nothing(void **state)
{
    struct state_folder *folder = *state;
    enum { DEPTH = 200000, STEP = 5 };
    char *text = malloc(DEPTH * STEP);
    assert_non_null(text);
    for (size_t i = 0; i < DEPTH; i++)
        memcpy(text + i * STEP, "{\"a\":", STEP);
    state_put(folder->file, text, DEPTH * STEP, 0600);
    assert_refused(folder, STATEFILE_DAMAGED);
    free(text);
}

/* An object with blanks behind it, so many bytes in all. */
static void put_padded(const struct state_folder *folder, size_t size)
{
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, ' ', size);
    memcpy(text, "{}", 2);
    state_put(folder->file, text, size, 0600);
    free(text);
}

static void a_file_has_16_mebibytes_at_most(void **state)
{
    put_padded(*state, FILE_MOST);
    json_decref(load(*state));
    put_padded(*state, FILE_MOST + 1);
    assert_refused(*state, STATEFILE_TOO_LONG);
}

static void an_object_that_could_not_be_made_is_not_saved(void **state)
{
    struct state_folder *folder = *state;
    state_put_text(folder->file, "{}");
    errno = 0;
    assert_int_equal(json_file_save(folder->file, STATEFILE_SECRET, NULL), STATEFILE_FAILED);
    assert_int_equal(errno, ENOMEM);
    json_decref(load(folder));
    assert_int_equal(state_count(folder->path), 1);
}

/* ASan sees whether the reference was taken. */
static void a_save_that_fails_leaves_the_old_file_and_takes_the_reference(void **state)
{
    struct state_folder *folder = *state;
    state_put_text(folder->file, "{\"old\": 1}");
    state_break(folder);
    enum statefile_result result = json_file_save(folder->file, STATEFILE_SECRET, json_pack("{s:i}", "new", 1));
    state_mend(folder);
    assert_int_equal(result, STATEFILE_FAILED);
    json_t *object = load(folder);
    assert_non_null(json_object_get(object, "old"));
    json_decref(object);
}

static void names_are_strings_fit_to_show(void **state)
{
    (void)state;
    static const char *const wrong[] = {"missing", "empty", "long", "control", "number", "list"};
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:[s]}", "good", "Büro", "longest",
                               "sixty-three-bytes-sixty-three-bytes-sixty-three-bytes-sixty-thr", "empty", "", "long",
                               "sixty-four-bytes-sixty-four-bytes-sixty-four-bytes-sixty-four-by", "control", "a\x1b",
                               "number", 1, "list", "a");
    struct name name;
    assert_true(json_get_name(object, "good", &name));
    assert_string_equal(name.text, "Büro");
    assert_true(json_get_name(object, "longest", &name));
    assert_int_equal(strlen(name.text), PROTO_NAME_MAX);
    name = state_name("before");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(json_get_name(object, wrong[i], &name));
        assert_string_equal(name.text, "before");
    }
    assert_false(json_get_name(NULL, "good", &name));
    json_decref(object);
}

static void hexadecimal_has_exactly_the_bytes_asked_for(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",       "0",       "0102",    "01020",   "010203f", "01020304",
                                        "01020x", "0102 03", "010203 ", " 010203", "0x0102",  "01:02:03"};
    uint8_t bytes[3] = {0};
    json_t *object = json_pack("{s:s, s:s, s:i}", "good", "01fe7A", "other", "", "number", 10203);
    assert_true(json_get_hex(object, "good", bytes, sizeof bytes));
    assert_memory_equal(bytes, "\x01\xfe\x7a", 3);
    assert_false(json_get_hex(object, "good", bytes, 2));
    assert_false(json_get_hex(object, "number", bytes, 3));
    assert_false(json_get_hex(object, "missing", bytes, 3));
    assert_false(json_get_hex(NULL, "good", bytes, 3));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(json_object_set_new(object, "other", json_string(wrong[i])), 0);
        if (json_get_hex(object, "other", bytes, 3))
            fail_msg("taken: \"%s\"", wrong[i]);
    }
    assert_memory_equal(bytes, "\x01\xfe\x7a", 3);
    json_decref(object);
}

static void hexadecimal_goes_up_to_64_bytes(void **state)
{
    (void)state;
    uint8_t bytes[64];
    uint8_t read[64] = {0};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(200 + i);
    json_t *object =
        json_pack("{s:o, s:o, s:o}", "all", json_hex(bytes, 64), "one", json_hex(bytes, 1), "none", json_hex(bytes, 0));
    assert_true(json_get_hex(object, "all", read, 64));
    assert_memory_equal(read, bytes, 64);
    assert_string_equal(json_string_value(json_object_get(object, "one")), "c8");
    assert_string_equal(json_string_value(json_object_get(object, "none")), "");
    json_decref(object);
}

static void numbers_are_whole_and_within_their_limit(void **state)
{
    (void)state;
    uint64_t number = 77;
    json_t *object = json_pack("{s:i, s:i, s:i, s:I, s:f, s:s, s:b, s:n}", "zero", 0, "seven", 7, "minus", -1, "most",
                               (json_int_t)INT64_MAX, "half", 7.0, "text", "7", "truth", 1, "nothing");
    static const char *const wrong[] = {"missing", "minus", "half", "text", "truth", "nothing"};
    assert_false(json_get_number(object, "seven", 6, &number));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(json_get_number(object, wrong[i], UINT64_MAX, &number));
    assert_false(json_get_number(NULL, "seven", 7, &number));
    assert_int_equal(number, 77);
    assert_true(json_get_number(object, "seven", 7, &number));
    assert_int_equal(number, 7);
    assert_true(json_get_number(object, "most", INT64_MAX, &number));
    assert_int_equal(number, INT64_MAX);
    assert_true(json_get_number(object, "zero", 0, &number));
    assert_int_equal(number, 0);
    json_decref(object);
}

static void what_is_freed_was_wiped(void **state)
{
    struct state_folder *folder = *state;
    json_t *object = json_pack("{s:s}", "secret", MARK);
    heap.watching = true;
    char *text = json_dumps(object, JSON_COMPACT);
    json_text_free(text);
    json_text_free(NULL);
    enum statefile_result saved = json_file_save(folder->file, STATEFILE_SECRET, object);
    object = NULL;
    enum statefile_result loaded = json_file_load(folder->file, STATEFILE_SECRET, &object);
    json_decref(object);
    heap.watching = false;
    assert_int_equal(saved, STATEFILE_OK);
    assert_int_equal(loaded, STATEFILE_OK);
    assert_true(heap.freed > 10);
    assert_int_equal(heap.leaks, 0);
}

static void what_is_damaged_was_wiped_as_well(void **state)
{
    struct state_folder *folder = *state;
    json_t *object = NULL;
    state_put_text(folder->file, "{\"secret\": \"" MARK "\", \"cut");
    heap.watching = true;
    enum statefile_result loaded = json_file_load(folder->file, STATEFILE_SECRET, &object);
    heap.watching = false;
    assert_int_equal(loaded, STATEFILE_DAMAGED);
    assert_int_equal(heap.leaks, 0);
}

static int set_up(void **state)
{
    memset(&heap, 0, sizeof heap);
    return state_set_up(state);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, state_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_object_is_read_back_whole),
        CASE(the_mode_comes_from_the_kind),
        CASE(an_absent_file_is_absent),
        CASE(a_file_that_is_cut_anywhere_is_damaged_and_kept),
        CASE(what_is_no_single_object_is_damaged),
        CASE(nesting_without_end_is_damaged_and_harms_nothing),
        CASE(a_file_has_16_mebibytes_at_most),
        CASE(an_object_that_could_not_be_made_is_not_saved),
        CASE(a_save_that_fails_leaves_the_old_file_and_takes_the_reference),
        CASE(names_are_strings_fit_to_show),
        CASE(hexadecimal_has_exactly_the_bytes_asked_for),
        CASE(hexadecimal_goes_up_to_64_bytes),
        CASE(numbers_are_whole_and_within_their_limit),
        CASE(what_is_freed_was_wiped),
        CASE(what_is_damaged_was_wiped_as_well),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
