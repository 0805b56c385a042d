/* SPDX-License-Identifier: MIT */
#include "common/dnssd_lines.h"

#include "proto/name.h"
#include "tests/unit/test_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEY    "0123456789abcdef0123456789abcdef01234567"
#define NAME63 "123456789012345678901234567890123456789012345678901234567890123"

/* On the heap and of exactly that size, so that the sanitizer sees a read beyond it. */
static void *copy_of(const void *bytes, size_t size)
{
    void *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

static bool parse_bytes(const void *bytes, size_t size, struct dnssd_line *out)
{
    char *copy = copy_of(bytes, size);
    bool parsed = dnssd_line_parse(copy, size, out);
    free(copy);
    return parsed;
}

static bool parses(const char *line, struct dnssd_line *out)
{
    return parse_bytes(line, strlen(line), out);
}

static void refuses_bytes(const void *bytes, size_t size)
{
    struct dnssd_line out;
    struct dnssd_line before;
    memset(&out, 0x5a, sizeof out);
    memcpy(&before, &out, sizeof out);
    if (parse_bytes(bytes, size, &out))
        fail_msg("accepted: %.*s", (int)size, (const char *)bytes);
    assert_memory_equal(&out, &before, sizeof out);
}

static void refuses_each(const char *const lines[])
{
    for (; *lines; lines++)
        refuses_bytes(*lines, strlen(*lines));
}

#define REFUSES(...) refuses_each((const char *const[]){__VA_ARGS__, NULL})

static struct address address_of(const char *text, uint16_t port, uint32_t ifindex)
{
    struct address address;
    assert_true(address_from_text(text, port, &address));
    address.ifindex = ifindex;
    return address;
}

static void parses_words_without_a_value(void **state)
{
    struct dnssd_line line;
    (void)state;
    assert_true(parses("ready", &line));
    assert_int_equal(line.event, DNSSD_READY);
    assert_true(parses("conflict", &line));
    assert_int_equal(line.event, DNSSD_CONFLICT);
}

static void parses_a_registered_name(void **state)
{
    struct dnssd_line line;
    (void)state;
    assert_true(parses("registered Zahnärzte Müller. & S\\hne #2", &line));
    assert_int_equal(line.event, DNSSD_REGISTERED);
    assert_string_equal(line.found.name.text, "Zahnärzte Müller. & S\\hne #2");
    assert_true(parses("registered  led by a space", &line));
    assert_string_equal(line.found.name.text, " led by a space");
}

static void parses_a_found_ipv4_address(void **state)
{
    struct dnssd_line line;
    struct address expected = address_of("10.77.0.1", 21234, 3);
    (void)state;
    assert_true(parses("found 3 10.77.0.1 21234 " KEY " Praxis am Markt", &line));
    assert_int_equal(line.event, DNSSD_FOUND);
    assert_true(address_equal(&line.found.address, &expected));
    assert_int_equal(line.found.address.ifindex, expected.ifindex);
    assert_true(line.found.has_key);
    for (size_t i = 0; i < sizeof line.found.key.bytes; i++)
        assert_int_equal(line.found.key.bytes[i], (i % 8) * 0x22 + 1);
    assert_string_equal(line.found.name.text, "Praxis am Markt");
}

static void parses_a_found_ipv6_address(void **state)
{
    struct dnssd_line line;
    struct address expected = address_of("fd77::1", 1, 12);
    (void)state;
    assert_true(parses("found 12 fd77::1 1 - Praxis", &line));
    assert_true(address_equal(&line.found.address, &expected));
    assert_int_equal(line.found.address.ifindex, expected.ifindex);
    assert_true(parses("found 12 2001:1111:2222:3333:4444:5555:123.123.123.123 1 - Praxis", &line));
}

static void gives_link_local_addresses_their_interface(void **state)
{
    struct dnssd_line line;
    struct sockaddr_storage storage;
    struct sockaddr_in6 sin6;
    (void)state;
    assert_true(parses("found 7 fe80::1 21234 - Praxis", &line));
    assert_int_equal(address_to_sockaddr(&line.found.address, &storage), sizeof sin6);
    memcpy(&sin6, &storage, sizeof sin6);
    assert_int_equal(sin6.sin6_scope_id, 7);
}

static void marks_a_missing_key(void **state)
{
    struct dnssd_line line;
    (void)state;
    assert_true(parses("found 3 10.77.0.1 21234 - Praxis", &line));
    assert_false(line.found.has_key);
}

static void takes_interfaces_from_one_to_the_last(void **state)
{
    struct dnssd_line line;
    (void)state;
    assert_true(parses("found 1 10.77.0.1 21234 - P", &line));
    assert_true(parses("found 2147483647 10.77.0.1 21234 - P", &line));
    assert_int_equal(line.found.address.ifindex, 2147483647);
    REFUSES("found 0 10.77.0.1 21234 - P", "found 2147483648 10.77.0.1 21234 - P",
            "found 4294967299 10.77.0.1 21234 - P", "found 18446744073709551619 10.77.0.1 21234 - P",
            "found  10.77.0.1 21234 - P", "found -1 10.77.0.1 21234 - P", "found eth0 10.77.0.1 21234 - P");
}

static void takes_ports_from_one_to_the_last(void **state)
{
    struct dnssd_line line;
    (void)state;
    assert_true(parses("found 3 10.77.0.1 1 - P", &line));
    assert_true(parses("found 3 10.77.0.1 65535 - P", &line));
    assert_int_equal(line.found.address.port, 65535);
    REFUSES("found 3 10.77.0.1 0 - P", "found 3 10.77.0.1 65536 - P", "found 3 10.77.0.1  - P",
            "found 3 10.77.0.1 01 - P", "found 3 10.77.0.1 +1 - P", "found 3 10.77.0.1 1x - P",
            "found 3 10.77.0.1 1: - P", "found 3 10.77.0.1 1/ - P");
}

static void takes_keys_of_forty_lower_case_digits(void **state)
{
    struct dnssd_line line;
    (void)state;
    assert_true(parses("found 3 10.77.0.1 1 " KEY " P", &line));
    REFUSES("found 3 10.77.0.1 1 0123456789abcdef0123456789abcdef0123456 P", "found 3 10.77.0.1 1 " KEY "8 P",
            "found 3 10.77.0.1 1 0123456789ABCDEF0123456789abcdef01234567 P",
            "found 3 10.77.0.1 1 0123456789abcdeg0123456789abcdef01234567 P",
            "found 3 10.77.0.1 1 0123456789abcde`0123456789abcdef01234567 P", "found 3 10.77.0.1 1  P",
            "found 3 10.77.0.1 1 -- P");
}

static void takes_names_up_to_the_longest(void **state)
{
    struct dnssd_line line;
    (void)state;
    assert_true(parses("found 3 10.77.0.1 1 - " NAME63, &line));
    assert_string_equal(line.found.name.text, NAME63);
    assert_true(parses("registered " NAME63, &line));
    REFUSES("found 3 10.77.0.1 1 - " NAME63 "4", "found 3 10.77.0.1 1 - ", "found 3 10.77.0.1 1 -",
            "registered " NAME63 "4", "registered ", "registered");
}

static void refuses_names_that_could_move_a_cursor(void **state)
{
    (void)state;
    REFUSES("registered a\nb", "registered a\x1b[31m", "found 3 10.77.0.1 1 - a\nb", "found 3 10.77.0.1 1 - a\x7f",
            "found 3 10.77.0.1 1 - a\xff");
    refuses_bytes("registered a\0b", 14);
}

static void refuses_what_is_no_address(void **state)
{
    (void)state;
    REFUSES("found 3  1 - P", "found 3 10.77.0 1 - P", "found 3 10.77.0.256 1 - P", "found 3 server.local 1 - P",
            "found 3 fd77:::1 1 - P", "found 1 fe80::1%lo 1 - P", "found 1 fe80::1%1 1 - P",
            "found 3 ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555 1 - P",
            "found 3 1111111111111111111111111111111111111111111111111111111111111111111111111111111111 1 - P");
    refuses_bytes("found 3 10.77.0.1\0 1 - P", 24);
}

static void refuses_addresses_that_are_no_hosts(void **state)
{
    (void)state;
    REFUSES("found 3 0.0.0.0 1 - P", "found 3 :: 1 - P", "found 3 127.0.0.1 1 - P", "found 3 ::1 1 - P",
            "found 3 ::ffff:127.0.0.1 1 - P", "found 3 239.255.112.108 1 - P", "found 3 ff12::706c 1 - P",
            "found 3 255.255.255.255 1 - P");
}

static void knows_what_is_a_host(void **state)
{
    static const struct address none = {.family = ENDPOINT_NONE, .bytes = {10, 77, 0, 1}};
    const struct address host = address_of("255.255.255.254", 0, 0);
    (void)state;
    assert_false(dnssd_is_host(&none));
    assert_true(dnssd_is_host(&host));
}

static void refuses_what_no_helper_says(void **state)
{
    struct dnssd_line line;
    (void)state;
    assert_false(dnssd_line_parse(NULL, 0, &line));
    REFUSES("", " ", "ready ", "ready\n", "Ready", "read", "conflict x", "found", "found 3", "found 3 10.77.0.1",
            "found 3 10.77.0.1 1", "lost 3 10.77.0.1 1 - P", "fond 3 10.77.0.1 1 - P", " found 3 10.77.0.1 1 - P",
            "found\t3 10.77.0.1 1 - P");
    refuses_bytes("ready", 6);
}

static const char *formatted(const struct dnssd_line *line, char out[DNSSD_LINE_MAX])
{
    size_t length = dnssd_line_format(line, out);
    assert_int_equal(length, strlen(out));
    return out;
}

static void formats_each_line(void **state)
{
    char text[DNSSD_LINE_MAX];
    struct dnssd_line line = {.event = DNSSD_READY};
    (void)state;
    assert_string_equal(formatted(&line, text), "ready\n");
    line.event = DNSSD_CONFLICT;
    assert_string_equal(formatted(&line, text), "conflict\n");
    line.event = DNSSD_REGISTERED;
    assert_true(name_from_text(&line.found.name, "Praxis #2"));
    assert_string_equal(formatted(&line, text), "registered Praxis #2\n");
    line.event = DNSSD_FOUND;
    line.found.address = address_of("10.77.0.1", 21234, 3);
    assert_string_equal(formatted(&line, text), "found 3 10.77.0.1 21234 - Praxis #2\n");
    line.found.has_key = true;
    memset(&line.found.key, 0xa7, sizeof line.found.key);
    assert_string_equal(formatted(&line, text),
                        "found 3 10.77.0.1 21234 a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7 Praxis #2\n");
}

static void formats_link_local_addresses_without_a_zone(void **state)
{
    char text[DNSSD_LINE_MAX];
    struct dnssd_line line = {.event = DNSSD_FOUND, .found = {.address = address_of("fe80::1", 1, 1), .name = {"P"}}};
    (void)state;
    assert_string_equal(formatted(&line, text), "found 1 fe80::1 1 - P\n");
}

static void formats_the_longest_line(void **state)
{
    char text[DNSSD_LINE_MAX];
    struct dnssd_line line = {.event = DNSSD_FOUND, .found = {.has_key = true, .name = {NAME63}}};
    (void)state;
    line.found.address = address_of("1111:1111:1111:1111:1111:1111:1111:1111", 65535, 2147483647);
    assert_string_equal(formatted(&line, text), "found 2147483647 1111:1111:1111:1111:1111:1111:1111:1111 65535 "
                                                "0000000000000000000000000000000000000000 " NAME63 "\n");
}

static struct dnssd_line random_line(struct test_random *random)
{
    struct dnssd_line line = {.event = test_random_below(random, 2) ? DNSSD_FOUND : DNSSD_REGISTERED};
    struct dnssd_found *found = &line.found;
    size_t length = 1 + test_random_below(random, PROTO_NAME_MAX);
    for (size_t i = 0; i < length; i++)
        found->name.text[i] = (char)(' ' + test_random_below(random, '~' - ' ' + 1));
    if (line.event == DNSSD_REGISTERED)
        return line;
    size_t size = test_random_below(random, 2) ? 4 : 16;
    for (size_t i = 0; i < size; i++)
        found->address.bytes[i] = test_random_below(random, 3) ? test_random_byte(random) : 0;
    found->address.bytes[0] = 0x20; /* a host of either family */
    found->address.family = size == 4 ? ENDPOINT_IPV4 : ENDPOINT_IPV6;
    found->address.port = (uint16_t)(1 + test_random_below(random, UINT16_MAX));
    found->address.ifindex = (uint32_t)(1 + test_random_below(random, INT32_MAX));
    found->has_key = test_random_below(random, 2);
    for (size_t i = 0; found->has_key && i < sizeof found->key.bytes; i++)
        found->key.bytes[i] = test_random_byte(random);
    return line;
}

static bool comes_back(const struct dnssd_line *line)
{
    char text[DNSSD_LINE_MAX];
    struct dnssd_line back;
    size_t length = dnssd_line_format(line, text);
    return text[length - 1] == '\n' && parse_bytes(text, length - 1, &back) && back.event == line->event &&
           address_equal(&back.found.address, &line->found.address) &&
           back.found.address.ifindex == line->found.address.ifindex && back.found.has_key == line->found.has_key &&
           memcmp(&back.found.key, &line->found.key, sizeof back.found.key) == 0 &&
           strcmp(back.found.name.text, line->found.name.text) == 0;
}

static void parses_what_it_formats(void **state)
{
    struct test_random random = test_random_start();
    (void)state;
    for (int round = 0; round < 10000; round++) {
        struct dnssd_line line = random_line(&random);
        if (!comes_back(&line))
            fail_msg("TEST_SEED=%llu round %d", random.seed, round);
    }
}

/* Changed bytes of a good line give a value that can be formatted, or nothing. */
static void survives_damaged_lines(void **state)
{
    struct test_random random = test_random_start();
    char text[DNSSD_LINE_MAX];
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct dnssd_line line = random_line(&random);
        size_t length = dnssd_line_format(&line, text) - 1;
        for (size_t damage = test_random_below(&random, 3); damage < 3; damage++)
            text[test_random_below(&random, length)] = (char)test_random_byte(&random);
        length = test_random_below(&random, 4) ? length : test_random_below(&random, length + 1);
        if (parse_bytes(text, length, &line) && !comes_back(&line))
            fail_msg("TEST_SEED=%llu round %d", random.seed, round);
    }
}

