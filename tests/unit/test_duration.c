/* SPDX-License-Identifier: MIT */
#include "common/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define DAY_MS UINT64_C(86400000)

static uint64_t parsed(const char *text)
{
    uint64_t ms = 0;
    assert_true(duration_from_text(text, &ms));
    return ms;
}

static void assert_refused(const char *text)
{
    uint64_t ms = 7;
    assert_false(duration_from_text(text, &ms));
    assert_int_equal(ms, 7);
}

static void reads_every_unit(void **state)
{
    (void)state;
    assert_int_equal(parsed("500ms"), 500);
    assert_int_equal(parsed("3s"), 3000);
    assert_int_equal(parsed("15m"), 15 * 60000);
    assert_int_equal(parsed("2h"), 2 * 3600000);
    assert_int_equal(parsed("90d"), 90 * DAY_MS);
}

static void a_bare_number_is_seconds(void **state)
{
    (void)state;
    assert_int_equal(parsed("1"), 1000);
    assert_int_equal(parsed("007"), 7000);
}

static void the_shortest_is_a_millisecond(void **state)
{
    (void)state;
    assert_int_equal(parsed("1ms"), 1);
    assert_refused("0ms");
    assert_refused("0");
    assert_refused("000d");
}

static void the_longest_is_ten_years_in_any_unit(void **state)
{
    (void)state;
    const uint64_t longest = 3650 * DAY_MS;
    assert_int_equal(parsed("3650d"), longest);
    assert_int_equal(parsed("87600h"), longest);
    assert_int_equal(parsed("5256000m"), longest);
    assert_int_equal(parsed("315360000"), longest);
    assert_int_equal(parsed("315360000000ms"), longest);
    assert_refused("3651d");
    assert_refused("87601h");
    assert_refused("5256001m");
    assert_refused("315360001s");
    assert_refused("315360000001ms");
}

static void numbers_too_big_for_a_machine_are_refused(void **state)
{
    (void)state;
    assert_refused("18446744073709551616ms");
    assert_refused("18446744073709551617");
    assert_refused("99999999999999999999999999999999999999d");
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",    "s",    "ms",  "-1s",  "+1s", "1.5s", "1,5s",    "1 s",
                                        " 1s", "1s ",  "1S",  "1sec", "1w",  "1s2",  "0x1",     "1e3",
                                        "ten", "1ms1", "1mm", "1\n",  "1hs", "s1",   "\xc2\xb5"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(wrong[i]);
}

static void assert_written(uint64_t ms, const char *text)
{
    char out[DURATION_TEXT_MAX];
    duration_to_text(ms, out);
    assert_string_equal(out, text);
}

static void writes_the_largest_unit_cut_to_a_whole_number(void **state)
{
    (void)state;
    assert_written(0, "0 ms");
    assert_written(999, "999 ms");
    assert_written(1000, "1 s");
    assert_written(59999, "59 s");
    assert_written(60000, "1 min");
    assert_written(3599999, "59 min");
    assert_written(3600000, "1 h");
    assert_written(DAY_MS - 1, "23 h");
    assert_written(DAY_MS, "1 day");
    assert_written(2 * DAY_MS - 1, "1 day");
    assert_written(2 * DAY_MS, "2 days");
    assert_written(UINT64_MAX, "213503982334 days");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_unit),
        cmocka_unit_test(a_bare_number_is_seconds),
        cmocka_unit_test(the_shortest_is_a_millisecond),
        cmocka_unit_test(the_longest_is_ten_years_in_any_unit),
        cmocka_unit_test(numbers_too_big_for_a_machine_are_refused),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(writes_the_largest_unit_cut_to_a_whole_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
