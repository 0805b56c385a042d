/* SPDX-License-Identifier: MIT */
#include "common/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MISTAKES_MAX = 80, MISTAKE_ROOM = 2048 };

struct values {
    struct name practice;
    char url[CONF_TEXT_MAX];
    uint16_t port;
    uint64_t trust_ms;
    bool outside;
    struct conf_list interfaces;
};

struct mistakes {
    size_t count;
    char lines[MISTAKES_MAX][MISTAKE_ROOM];
};

/* What one file gave. */
struct outcome {
    enum conf_result result;
    struct values values;
    struct mistakes mistakes;
};

struct fixture {
    char path[32];
    struct outcome outcome;
};

static void keep_mistake(void *context, const char *line)
{
    struct mistakes *mistakes = context;
    assert_true(mistakes->count < MISTAKES_MAX);
    assert_true(strlen(line) < MISTAKE_ROOM);
    memcpy(mistakes->lines[mistakes->count++], line, strlen(line) + 1);
}

static const struct values defaults = {
    .practice = {"default"},
    .url = "default",
    .port = 1234,
    .trust_ms = 60000,
    .interfaces = {.count = 1, .items = {"default"}},
};

static void read_path(struct fixture *fixture, const char *path)
{
    struct outcome *outcome = &fixture->outcome;
    struct values *values = &outcome->values;
    const struct conf_setting settings[] = {
        {"practice", CONF_NAME, &values->practice, "a name, such as Praxis Dr. Meier"},
        {"ddns-url", CONF_TEXT, values->url, "a web address"},
        {"port", CONF_PORT, &values->port, "a port from 1 to 65535, such as 1234"},
        {"trust", CONF_DURATION, &values->trust_ms, "a time, such as 15m"},
        {"outside", CONF_BOOL, &values->outside, "yes or no"},
        {"interfaces", CONF_LIST, &values->interfaces, "names of interfaces, such as eth0"},
    };
    const struct conf_report report = {keep_mistake, &outcome->mistakes};
    memset(outcome, 0, sizeof *outcome);
    *values = defaults;
    outcome->result = conf_read(path, settings, sizeof settings / sizeof *settings, &report);
}