static bool reads_txt(const char *txt, size_t size, struct dnssd_found *out)
{
    uint8_t *copy = copy_of(txt, size);
    bool read = dnssd_txt_read(copy, size, out);
    free(copy);
    return read;
}

#define READS_TXT(literal, out) reads_txt(literal, sizeof(literal) - 1, out)

static void refuses_txt(const char *txt, size_t size)
{
    struct dnssd_found out;
    struct dnssd_found before;
    memset(&out, 0x5a, sizeof out);
    memcpy(&before, &out, sizeof out);
    if (reads_txt(txt, size, &out))
        fail_msg("accepted: %.*s", (int)size, txt);
    assert_memory_equal(&out, &before, sizeof out);
}

#define REFUSES_TXT(literal) refuses_txt(literal, sizeof(literal) - 1)

static void reads_port_and_key(void **state)
{
    struct dnssd_found found = {.address.ifindex = 3, .name = {"P"}};
    (void)state;
    assert_true(READS_TXT("\x09txtvers=1\x2ckey=" KEY "\x07q=21234", &found));
    assert_int_equal(found.address.port, 21234);
    assert_true(found.has_key);
    assert_int_equal(found.key.bytes[19], 0x67);
    assert_int_equal(found.address.ifindex, 3);
    assert_string_equal(found.name.text, "P");
}

