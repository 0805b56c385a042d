/* SPDX-License-Identifier: MIT */
#include "locator/output.h"
#include "tests/unit/state_fixture.h"

#include <assert.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A stream into memory, and what was written there. */
struct fixture {
    FILE *stream;
    char *text;
    size_t size;
    struct pin pin;
    struct verified verified;
    struct remembered last;
};

static const struct output_style text_style = {.kind = OUTPUT_TEXT};
static const struct output_style json_style = {.kind = OUTPUT_JSON};

static struct verified verified_at(const char *text, enum source source)
{
    struct verified verified = {
        .source = source,
        .answer = {.serial = 4711, .port = 1234, .status = ANSWER_OK, .host = {"praxis-server"}},
        .rtt_us = 842};
    assert_true(address_from_text(text, 21234, &verified.address));
    verified.address.ifindex = if_nametoindex("lo");
    return verified;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct server_keys keys;
    assert_non_null(fixture);
    state_server_keys(1, &keys);
    for (size_t i = 0; i < sizeof keys.id.fingerprint.bytes; i++)
        keys.id.fingerprint.bytes[i] = (uint8_t)(0xf8 + i);
    fixture->pin = (struct pin){.practice = {"Praxis Dr. Müller"}, .server = keys.id};
    fixture->verified = verified_at("10.77.0.10", SOURCE_MULTICAST);
    fixture->last = (struct remembered){.address_text = "10.77.0.10",
                                        .interface = "eth0",
                                        .port = 1234,
                                        .host = {"praxis-server"},
                                        .serial = 4711,
                                        .verified_s = 1700000000};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->stream)
        assert_int_equal(fclose(fixture->stream), 0);
    free(fixture->text);
    free(fixture);
    return 0;
}

static void renew(struct fixture *fixture)
{
    if (fixture->stream)
        assert_int_equal(fclose(fixture->stream), 0);
    free(fixture->text);
    fixture->stream = open_memstream(&fixture->text, &fixture->size);
    assert_non_null(fixture->stream);
}

/* What one call wrote; ends with the next. */
static const char *fresh(struct fixture *fixture, const struct output_style *style)
{
    renew(fixture);
    assert_true(output_verified(fixture->stream, style, &fixture->pin, &fixture->verified));
    return fixture->text;
}

static const char *stale(struct fixture *fixture, const struct output_style *style, uint64_t age_s)
{
    renew(fixture);
    assert_true(output_stale(fixture->stream, style, &fixture->pin, &fixture->last, age_s));
    return fixture->text;
}

static void text_is_the_bare_address(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(fresh(fixture, &text_style), "10.77.0.10\n");
    fixture->verified = verified_at("fd77::10", SOURCE_CACHE);
    assert_string_equal(fresh(fixture, &text_style), "fd77::10\n");
    fixture->verified = verified_at("fe80::10%lo", SOURCE_CACHE);
    assert_string_equal(fresh(fixture, &text_style), "fe80::10%lo\n");
    assert_string_equal(stale(fixture, &text_style, 60), "10.77.0.10\n");
}

