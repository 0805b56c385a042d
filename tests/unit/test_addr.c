/* SPDX-License-Identifier: MIT */
#include "common/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <assert.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static struct address parsed(const char *text)
{
    struct address address = {0};
    if (!address_from_text(text, 1234, &address))
        fail_msg("%s was refused", text);
    return address;
}

static void assert_refused(const char *text)
{
    struct address address = {.port = 7};
    if (address_from_text(text, 1234, &address))
        fail_msg("%s was accepted", text);
    assert_int_equal(address.port, 7);
    assert_int_equal(address.family, ENDPOINT_NONE);
}

static void assert_text(const struct address *address, const char *text)
{
    char out[ADDRESS_TEXT_MAX];
    address_to_text(address, out);
    assert_string_equal(out, text);
}

static struct address on_link(const char *text, uint32_t ifindex)
{
    struct address address = parsed(text);
    address.ifindex = ifindex;
    return address;
}

static void text_of_both_families_is_read_and_written(void **state)
{
    (void)state;
    static const char *const texts[] = {"0.0.0.0",
                                        "192.0.2.1",
                                        "255.255.255.255",
                                        "::",
                                        "::1",
                                        "2001:db8::1",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address address = parsed(texts[i]);
        assert_text(&address, texts[i]);
        assert_int_equal(address.family, strchr(texts[i], ':') ? ENDPOINT_IPV6 : ENDPOINT_IPV4);
        assert_int_equal(address.port, 1234);
        assert_int_equal(address.ifindex, 0);
    }
}

static void ipv4_fills_four_bytes_and_leaves_the_rest_zero(void **state)
{
    (void)state;
    const uint8_t expected[16] = {192, 0, 2, 1};
    struct address address = parsed("192.0.2.1");
    assert_memory_equal(address.bytes, expected, sizeof expected);
    address = parsed("::ffff:192.0.2.1");
    assert_memory_equal(address.bytes, expected, sizeof expected);
}

static void text_that_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        " ",
                                        "192.0.2",
                                        "192.0.2.256",
                                        "192.0.2.1 ",
                                        "192.0.2.1:1",
                                        "localhost",
                                        "[::1]",
                                        "1::2::3",
                                        "12345::",
                                        "192.0.2.1%lo",
                                        "fe80::1%",
                                        "fe80::1%%lo",
                                        "%lo",
                                        "%",
                                        "192.0.2.1/24",
                                        "fe80::1%lo%lo",
                                        "2001:db8::/32",
                                        "fe80::1% lo",
                                        "0x7f.1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(wrong[i]);
}

static void text_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char text[200];
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_refused(text);
    (void)snprintf(text, sizeof text, "fe80::1%%%0*d", ADDRESS_TEXT_MAX - 1 - 8, 1);
    assert_int_equal(strlen(text), ADDRESS_TEXT_MAX - 1);
    assert_int_equal(parsed(text).ifindex, 1);
    (void)snprintf(text, sizeof text, "fe80::1%%%0*d", ADDRESS_TEXT_MAX - 8, 11); /* cut, it would be zone 1 */
    assert_refused(text);
}

static void a_zone_is_the_name_or_number_of_an_interface(void **state)
{
    (void)state;
    uint32_t loopback = if_nametoindex("lo");
    char text[64];
    assert_true(loopback > 0);
    struct address address = parsed("fe80::1%lo");
    assert_int_equal(address.ifindex, loopback);
    assert_text(&address, "fe80::1%lo");
    (void)snprintf(text, sizeof text, "fe80::1%%%u", (unsigned)loopback);
    address = parsed(text);
    assert_int_equal(address.ifindex, loopback);
    assert_text(&address, "fe80::1%lo");
}

static void a_zone_without_an_interface_stays_a_number(void **state)
{
    (void)state;
    struct address address = parsed("fe80::1%4294967295");
    assert_int_equal(address.ifindex, UINT32_MAX);
    assert_text(&address, "fe80::1%4294967295");
    assert_refused("fe80::1%4294967296");
    assert_refused("fe80::1%99999999999999999999999");
    assert_refused("fe80::1%0");
    assert_refused("fe80::1%1x");
    assert_refused("fe80::1%-1");
    assert_refused("fe80::1%no-such-link");
}