static void reads_ports_from_one_to_the_last(void **state)
{
    struct dnssd_found found = {0};
    (void)state;
    assert_true(READS_TXT("\x03q=1", &found));
    assert_true(READS_TXT("\x07q=65535", &found));
    assert_int_equal(found.address.port, 65535);
    REFUSES_TXT("\x03q=0");
    REFUSES_TXT("\x07q=65536");
    REFUSES_TXT("\x02q=");
    REFUSES_TXT("\x01q");
    REFUSES_TXT("\x04q= 1");
    REFUSES_TXT("\x04q=1 ");
    REFUSES_TXT("\x05q=1\0x");
}

static void refuses_txt_without_a_port(void **state)
{
    (void)state;
    REFUSES_TXT("");
    REFUSES_TXT("\0");
    REFUSES_TXT("\x2ckey=" KEY);
    REFUSES_TXT("\x04qq=1");
    REFUSES_TXT("\x04qx12");
    REFUSES_TXT("\x04=q=1");
    REFUSES_TXT("\x01=\x04xq=1");
}

static void refuses_a_torn_txt(void **state)
{
    (void)state;
    REFUSES_TXT("\x04q=1");
    REFUSES_TXT("\x03");
    REFUSES_TXT("\x09txtvers=1\xffq=1");
}