static void read_bytes(struct fixture *fixture, const char *bytes, size_t size)
{
    FILE *stream = fopen(fixture->path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
    read_path(fixture, fixture->path);
}

static const struct values *assert_good(struct fixture *fixture, const char *text)
{
    read_bytes(fixture, text, strlen(text));
    if (fixture->outcome.mistakes.count > 0)
        fail_msg("%s", fixture->outcome.mistakes.lines[0]);
    assert_int_equal(fixture->outcome.result, CONF_OK);
    return &fixture->outcome.values;
}

/* The mistake of this number begins with the file's path and goes on like that. */
static void assert_mistake(const struct fixture *fixture, size_t number, const char *expected)
{
    assert_true(number < fixture->outcome.mistakes.count);
    const char *line = fixture->outcome.mistakes.lines[number];
    size_t path = strlen(fixture->path);
    assert_int_equal(fixture->outcome.result, CONF_WRONG);
    assert_true(strncmp(line, fixture->path, path) == 0);
    assert_string_equal(line + path, expected);
}

static void assert_wrong(struct fixture *fixture, const char *text, const char *expected)
{
    read_bytes(fixture, text, strlen(text));
    assert_mistake(fixture, 0, expected);
    assert_int_equal(fixture->outcome.mistakes.count, 1);
    assert_memory_equal(&fixture->outcome.values, &defaults, sizeof defaults);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    (void)snprintf(fixture->path, sizeof fixture->path, "/tmp/test_conf.XXXXXX");
    int fd = mkstemp(fixture->path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    (void)remove(fixture->path);
    free(fixture);
    return 0;
}

static void every_kind_is_read(void **state)
{
    const struct values *values = assert_good(*state, "practice = Praxis Dr. Müller\n"
                                                      "ddns-url = https://dyn.example/u?a=b&c=d#e;f\n"
                                                      "port = 4321\n"
                                                      "trust = 2h\n"
                                                      "outside = yes\n"
                                                      "interfaces = eth0, eth1 eth2\n");
    assert_string_equal(values->practice.text, "Praxis Dr. Müller");
    assert_string_equal(values->url, "https://dyn.example/u?a=b&c=d#e;f");
    assert_int_equal(values->port, 4321);
    assert_int_equal(values->trust_ms, 7200000);
    assert_true(values->outside);
    assert_int_equal(values->interfaces.count, 3);
    assert_string_equal(values->interfaces.items[0], "eth0");
    assert_string_equal(values->interfaces.items[1], "eth1");
    assert_string_equal(values->interfaces.items[2], "eth2");
}

static void an_absent_file_leaves_the_defaults(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(remove(fixture->path), 0);
    read_path(fixture, fixture->path);
    assert_int_equal(fixture->outcome.result, CONF_ABSENT);
    assert_int_equal(fixture->outcome.mistakes.count, 0);
    assert_memory_equal(&fixture->outcome.values, &defaults, sizeof defaults);
}

static void an_empty_file_or_one_of_comments_leaves_the_defaults(void **state)
{
    static const char *const texts[] = {"", "\n", "\r\n", "\n\n \t \n", "# port = 1\n;port = 2\n  # indented\n", "#"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct values *values = assert_good(*state, texts[i]);
        assert_memory_equal(values, &defaults, sizeof defaults);
    }
}

static void a_comment_may_follow_a_blank_but_not_stand_in_a_word(void **state)
{
    assert_int_equal(assert_good(*state, "port = 80 # the usual one\n")->port, 80);
    assert_int_equal(assert_good(*state, "port = 80\t; the usual one\n")->port, 80);
    assert_string_equal(assert_good(*state, "practice = A#1;B # C\n")->practice.text, "A#1;B");
    assert_wrong(*state, "port = # nothing\n", ":1: port has no value; it wants a port from 1 to 65535, such as 1234");
}

static void blanks_around_keys_and_values_do_not_count(void **state)
{
    assert_int_equal(assert_good(*state, "port=80")->port, 80);
    assert_int_equal(assert_good(*state, "\t port \t=\t 80 \t\n")->port, 80);
    assert_string_equal(assert_good(*state, "practice = two  words \n")->practice.text, "two  words");
}

static void an_indented_line_is_a_setting_of_its_own(void **state)
{
    const struct values *values = assert_good(*state, "practice = Praxis\n  port = 80\n\ttrust = 3s\n");
    assert_string_equal(values->practice.text, "Praxis");
    assert_int_equal(values->port, 80);
    assert_int_equal(values->trust_ms, 3000);
    (void)assert_good(*state, "practice = Praxis\n  # a comment\n");
    read_bytes(*state, "practice = Praxis\n more\n", 24);
    assert_mistake(*state, 0, ":2: \"more\" is no setting; write it as \"key = value\"");
    assert_string_equal(values->practice.text, "Praxis");
}

static void a_value_may_hold_equals_signs_colons_and_brackets(void **state)
{
    assert_string_equal(assert_good(*state, "ddns-url = [a]=b:c=[d]\n")->url, "[a]=b:c=[d]");
}

static void windows_line_ends_and_the_byte_order_mark_are_accepted(void **state)
{
    const struct values *values = assert_good(*state, "\xef\xbb\xbfport = 80\r\npractice = Praxis\r\n");
    assert_int_equal(values->port, 80);
    assert_string_equal(values->practice.text, "Praxis");
    (void)assert_good(*state, "\xef\xbb\xbf# comment\r\n\r\n");
    (void)assert_good(*state, "\xef\xbb\xbf");
    assert_wrong(*state, "\n\xef\xbb\xbfport = 80",
                 ":2: unknown key \"\xef\xbb\xbfport\"; the known ones are practice, ddns-url, port, trust, outside, "
                 "interfaces");
}

static void an_unknown_key_names_the_nearest_known_one(void **state)
{
    assert_wrong(*state, "prot = 1\n", ":1: unknown key \"prot\"; did you mean \"port\"?");
    assert_wrong(*state, "PRACTICE = x\n", ":1: unknown key \"PRACTICE\"; did you mean \"practice\"?");
    assert_wrong(*state, "ddns_url = x\n", ":1: unknown key \"ddns_url\"; did you mean \"ddns-url\"?");
    assert_wrong(*state, "interface = x\n", ":1: unknown key \"interface\"; did you mean \"interfaces\"?");
    assert_wrong(*state, "interfacexx = x\n", ":1: unknown key \"interfacexx\"; did you mean \"interfaces\"?");
    assert_wrong(*state, "sport = x\n", ":1: unknown key \"sport\"; did you mean \"port\"?");
}

static void a_key_like_no_other_gets_the_list(void **state)
{
    assert_wrong(*state, "interfacexxx = x\n",
                 ":1: unknown key \"interfacexxx\"; the known ones are practice, ddns-url, port, trust, outside, "
                 "interfaces");
    assert_wrong(*state, "a = x\n",
                 ":1: unknown key \"a\"; the known ones are practice, ddns-url, port, trust, outside, interfaces");
}

static void a_long_list_of_keys_is_cut(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 64, KEY_SIZE = 48 };
    static char keys[COUNT][KEY_SIZE + 1];
    struct conf_setting settings[COUNT];
    const struct conf_report report = {keep_mistake, &fixture->outcome.mistakes};
    bool value = false;
    for (size_t i = 0; i < COUNT; i++) {
        memset(keys[i], 'k', KEY_SIZE);
        settings[i] = (struct conf_setting){keys[i], CONF_BOOL, &value, "yes or no"};
    }
    read_bytes(fixture, "other = 1\n", 10);
    fixture->outcome.mistakes.count = 0;
    assert_int_equal(conf_read(fixture->path, settings, COUNT, &report), CONF_WRONG);
    const char *line = fixture->outcome.mistakes.lines[0];
    assert_string_equal(line + strlen(line) - 8, "kkk, ...");
}

static void lines_that_are_no_setting_are_mistakes(void **state)
{
    assert_wrong(*state, "port 80\n", ":1: \"port 80\" is no setting; write it as \"key = value\"");
    assert_wrong(*state, "port: 80\n", ":1: \"port: 80\" is no setting; write it as \"key = value\"");
    assert_wrong(*state, "see http://x/?a=b\n", ":1: \"see http://x/?a=b\" is no setting; write it as \"key = value\"");
    assert_wrong(*state, " more\n", ":1: \"more\" is no setting; write it as \"key = value\"");
    assert_wrong(*state, " = 80\n", ":1: \"= 80\" is no setting; write it as \"key = value\"");
    assert_wrong(*state, "=\n", ":1: \"=\" is no setting; write it as \"key = value\"");
    assert_wrong(*state, "por # t = 80\n", ":1: \"por \" is no setting; write it as \"key = value\"");
}

static void section_headers_are_mistakes(void **state)
{
    assert_wrong(*state, "[agent]\n", ":1: \"[agent]\" is a section header; remove it, there are no sections here");
    assert_wrong(*state, "\n  [agent\n", ":2: \"[agent\" is a section header; remove it, there are no sections here");
    assert_wrong(*state, "[port = 80]\n",
                 ":1: \"[port = 80]\" is a section header; remove it, there are no sections here");
    read_bytes(*state, "[agent]\nport = 80\n", 18);
    assert_int_equal(((struct fixture *)*state)->outcome.values.port, 80);
}

static void every_mistake_is_reported_with_its_line(void **state)
{
    const char *text = "# comment\n"
                       "port = 70000\n"
                       "\n"
                       "prot = 1\n"
                       "nonsense\n"
                       "[section]\n"
                       "trust = never\n"
                       "practice = Praxis\n"
                       "outside =";
    read_bytes(*state, text, strlen(text));
    const struct fixture *fixture = *state;
    assert_int_equal(fixture->outcome.mistakes.count, 6);
    assert_mistake(fixture, 0, ":2: port is \"70000\"; it wants a port from 1 to 65535, such as 1234");
    assert_mistake(fixture, 1, ":4: unknown key \"prot\"; did you mean \"port\"?");
    assert_mistake(fixture, 2, ":5: \"nonsense\" is no setting; write it as \"key = value\"");
    assert_mistake(fixture, 3, ":6: \"[section]\" is a section header; remove it, there are no sections here");
    assert_mistake(fixture, 4, ":7: trust is \"never\"; it wants a time, such as 15m");
    assert_mistake(fixture, 5, ":9: outside has no value; it wants yes or no");
    assert_string_equal(fixture->outcome.values.practice.text, "Praxis");
    assert_int_equal(fixture->outcome.values.port, 1234);
}

static void a_key_given_twice_names_the_first_line_and_keeps_its_value(void **state)
{
    const char *text = "port = 80\n\nport = 81\nport = 80\ntrust = x\ntrust = 3s\n";
    read_bytes(*state, text, strlen(text));
    const struct fixture *fixture = *state;
    assert_int_equal(fixture->outcome.mistakes.count, 4);
    assert_mistake(fixture, 0, ":3: port is given twice, first in line 1; remove one of the two");
    assert_mistake(fixture, 1, ":4: port is given twice, first in line 1; remove one of the two");
    assert_mistake(fixture, 3, ":6: trust is given twice, first in line 5; remove one of the two");
    assert_int_equal(fixture->outcome.values.port, 80);
    assert_int_equal(fixture->outcome.values.trust_ms, defaults.trust_ms);
}

static void ports_are_1_to_65535(void **state)
{
    static const char *const wrong[] = {"0",    "65536", "-1",  "+1",         "80x",
                                        "0x50", "8 0",   "1.5", "4294967297", "18446744073709551617"};
    assert_int_equal(assert_good(*state, "port = 1\n")->port, 1);
    assert_int_equal(assert_good(*state, "port = 65535\n")->port, 65535);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[64];
        char expected[128];
        (void)snprintf(text, sizeof text, "port = %s\n", wrong[i]);
        (void)snprintf(expected, sizeof expected, ":1: port is \"%s\"; it wants a port from 1 to 65535, such as 1234",
                       wrong[i]);
        assert_wrong(*state, text, expected);
    }
}