static void only_link_local_ipv6_is_written_with_its_zone(void **state)
{
    (void)state;
    uint32_t loopback = if_nametoindex("lo");
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {{"fe80::1", "fe80::1%lo"},      {"febf::1", "febf::1%lo"},      {"fec0::1", "fec0::1"},
                 {"169.254.1.1", "169.254.1.1"}, {"2001:db8::1", "2001:db8::1"}, {"ff02::fb", "ff02::fb"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address = on_link(cases[i].text, loopback);
        assert_text(&address, cases[i].expected);
    }
    struct address without = parsed("fe80::1");
    assert_text(&without, "fe80::1");
}

static void the_longest_text_fits(void **state)
{
    (void)state;
    char text[ADDRESS_TEXT_MAX];
    struct address address = on_link("fe80:1111:2222:3333:4444:5555:6666:7777", UINT32_MAX);
    address_to_text(&address, text);
    assert_string_equal(text, "fe80:1111:2222:3333:4444:5555:6666:7777%4294967295");
    static_assert(ADDRESS_TEXT_MAX >= INET6_ADDRSTRLEN + 1 + IF_NAMESIZE - 1, "a name fits as well");
}

static void no_address_is_written_as_none(void **state)
{
    (void)state;
    struct address none = {0};
    assert_text(&none, "none");
}

static void mapped_ipv4_becomes_ipv4(void **state)
{
    (void)state;
    struct address address = parsed("::ffff:192.0.2.1");
    assert_int_equal(address.family, ENDPOINT_IPV4);
    assert_text(&address, "192.0.2.1");
    assert_int_equal(parsed("::fffe:192.0.2.1").family, ENDPOINT_IPV6);
    assert_int_equal(parsed("::192.0.2.1").family, ENDPOINT_IPV6);
}

static void sockaddrs_of_both_families_go_there_and_back(void **state)
{
    (void)state;
    struct sockaddr_storage sa;
    struct address address = parsed("192.0.2.1");
    assert_int_equal(address_to_sockaddr(&address, &sa), sizeof(struct sockaddr_in));
    assert_int_equal(sa.ss_family, AF_INET);
    struct address back = address_from_sockaddr((const struct sockaddr *)&sa);
    assert_true(address_equal(&address, &back));
    address = on_link("fe80::1", 5);
    assert_int_equal(address_to_sockaddr(&address, &sa), sizeof(struct sockaddr_in6));
    assert_int_equal(sa.ss_family, AF_INET6);
    back = address_from_sockaddr((const struct sockaddr *)&sa);
    assert_true(address_equal(&address, &back));
    assert_int_equal(back.ifindex, 5);
    assert_int_equal(back.port, 1234);
}

static void a_mapped_sockaddr_becomes_ipv4(void **state)
{
    (void)state;
    struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6, .sin6_port = htons(1234)};
    assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.1", &sin6.sin6_addr), 1);
    struct address expected = parsed("192.0.2.1");
    struct address address = address_from_sockaddr((const struct sockaddr *)&sin6);
    assert_true(address_equal(&address, &expected));
}

static void other_families_give_no_address(void **state)
{
    (void)state;
    struct sockaddr_storage sa = {.ss_family = AF_UNIX};
    assert_int_equal(address_from_sockaddr((const struct sockaddr *)&sa).family, ENDPOINT_NONE);
    sa.ss_family = AF_UNSPEC;
    assert_int_equal(address_from_sockaddr((const struct sockaddr *)&sa).family, ENDPOINT_NONE);
}

static uint32_t scope_of(const char *text)
{
    struct sockaddr_storage sa;
    struct sockaddr_in6 sin6;
    struct address address = on_link(text, 5);
    assert_int_equal(address_to_sockaddr(&address, &sa), sizeof sin6);
    memcpy(&sin6, &sa, sizeof sin6);
    return sin6.sin6_scope_id;
}

static void only_link_local_and_multicast_ipv6_are_sent_with_a_zone(void **state)
{
    (void)state;
    assert_int_equal(scope_of("fe80::1"), 5);
    assert_int_equal(scope_of("ff12::706c"), 5);
    assert_int_equal(scope_of("2001:db8::1"), 0);
    assert_int_equal(scope_of("fd00::1"), 0);
    assert_int_equal(scope_of("::1"), 0);
}

static void endpoints_go_there_and_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"192.0.2.1", "2001:db8::1", "fe80::1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address address = on_link(texts[i], 5);
        struct endpoint endpoint = address_to_endpoint(&address, ENDPOINT_OWN_LINK);
        assert_int_equal(endpoint.flags, ENDPOINT_OWN_LINK);
        struct address back = address_from_endpoint(&endpoint, 5);
        assert_true(address_equal(&back, &address));
        assert_int_equal(back.ifindex, 5);
    }
}

