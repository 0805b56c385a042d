/* SPDX-License-Identifier: MIT
 *
 * Answering takes no memory: a million queries leave the heap as it was, and not one of them so much as asks for a
 * block. The allocator of this program counts; it is not built with sanitizers, which bring their own.
 */
#include "tests/unit/office_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);

static unsigned long allocations;

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size)
{
    allocations++;
    return __libc_realloc(pointer, size);
}

static struct office office;

static int open_office(void **state)
{
    (void)state;
    office_open(&office);
    return 0;
}

static int close_office(void **state)
{
    (void)state;
    office_close(&office);
    return 0;
}

static unsigned long answer(const struct datagram *query, unsigned times, bool expected)
{
    static struct datagram reply;
    unsigned long before = allocations;
    unsigned answered = 0;
    for (unsigned i = 0; i < times; i++)
        answered += office_handle(&office, query, &reply);
    assert_int_equal(answered, expected ? times : 0);
    return allocations - before;
}

static unsigned wanted(unsigned usual)
{
    const char *text = getenv("TEST_RUNS");
    return text ? (unsigned)strtoul(text, NULL, 10) : usual;
}

static void the_counter_counts(void **state)
{
    unsigned long before = allocations;
    void *volatile block = malloc(1);
    (void)state;
    free(block);
    assert_int_equal(allocations - before, 1);
}

static void an_enrolled_workstation_is_answered_without_an_allocation(void **state)
{
    struct datagram query = office_query(&office, &office.station, PROTO_GROUP_IPV4);
    (void)state;
    assert_int_equal(answer(&query, wanted(3000), true), 0);
}

static void a_million_queries_of_strangers_take_none(void **state)
{
    struct datagram query = office_query(&office, &office.stranger, "10.77.0.10");
    (void)state;
    assert_int_equal(answer(&query, wanted(1000000), false), 0);
}

static void junk_takes_none(void **state)
{
    struct datagram query = office_query(&office, &office.station, "10.77.0.10");
    (void)state;
    query.bytes[100] ^= 1;
    assert_int_equal(answer(&query, wanted(100000), false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_counts),
        cmocka_unit_test(an_enrolled_workstation_is_answered_without_an_allocation),
        cmocka_unit_test(a_million_queries_of_strangers_take_none),
        cmocka_unit_test(junk_takes_none),
    };
    return keys_start() ? cmocka_run_group_tests(tests, open_office, close_office) : 1;
}