static void each_letter_of_a_format_stands_for_its_value(void **state)
{
    static const struct {
        const char *format;
        const char *line;
    } cases[] = {
        {"%a", "10.77.0.10\n"},
        {"%p", "1234\n"},
        {"%n", "Praxis Dr. Müller\n"},
        {"%h", "praxis-server\n"},
        {"%%", "%\n"},
        {"", "\n"},
        {"plain ü", "plain ü\n"},
        {"%a:%p", "10.77.0.10:1234\n"},
        {"<%h>%a%a", "<praxis-server>10.77.0.1010.77.0.10\n"},
        {"%%a", "%a\n"},
        {"%%%a%%", "%10.77.0.10%\n"},
        {"\\n", "\\n\n"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct output_style style = {.kind = OUTPUT_FORMAT, .format = cases[i].format};
        char bad = '-';
        assert_true(output_format_fits(cases[i].format, &bad));
        assert_int_equal(bad, '-');
        assert_string_equal(fresh(fixture, &style), cases[i].line);
        assert_string_equal(stale(fixture, &style, 60), cases[i].line);
    }
}

static void the_largest_port_and_an_empty_host_fit_a_format(void **state)
{
    struct fixture *fixture = *state;
    const struct output_style style = {.kind = OUTPUT_FORMAT, .format = "[%h]%p"};
    fixture->verified.answer.port = UINT16_MAX;
    fixture->verified.answer.host.text[0] = '\0';
    assert_string_equal(fresh(fixture, &style), "[]65535\n");
}

static void a_format_with_another_letter_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *format;
        char bad;
    } cases[] = {{"%", '\0'},    {"%a%", '\0'}, {"%%%", '\0'}, {"%x", 'x'},     {"%A", 'A'},
                 {"%a %s", 's'}, {"% a", ' '},  {"%1a", '1'},  {"%a%d%x", 'd'}, {"%\n", '\n'}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bad = '-';
        assert_false(output_format_fits(cases[i].format, &bad));
        assert_int_equal(bad, cases[i].bad);
    }
}

static void json_is_one_object_a_line_with_the_keys_of_the_contract(void **state)
{
    assert_string_equal(fresh(*state, &json_style),
                        "{\"practice\":\"Praxis Dr. Müller\",\"address\":\"10.77.0.10\",\"port\":1234,"
                        "\"host\":\"praxis-server\",\"family\":\"ipv4\",\"interface\":\"lo\",\"source\":\"multicast\","
                        "\"verified\":true,\"key\":\"f8f9-fafb-fcfd-feff-0001-0203-0405-0607-0809-0a0b\","
                        "\"healthy\":true,\"serial\":4711,\"age_s\":0,\"rtt_us\":842}\n");
}

static void stale_json_is_marked_and_has_its_age(void **state)
{
    assert_string_equal(stale(*state, &json_style, 3600),
                        "{\"practice\":\"Praxis Dr. Müller\",\"address\":\"10.77.0.10\",\"port\":1234,"
                        "\"host\":\"praxis-server\",\"family\":\"ipv4\",\"interface\":\"eth0\",\"source\":\"cache\","
                        "\"verified\":false,\"key\":\"f8f9-fafb-fcfd-feff-0001-0203-0405-0607-0809-0a0b\","
                        "\"healthy\":false,\"serial\":4711,\"age_s\":3600,\"rtt_us\":0}\n");
}

static json_t *parsed(const char *line)
{
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_object(object));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    return object;
}

static void assert_text(const char *line, const char *key, const char *expected)
{
    json_t *object = parsed(line);
    assert_string_equal(json_string_value(json_object_get(object, key)), expected);
    json_decref(object);
}

static void json_names_family_and_source(void **state)
{
    static const struct {
        enum source source;
        const char *name;
    } sources[] = {{SOURCE_CACHE, "cache"},
                   {SOURCE_MULTICAST, "multicast"},
                   {SOURCE_BROADCAST, "broadcast"},
                   {SOURCE_DNSSD, "dnssd"},
                   {SOURCE_DNS, "dns"},
                   {SOURCE_SWEEP, "sweep"},
                   {SOURCE_CONFIGURED, "configured"}};
    static_assert(sizeof sources / sizeof *sources == SOURCE_COUNT, "each source has its name");
    struct fixture *fixture = *state;
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        fixture->verified = verified_at("fd77::10", sources[i].source);
        assert_text(fresh(fixture, &json_style), "source", sources[i].name);
        assert_text(fresh(fixture, &json_style), "family", "ipv6");
    }
    (void)snprintf(fixture->last.address_text, sizeof fixture->last.address_text, "fe80::10%%gone0");
    assert_text(stale(fixture, &json_style, 1), "family", "ipv6");
    assert_text(stale(fixture, &json_style, 1), "address", "fe80::10%gone0");
}