static void a_mapped_endpoint_becomes_ipv4(void **state)
{
    (void)state;
    struct endpoint endpoint = {.family = ENDPOINT_IPV6, .port = 1234};
    assert_int_equal(inet_pton(AF_INET6, "::ffff:127.0.0.1", endpoint.addr), 1);
    struct address expected = parsed("127.0.0.1");
    struct address address = address_from_endpoint(&endpoint, 0);
    assert_true(address_equal(&address, &expected));
    assert_true(address_is_loopback(&address));
}

static void no_address_has_no_sockaddr(void **state)
{
    (void)state;
    struct sockaddr_storage sa;
    struct address none = {.port = 1234};
    assert_int_equal(address_to_sockaddr(&none, &sa), 0);
    assert_int_equal(sa.ss_family, AF_UNSPEC);
}

static bool same_host(const char *a, uint32_t a_ifindex, const char *b, uint32_t b_ifindex)
{
    struct address left = on_link(a, a_ifindex);
    struct address right = on_link(b, b_ifindex);
    bool same = address_same_host(&left, &right);
    assert_int_equal(address_same_host(&right, &left), same);
    return same;
}

static void link_local_hosts_are_the_same_on_one_interface_only(void **state)
{
    (void)state;
    assert_true(same_host("fe80::1", 2, "fe80::1", 2));
    assert_false(same_host("fe80::1", 2, "fe80::1", 3));
    assert_false(same_host("fe80::1", 2, "fe80::1", 0));
    assert_true(same_host("169.254.1.1", 2, "169.254.1.1", 2));
    assert_false(same_host("169.254.1.1", 2, "169.254.1.1", 3));
}

static void other_hosts_are_the_same_on_any_interface(void **state)
{
    (void)state;
    assert_true(same_host("192.0.2.1", 2, "192.0.2.1", 3));
    assert_true(same_host("2001:db8::1", 2, "2001:db8::1", 0));
    assert_true(same_host("fec0::1", 2, "fec0::1", 3));
    assert_true(same_host("192.0.2.1", 0, "::ffff:192.0.2.1", 0));
    assert_false(same_host("192.0.2.1", 2, "192.0.2.2", 2));
    assert_false(same_host("2001:db8::1", 2, "2001:db8::2", 2));
    assert_false(same_host("0.0.0.0", 0, "::", 0));
}

static void equal_addresses_have_the_same_port_as_well(void **state)
{
    (void)state;
    struct address a = parsed("192.0.2.1");
    struct address b = a;
    assert_true(address_equal(&a, &b));
    b.port++;
    assert_false(address_equal(&a, &b));
    assert_true(address_same_host(&a, &b));
    b = on_link("fe80::1", 2);
    a = on_link("fe80::1", 3);
    assert_false(address_equal(&a, &b));
}

enum trait { LOOPBACK = 1, LINK_LOCAL = 2, MULTICAST = 4, UNSPECIFIED = 8 };

static int traits(const char *text)
{
    struct address address = parsed(text);
    return (address_is_loopback(&address) ? LOOPBACK : 0) | (address_is_link_local(&address) ? LINK_LOCAL : 0) |
           (address_is_multicast(&address) ? MULTICAST : 0) | (address_is_unspecified(&address) ? UNSPECIFIED : 0);
}

static void each_range_has_its_first_and_last_address(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int traits;
    } cases[] = {
        {"126.255.255.255", 0},
        {"127.0.0.0", LOOPBACK},
        {"127.255.255.255", LOOPBACK},
        {"128.0.0.0", 0},
        {"::1", LOOPBACK},
        {"::2", 0},
        {"::ffff:127.0.0.1", LOOPBACK},
        {"169.253.255.255", 0},
        {"169.254.0.0", LINK_LOCAL},
        {"169.254.255.255", LINK_LOCAL},
        {"169.255.0.0", 0},
        {"168.254.0.0", 0},
        {"fe7f:ffff::1", 0},
        {"fe80::", LINK_LOCAL},
        {"febf:ffff::1", LINK_LOCAL},
        {"fec0::", 0},
        {"223.255.255.255", 0},
        {"224.0.0.0", MULTICAST},
        {"239.255.255.255", MULTICAST},
        {"240.0.0.0", 0},
        {"feff::", 0},
        {"ff00::", MULTICAST},
        {"ffff:ffff::", MULTICAST},
        {"0.0.0.0", UNSPECIFIED},
        {"0.0.0.1", 0},
        {"::", UNSPECIFIED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (traits(cases[i].text) != cases[i].traits)
            fail_msg("%s has traits %d", cases[i].text, traits(cases[i].text));
    }
}

