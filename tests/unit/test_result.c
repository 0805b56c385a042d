/* SPDX-License-Identifier: MIT */
#include "proto/result.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_result_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < PROTO_RESULT_COUNT; i++) {
        const char *name = proto_result_name((enum proto_result)i);
        assert_non_null(name);
        assert_true(strlen(name) > 0);
        assert_string_not_equal(name, "unknown");
        for (int j = 0; j < i; j++)
            assert_string_not_equal(name, proto_result_name((enum proto_result)j));
    }
}

static void names_are_lower_case(void **state)
{
    (void)state;
    for (int i = 0; i < PROTO_RESULT_COUNT; i++) {
        for (const char *at = proto_result_name((enum proto_result)i); *at; at++)
            assert_true(*at == ' ' || islower((unsigned char)*at));
    }
}

static void a_number_that_is_no_result_is_called_unknown(void **state)
{
    (void)state;
    assert_string_equal(proto_result_name((enum proto_result)PROTO_RESULT_COUNT), "unknown");
}

static void fine_is_zero(void **state)
{
    (void)state;
    assert_int_equal(PROTO_OK, 0);
    assert_string_equal(proto_result_name(PROTO_OK), "fine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_result_has_a_name_of_its_own),
        cmocka_unit_test(names_are_lower_case),
        cmocka_unit_test(a_number_that_is_no_result_is_called_unknown),
        cmocka_unit_test(fine_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
