/* SPDX-License-Identifier: MIT */
#include "common/links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct links office(void)
{
    struct links links = {
        .link_count = 2,
        .address_count = 2,
        .complete = true,
        .links = {{.ifindex = 1, .name = "lo", .kind = LINK_LOOPBACK, .up = true},
                  {.ifindex = 7, .name = "eth0", .kind = LINK_OFFICE, .up = true, .multicast = true}},
    };
    struct address address = {.family = ENDPOINT_IPV4, .bytes = {127, 0, 0, 1}, .ifindex = 1};
    links.addresses[0] = (struct link_address){.address = address, .prefix = 8, .usable = true};
    address = (struct address){.family = ENDPOINT_IPV4, .bytes = {192, 0, 2, 10}, .ifindex = 7};
    links.addresses[1] = (struct link_address){.address = address, .prefix = 24, .usable = true};
    return links;
}

static void link_is_found_by_its_index(void **state)
{
    (void)state;
    struct links links = office();
    assert_ptr_equal(links_by_index(&links, 1), &links.links[0]);
    assert_ptr_equal(links_by_index(&links, 7), &links.links[1]);
}

static void unknown_index_finds_nothing(void **state)
{
    (void)state;
    struct links links = office();
    assert_null(links_by_index(&links, 0));
    assert_null(links_by_index(&links, 6));
    links.link_count = 1;
    assert_null(links_by_index(&links, 7));
    links.link_count = 0;
    assert_null(links_by_index(&links, 1));
}

static void last_of_a_full_table_is_found(void **state)
{
    (void)state;
    struct links links = {.link_count = LINKS_MAX, .complete = true};
    for (uint32_t i = 0; i < LINKS_MAX; i++)
        links.links[i].ifindex = i + 1;
    assert_ptr_equal(links_by_index(&links, LINKS_MAX), &links.links[LINKS_MAX - 1]);
    assert_null(links_by_index(&links, LINKS_MAX + 1));
}

static void same_state_is_equal(void **state)
{
    (void)state;
    struct links a = office(), b = office();
    assert_true(links_equal(&a, &b));
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    assert_true(links_equal(&a, &b));
}

static void what_stands_behind_the_counts_does_not_matter(void **state)
{
    (void)state;
    struct links a = office(), b = office();
    b.links[2].ifindex = 9;
    b.addresses[2].prefix = 9;
    memset(b.links[1].name + sizeof "eth0", 'x', sizeof b.links[1].name - sizeof "eth0" - 1);
    assert_true(links_equal(&a, &b));
}

#define DIFFERS(field, other)                                                                                          \
    do {                                                                                                               \
        struct links a_ = office(), b_ = office();                                                                     \
        b_.field = (other);                                                                                            \
        assert_false(links_equal(&a_, &b_));                                                                           \
        assert_false(links_equal(&b_, &a_));                                                                           \
    } while (0)

static void every_field_of_a_link_counts(void **state)
{
    (void)state;
    DIFFERS(links[1].ifindex, 8);
    DIFFERS(links[1].name[3], '1');
    DIFFERS(links[1].kind, LINK_CONTAINER);
    DIFFERS(links[1].up, false);
    DIFFERS(links[1].multicast, false);
}

static void every_field_of_an_address_counts(void **state)
{
    (void)state;
    DIFFERS(addresses[1].address.family, ENDPOINT_IPV6);
    DIFFERS(addresses[1].address.bytes[3], 11);
    DIFFERS(addresses[1].address.ifindex, 1);
    DIFFERS(addresses[1].prefix, 25);
    DIFFERS(addresses[1].usable, false);
    DIFFERS(addresses[1].temporary, true);
}

static void counts_and_completeness_count(void **state)
{
    (void)state;
    DIFFERS(link_count, 1);
    DIFFERS(address_count, 1);
    DIFFERS(address_count, 0);
    DIFFERS(complete, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_is_found_by_its_index),
        cmocka_unit_test(unknown_index_finds_nothing),
        cmocka_unit_test(last_of_a_full_table_is_found),
        cmocka_unit_test(same_state_is_equal),
        cmocka_unit_test(what_stands_behind_the_counts_does_not_matter),
        cmocka_unit_test(every_field_of_a_link_counts),
        cmocka_unit_test(every_field_of_an_address_counts),
        cmocka_unit_test(counts_and_completeness_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