static void bytes_of_another_family_have_no_traits(void **state)
{
    (void)state;
    struct address none = {.bytes = {127, 0, 0, 1}};
    struct address ipv6 = {.family = ENDPOINT_IPV6, .bytes = {127, 0, 0, 1}};
    assert_false(address_is_loopback(&none));
    assert_false(address_is_loopback(&ipv6));
    none.bytes[0] = 0xe0;
    ipv6.bytes[0] = 0xe0;
    assert_false(address_is_multicast(&none));
    assert_false(address_is_multicast(&ipv6));
}

/* The address differs from the network in this bit alone, counted from 0. */
static bool in_prefix_despite_bit(const char *text, unsigned bit, unsigned prefix)
{
    struct address network = parsed(text);
    struct address address = network;
    address.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    return address_in_prefix(&address, &network, prefix);
}

static void a_prefix_covers_its_bits_and_no_more(void **state)
{
    (void)state;
    static const unsigned prefixes[] = {1, 7, 8, 9, 31, 32, 33, 63, 64, 127, 128};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        unsigned prefix = prefixes[i];
        assert_false(in_prefix_despite_bit("2001:db8::1", prefix - 1, prefix));
        assert_false(in_prefix_despite_bit("2001:db8::1", 0, prefix));
        if (prefix < 128)
            assert_true(in_prefix_despite_bit("2001:db8::1", prefix, prefix));
        if (prefix <= 32)
            assert_false(in_prefix_despite_bit("192.0.2.1", prefix - 1, prefix));
        if (prefix < 32)
            assert_true(in_prefix_despite_bit("192.0.2.1", prefix, prefix));
    }
}

static void the_empty_prefix_holds_all_of_its_family(void **state)
{
    (void)state;
    struct address ipv4 = parsed("192.0.2.1");
    struct address other = parsed("63.255.253.254");
    struct address ipv6 = parsed("2001:db8::1");
    assert_true(address_in_prefix(&ipv4, &other, 0));
    assert_false(address_in_prefix(&ipv4, &ipv6, 0));
    assert_false(address_in_prefix(&ipv6, &ipv4, 0));
}

static void the_full_prefix_holds_one_address(void **state)
{
    (void)state;
    struct address ipv4 = parsed("192.0.2.1");
    struct address ipv6 = parsed("2001:db8::1");
    assert_true(address_in_prefix(&ipv4, &ipv4, 32));
    assert_false(address_in_prefix(&ipv4, &ipv4, 33));
    assert_false(address_in_prefix(&ipv4, &ipv4, 128));
    assert_true(address_in_prefix(&ipv6, &ipv6, 128));
    assert_false(address_in_prefix(&ipv6, &ipv6, 129));
    assert_false(address_in_prefix(&ipv6, &ipv6, 1000));
}

static void no_address_is_in_no_prefix(void **state)
{
    (void)state;
    struct address none = {0};
    assert_false(address_in_prefix(&none, &none, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_both_families_is_read_and_written),
        cmocka_unit_test(ipv4_fills_four_bytes_and_leaves_the_rest_zero),
        cmocka_unit_test(text_that_is_no_address_is_refused),
        cmocka_unit_test(text_that_is_too_long_is_refused),
        cmocka_unit_test(a_zone_is_the_name_or_number_of_an_interface),
        cmocka_unit_test(a_zone_without_an_interface_stays_a_number),
        cmocka_unit_test(only_link_local_ipv6_is_written_with_its_zone),
        cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(no_address_is_written_as_none),
        cmocka_unit_test(mapped_ipv4_becomes_ipv4),
        cmocka_unit_test(sockaddrs_of_both_families_go_there_and_back),
        cmocka_unit_test(a_mapped_sockaddr_becomes_ipv4),
        cmocka_unit_test(other_families_give_no_address),
        cmocka_unit_test(only_link_local_and_multicast_ipv6_are_sent_with_a_zone),
        cmocka_unit_test(endpoints_go_there_and_back),
        cmocka_unit_test(a_mapped_endpoint_becomes_ipv4),
        cmocka_unit_test(no_address_has_no_sockaddr),
        cmocka_unit_test(link_local_hosts_are_the_same_on_one_interface_only),
        cmocka_unit_test(other_hosts_are_the_same_on_any_interface),
        cmocka_unit_test(equal_addresses_have_the_same_port_as_well),
        cmocka_unit_test(each_range_has_its_first_and_last_address),
        cmocka_unit_test(bytes_of_another_family_have_no_traits),
        cmocka_unit_test(a_prefix_covers_its_bits_and_no_more),
        cmocka_unit_test(the_empty_prefix_holds_all_of_its_family),
        cmocka_unit_test(the_full_prefix_holds_one_address),
        cmocka_unit_test(no_address_is_in_no_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