static void truth_has_three_pairs_of_words(void **state)
{
    static const char *const words[][2] = {{"no", "yes"}, {"false", "true"}, {"off", "on"}, {"No", "YES"}};
    char text[32];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        (void)snprintf(text, sizeof text, "outside = %s\n", words[i][1]);
        assert_true(assert_good(*state, text)->outside);
        (void)snprintf(text, sizeof text, "outside = %s\n", words[i][0]);
        assert_false(assert_good(*state, text)->outside);
    }
    assert_wrong(*state, "outside = 1\n", ":1: outside is \"1\"; it wants yes or no");
    assert_wrong(*state, "outside = ye\n", ":1: outside is \"ye\"; it wants yes or no");
}

/* "KEY = " and a letter many times, then the end of the line. */
static size_t long_value(char *out, const char *key, size_t count)
{
    size_t prefix = (size_t)sprintf(out, "%s = ", key);
    memset(out + prefix, 'a', count);
    out[prefix + count] = '\n';
    out[prefix + count + 1] = '\0';
    return prefix + count;
}

static void names_and_texts_have_their_longest_value(void **state)
{
    char text[512];
    struct fixture *fixture = *state;
    const char *shown = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...";
    char expected[256];
    (void)long_value(text, "practice", PROTO_NAME_MAX);
    assert_int_equal(strlen(assert_good(fixture, text)->practice.text), PROTO_NAME_MAX);
    (void)long_value(text, "practice", PROTO_NAME_MAX + 1);
    (void)snprintf(expected, sizeof expected,
                   ":1: practice is \"%s\"; it wants a name, such as Praxis Dr. Meier (at most 63 bytes of UTF-8)",
                   shown);
    assert_wrong(fixture, text, expected);
    (void)long_value(text, "ddns-url", CONF_TEXT_MAX - 1);
    assert_int_equal(strlen(assert_good(fixture, text)->url), CONF_TEXT_MAX - 1);
    (void)long_value(text, "ddns-url", CONF_TEXT_MAX);
    (void)snprintf(expected, sizeof expected, ":1: ddns-url is \"%s\"; it wants a web address (at most 255 bytes)",
                   shown);
    assert_wrong(fixture, text, expected);
}