static void counts_a_malformed_key_as_none(void **state)
{
    static const struct fingerprint none = {{0}};
    struct dnssd_found found = {.has_key = true, .key = {{1}}};
    (void)state;
    assert_true(READS_TXT("\x03q=1", &found));
    assert_false(found.has_key);
    assert_memory_equal(&found.key, &none, sizeof none);
    assert_true(READS_TXT("\x03q=1\x2bkey=0123456789abcdef0123456789abcdef0123456", &found));
    assert_false(found.has_key);
    assert_true(READS_TXT("\x03q=1\x2dkey=" KEY "8", &found));
    assert_false(found.has_key);
    assert_true(READS_TXT("\x03q=1\x2ckey=0123456789ABCDEF0123456789abcdef01234567", &found));
    assert_false(found.has_key);
    assert_true(READS_TXT("\x03q=1\x04key=", &found));
    assert_false(found.has_key);
    assert_memory_equal(&found.key, &none, sizeof none);
}

static void counts_the_first_item_of_a_key(void **state)
{
    struct dnssd_found found = {0};
    (void)state;
    assert_true(READS_TXT("\x03q=1\x03q=2", &found));
    assert_int_equal(found.address.port, 1);
    REFUSES_TXT("\x01q\x03q=2");
    REFUSES_TXT("\x03q=x\x03q=2");
}