static void json_has_its_keys_where_there_is_nothing_to_tell(void **state)
{
    struct fixture *fixture = *state;
    fixture->verified.address.ifindex = 0;
    fixture->verified.answer.host.text[0] = '\0';
    assert_text(fresh(fixture, &json_style), "interface", "");
    assert_text(fresh(fixture, &json_style), "host", "");
}

static void json_escapes_what_names_may_hold(void **state)
{
    struct fixture *fixture = *state;
    fixture->pin.practice = state_name("Praxis \"Süd\" \\ {1}");
    fixture->verified.answer.host = state_name("a\"b");
    assert_text(fresh(fixture, &json_style), "practice", "Praxis \"Süd\" \\ {1}");
    assert_text(fresh(fixture, &json_style), "host", "a\"b");
}

static void the_service_is_healthy_only_when_the_server_says_so(void **state)
{
    static const uint8_t others[] = {ANSWER_DOWN, ANSWER_REFUSED, ANSWER_LEAVING, 4, 255};
    struct fixture *fixture = *state;
    assert_true(output_is_healthy(&fixture->verified));
    for (size_t i = 0; i < sizeof others; i++) {
        fixture->verified.answer.status = others[i];
        assert_false(output_is_healthy(&fixture->verified));
        assert_non_null(strstr(fresh(fixture, &json_style), "\"verified\":true"));
        assert_non_null(strstr(fixture->text, "\"healthy\":false"));
    }
}

/* On the wire a serial has 64 bits, and a program that reads it must not meet a sign. */
static void the_largest_serial_is_not_negative(void **state)
{
    struct fixture *fixture = *state;
    fixture->verified.answer.serial = UINT64_MAX;
    fixture->last.serial = UINT64_MAX;
    assert_null(strstr(fresh(fixture, &json_style), "\"serial\":-"));
    assert_null(strstr(stale(fixture, &json_style, 1), "\"serial\":-"));
    fixture->verified.answer.serial = INT64_MAX;
    assert_non_null(strstr(fresh(fixture, &json_style), "\"serial\":9223372036854775807,"));
}

/* Linux takes nearly any bytes as an interface's name: that must not become an empty line and a success. */
static void an_interface_whose_name_is_no_utf_8_leaves_no_empty_line(void **state)
{
    struct fixture *fixture = *state;
    (void)snprintf(fixture->last.interface, sizeof fixture->last.interface, "eth\xff");
    renew(fixture);
    if (output_stale(fixture->stream, &json_style, &fixture->pin, &fixture->last, 1))
        assert_text(fixture->text, "address", "10.77.0.10");
}

static void a_stream_that_refuses_is_told(void **state)
{
    const struct output_style format_style = {.kind = OUTPUT_FORMAT, .format = "%a"};
    const struct output_style *const styles[] = {&text_style, &json_style, &format_style};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 3; i++) {
        FILE *full = fopen("/dev/full", "w");
        assert_non_null(full);
        assert_false(output_verified(full, styles[i], &fixture->pin, &fixture->verified));
        assert_false(output_stale(full, styles[i], &fixture->pin, &fixture->last, 1));
        (void)fclose(full);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(text_is_the_bare_address),
        CASE(each_letter_of_a_format_stands_for_its_value),
        CASE(the_largest_port_and_an_empty_host_fit_a_format),
        CASE(a_format_with_another_letter_is_named),
        CASE(json_is_one_object_a_line_with_the_keys_of_the_contract),
        CASE(stale_json_is_marked_and_has_its_age),
        CASE(json_names_family_and_source),
        CASE(json_has_its_keys_where_there_is_nothing_to_tell),
        CASE(json_escapes_what_names_may_hold),
        CASE(the_service_is_healthy_only_when_the_server_says_so),
        CASE(the_largest_serial_is_not_negative),
        CASE(an_interface_whose_name_is_no_utf_8_leaves_no_empty_line),
        CASE(a_stream_that_refuses_is_told),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