static void lists_take_blanks_and_commas_and_16_words(void **state)
{
    const struct values *values = assert_good(*state, "interfaces = ,a,,b ,\t c,\n");
    assert_int_equal(values->interfaces.count, 3);
    assert_string_equal(values->interfaces.items[2], "c");
    values = assert_good(*state, "interfaces = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    assert_int_equal(values->interfaces.count, CONF_LIST_MAX);
    assert_string_equal(values->interfaces.items[15], "16");
    assert_wrong(*state, "interfaces = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n",
                 ":1: interfaces is \"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\"; it wants names of interfaces, such "
                 "as eth0 (at most 16 words of 255 bytes)");
    assert_wrong(*state, "interfaces = , ,\n",
                 ":1: interfaces is \", ,\"; it wants names of interfaces, such as eth0 (at most 16 words of 255 "
                 "bytes)");
}

static void words_of_a_list_have_their_longest_value(void **state)
{
    char text[512];
    struct fixture *fixture = *state;
    (void)long_value(text, "interfaces", CONF_TEXT_MAX - 1);
    assert_int_equal(strlen(assert_good(fixture, text)->interfaces.items[0]), CONF_TEXT_MAX - 1);
    read_bytes(fixture, text, long_value(text, "interfaces", CONF_TEXT_MAX));
    assert_int_equal(fixture->outcome.result, CONF_WRONG);
}

static void lines_have_1000_bytes_at_most(void **state)
{
    char text[2100];
    struct fixture *fixture = *state;
    size_t size = long_value(text, "port = 80 #", 1000 - strlen("port = 80 # = "));
    assert_int_equal(size, 1000);
    assert_int_equal(assert_good(fixture, text)->port, 80);
    memcpy(text + size, "\r\n", 3);
    assert_int_equal(assert_good(fixture, text)->port, 80);
    memcpy(text + size, "a\n", 3);
    assert_wrong(fixture, text, ":1: the line has more than 1000 bytes; make it shorter");
    size = long_value(text, "port = 80 #", 2000);
    memcpy(text + size, "\nport = 81\n", 12);
    read_bytes(fixture, text, size + 11);
    assert_int_equal(fixture->outcome.mistakes.count, 1);
    assert_int_equal(fixture->outcome.values.port, 81);
}

static void shown_text_of_the_file_is_escaped(void **state)
{
    assert_wrong(*state, "port = \x1b[2J\x07\x7f\xff\xc2\x9b\n",
                 ":1: port is \"\\x1b[2J\\x07\\x7f\\xff\\xc2\\x9b\"; it wants a port from 1 to 65535, such as 1234");
    assert_wrong(*state, "po\rrt = x\n", ":1: unknown key \"po\\x0drt\"; did you mean \"port\"?");
    assert_wrong(*state, "p\x1b[2J\n", ":1: \"p\\x1b[2J\" is no setting; write it as \"key = value\"");
    assert_wrong(*state, "port = zwölf\n", ":1: port is \"zwölf\"; it wants a port from 1 to 65535, such as 1234");
    assert_wrong(*state, "ddns-url = a\x1b\n",
                 ":1: ddns-url is \"a\\x1b\"; it wants a web address (at most 255 bytes)");
    assert_wrong(*state, "ddns-url = a\f;b\n",
                 ":1: ddns-url is \"a\\x0c;b\"; it wants a web address (at most 255 bytes)");
    assert_wrong(*state, "ddns-url = M\xfcller\n",
                 ":1: ddns-url is \"M\\xfcller\"; it wants a web address (at most 255 bytes)");
}

static void the_longest_shown_text_fits_a_mistake(void **state)
{
    char text[1001];
    struct fixture *fixture = *state;
    memset(text, '\x01', 1000);
    text[1000] = '\n';
    read_bytes(fixture, text, sizeof text);
    assert_int_equal(fixture->outcome.mistakes.count, 1);
    const char *line = fixture->outcome.mistakes.lines[0];
    assert_non_null(strstr(line, "\\x01...\" is no setting"));
    memset(text, 'p', 59);
    (void)snprintf(text + 59, sizeof text - 59, "\xf0\x9f\xa6\xb7");
    read_bytes(fixture, text, 63);
    assert_non_null(strstr(line, "pp\xf0\x9f\xa6\xb7\" is no setting"));
}

static void a_nul_byte_is_a_mistake(void **state)
{
    static const char text[] = "port\0 = 80\nport = 81\n";
    static const char wide[] = "\xff\xfep\0o\0r\0t\0\n";
    struct fixture *fixture = *state;
    read_bytes(fixture, text, sizeof text - 1);
    assert_int_equal(fixture->outcome.mistakes.count, 1);
    assert_mistake(fixture, 0, ":1: the line has a NUL byte; save the file as plain text in UTF-8");
    assert_int_equal(fixture->outcome.values.port, 81);
    read_bytes(fixture, wide, sizeof wide - 1);
    assert_mistake(fixture, 0, ":1: the line has a NUL byte; save the file as plain text in UTF-8");
}

static void a_file_that_cannot_be_read_is_a_mistake_without_a_line(void **state)
{
    struct fixture *fixture = *state;
    char deeper[64];
    (void)snprintf(deeper, sizeof deeper, "%s/conf", fixture->path);
    read_path(fixture, deeper);
    assert_mistake(fixture, 0,
                   "/conf: cannot be opened (Not a directory); it must be a text file that this user may read");
    assert_int_equal(remove(fixture->path), 0);
    assert_int_equal(mkdir(fixture->path, 0700), 0);
    read_path(fixture, fixture->path);
    assert_int_equal(fixture->outcome.mistakes.count, 1);
    assert_mistake(fixture, 0, ": cannot be read (Is a directory); it must be a text file that this user may read");
}

static void a_device_without_content_is_an_empty_file(void **state)
{
    struct fixture *fixture = *state;
    read_path(fixture, "/dev/null");
    assert_int_equal(fixture->outcome.result, CONF_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_kind_is_read),
        CASE(an_absent_file_leaves_the_defaults),
        CASE(an_empty_file_or_one_of_comments_leaves_the_defaults),
        CASE(a_comment_may_follow_a_blank_but_not_stand_in_a_word),
        CASE(blanks_around_keys_and_values_do_not_count),
        CASE(an_indented_line_is_a_setting_of_its_own),
        CASE(a_value_may_hold_equals_signs_colons_and_brackets),
        CASE(windows_line_ends_and_the_byte_order_mark_are_accepted),
        CASE(an_unknown_key_names_the_nearest_known_one),
        CASE(a_key_like_no_other_gets_the_list),
        CASE(a_long_list_of_keys_is_cut),
        CASE(lines_that_are_no_setting_are_mistakes),
        CASE(section_headers_are_mistakes),
        CASE(every_mistake_is_reported_with_its_line),
        CASE(a_key_given_twice_names_the_first_line_and_keeps_its_value),
        CASE(ports_are_1_to_65535),
        CASE(truth_has_three_pairs_of_words),
        CASE(names_and_texts_have_their_longest_value),
        CASE(lists_take_blanks_and_commas_and_16_words),
        CASE(words_of_a_list_have_their_longest_value),
        CASE(lines_have_1000_bytes_at_most),
        CASE(shown_text_of_the_file_is_escaped),
        CASE(the_longest_shown_text_fits_a_mistake),
        CASE(a_nul_byte_is_a_mistake),
        CASE(a_file_that_cannot_be_read_is_a_mistake_without_a_line),
        CASE(a_device_without_content_is_an_empty_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