static void ignores_the_case_of_keys(void **state)
{
    struct dnssd_found found = {0};
    (void)state;
    assert_true(READS_TXT("\x03Q=5\x2cKEY=" KEY, &found));
    assert_int_equal(found.address.port, 5);
    assert_true(found.has_key);
}

static void takes_no_item_for_the_end_of_an_earlier_one(void **state)
{
    struct dnssd_found found = {0};
    (void)state;
    assert_true(READS_TXT("\3q=1\7aey=abc\1k\54key=" KEY, &found));
    assert_true(found.has_key);
}

static void reads_past_items_of_any_length(void **state)
{
    struct dnssd_found found = {0};
    char txt[1 + 255 + 1 + 4];
    (void)state;
    memset(txt, 'x', sizeof txt);
    txt[0] = (char)255;
    txt[256] = 0;
    memcpy(txt + 257, "\x03q=9", 4);
    assert_true(reads_txt(txt, sizeof txt, &found));
    assert_int_equal(found.address.port, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_words_without_a_value),
        cmocka_unit_test(parses_a_registered_name),
        cmocka_unit_test(parses_a_found_ipv4_address),
        cmocka_unit_test(parses_a_found_ipv6_address),
        cmocka_unit_test(gives_link_local_addresses_their_interface),
        cmocka_unit_test(marks_a_missing_key),
        cmocka_unit_test(takes_interfaces_from_one_to_the_last),
        cmocka_unit_test(takes_ports_from_one_to_the_last),
        cmocka_unit_test(takes_keys_of_forty_lower_case_digits),
        cmocka_unit_test(takes_names_up_to_the_longest),
        cmocka_unit_test(refuses_names_that_could_move_a_cursor),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(refuses_addresses_that_are_no_hosts),
        cmocka_unit_test(knows_what_is_a_host),
        cmocka_unit_test(refuses_what_no_helper_says),
        cmocka_unit_test(formats_each_line),
        cmocka_unit_test(formats_link_local_addresses_without_a_zone),
        cmocka_unit_test(formats_the_longest_line),
        cmocka_unit_test(parses_what_it_formats),
        cmocka_unit_test(survives_damaged_lines),
        cmocka_unit_test(reads_port_and_key),
        cmocka_unit_test(reads_ports_from_one_to_the_last),
        cmocka_unit_test(refuses_txt_without_a_port),
        cmocka_unit_test(refuses_a_torn_txt),
        cmocka_unit_test(counts_a_malformed_key_as_none),
        cmocka_unit_test(counts_the_first_item_of_a_key),
        cmocka_unit_test(ignores_the_case_of_keys),
        cmocka_unit_test(takes_no_item_for_the_end_of_an_earlier_one),
        cmocka_unit_test(reads_past_items_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
