/* SPDX-License-Identifier: MIT
 *
 * Linked with -Wl,--wrap=gethostname, so that the host can have any name.
 */
#include "agent/settings.h"
#include "tests/unit/state_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MISTAKES_MAX = 8, MISTAKE_ROOM = 2048 };

static struct {
    const char *name; /* NULL: it cannot be told */
} host;

struct fixture {
    struct state_folder folder;
    struct conf_report report;
    struct settings settings;
    size_t mistake_count;
    char mistakes[MISTAKES_MAX][MISTAKE_ROOM];
};

int __wrap_gethostname(char *out, size_t room);

int __wrap_gethostname(char *out, size_t room)
{
    if (!host.name)
        return -1;
    (void)snprintf(out, room, "%s", host.name);
    return 0;
}

static void keep(void *context, const char *line)
{
    struct fixture *fixture = context;
    assert_true(fixture->mistake_count < MISTAKES_MAX && strlen(line) < MISTAKE_ROOM);
    memcpy(fixture->mistakes[fixture->mistake_count++], line, strlen(line) + 1);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    state_folder_make(&fixture->folder);
    fixture->report = (struct conf_report){.mistake = keep, .context = fixture};
    host.name = "praxis-server.office.example";
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    state_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

static enum conf_result read_text(struct fixture *fixture, const char *text)
{
    state_put_text(fixture->folder.file, text);
    fixture->mistake_count = 0;
    return settings_read(fixture->folder.file, &fixture->report, &fixture->settings);
}

static const struct settings *good(struct fixture *fixture, const char *text)
{
    enum conf_result result = read_text(fixture, text);
    if (fixture->mistake_count > 0)
        fail_msg("%s", fixture->mistakes[0]);
    assert_int_equal(result, CONF_OK);
    return &fixture->settings;
}

/* One mistake in these words, and nothing of the settings has changed. */
static void assert_wrong(struct fixture *fixture, const char *text, const char *words)
{
    struct settings before;
    memset(&before, 0xa5, sizeof before);
    fixture->settings = before;
    assert_int_equal(read_text(fixture, text), CONF_WRONG);
    assert_int_equal(fixture->mistake_count, 1);
    if (!strstr(fixture->mistakes[0], words))
        fail_msg("\"%s\" does not say \"%s\"", fixture->mistakes[0], words);
    assert_memory_equal(&fixture->settings, &before, sizeof before);
}

static void assert_defaults(const struct settings *settings)
{
    assert_string_equal(settings->practice.text, "praxis-server");
    assert_string_equal(settings->host.text, "praxis-server");
    assert_int_equal(settings->port, 1234);
    assert_int_equal(settings->query_port, 21234);
    assert_int_equal(settings->trust_ms, 300000);
    assert_true(settings->dns_sd);
    assert_int_equal(settings->links.count, 0);
}

static void no_file_is_needed(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(settings_read(fixture->folder.file, &fixture->report, &fixture->settings), CONF_ABSENT);
    assert_int_equal(fixture->mistake_count, 0);
    assert_defaults(&fixture->settings);
    assert_defaults(good(fixture, ""));
}

static void every_setting_is_read(void **state)
{
    const struct settings *settings = good(*state, "practice = Dr. Grey\n"
                                                   "port = 4321\n"
                                                   "query_port = 30000\n"
                                                   "trust = 90s\n"
                                                   "dns_sd = no\n"
                                                   "links = br0, wg*\n");
    assert_string_equal(settings->practice.text, "Dr. Grey");
    assert_string_equal(settings->host.text, "praxis-server");
    assert_int_equal(settings->port, 4321);
    assert_int_equal(settings->query_port, 30000);
    assert_int_equal(settings->trust_ms, 90000);
    assert_false(settings->dns_sd);
    assert_int_equal(settings->links.count, 2);
    assert_string_equal(settings->links.items[1], "wg*");
}

static void what_a_setting_cannot_be_is_told_with_what_it_wants(void **state)
{
    assert_wrong(*state, "practice =\n", "1 to 63 bytes, such as Dr. Grey");
    assert_wrong(*state, "practice = sixty-four-bytes-sixty-four-bytes-sixty-four-bytes-sixty-four-by\n",
                 "1 to 63 bytes, such as Dr. Grey");
    assert_wrong(*state, "port = 0\n", "a port from 1 to 65535, such as 1234");
    assert_wrong(*state, "port = 65536\n", "a port from 1 to 65535, such as 1234");
    assert_wrong(*state, "query_port = 0\n", "a port from 1 to 65535, such as 21234");
    assert_wrong(*state, "query_port = 65536\n", "a port from 1 to 65535, such as 21234");
    assert_wrong(*state, "trust = 0\n", "a duration such as 30s, 5m or 1h");
    assert_wrong(*state, "trust = soon\n", "a duration such as 30s, 5m or 1h");
    assert_wrong(*state, "dns_sd = maybe\n", "yes or no");
    assert_wrong(*state, "links = ,\n", "names of interfaces, such as br0 wg*");
    assert_wrong(*state, "host = other\n", "unknown key \"host\"");
    assert_wrong(*state, "prot = 1\n", "did you mean \"port\"?");
}

static void one_mistake_spoils_the_file_and_all_are_told(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(read_text(fixture, "port = 1\nport = 2\ntrust = x\npractice = Dr. Grey\n"), CONF_WRONG);
    assert_int_equal(fixture->mistake_count, 2);
    assert_string_equal(fixture->settings.practice.text, "");
}

static void a_file_that_cannot_be_read_is_wrong(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(settings_read(fixture->folder.path, &fixture->report, &fixture->settings), CONF_WRONG);
    assert_int_equal(fixture->mistake_count, 1);
}

static void the_host_is_the_first_label_of_its_name(void **state)
{
    static const struct {
        const char *name;
        const char *host;
    } cases[] = {
        {"praxis", "praxis"},
        {"praxis.office.example", "praxis"},
        {"praxis.", "praxis"},
        {"PRAXIS-1", "PRAXIS-1"},
        {"sixty-three-bytes-sixty-three-bytes-sixty-three-bytes-sixty-thr.example",
         "sixty-three-bytes-sixty-three-bytes-sixty-three-bytes-sixty-thr"},
        {"sixty-four-bytes-sixty-four-bytes-sixty-four-bytes-sixty-four-by", "server"},
        {"", "server"},
        {".office.example", "server"},
        {"a\x1b[2J", "server"},
        {"\xff", "server"},
        {NULL, "server"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        host.name = cases[i].name;
        const struct settings *settings = good(*state, "");
        assert_string_equal(settings->host.text, cases[i].host);
        assert_string_equal(settings->practice.text, cases[i].host);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(no_file_is_needed),
        CASE(every_setting_is_read),
        CASE(what_a_setting_cannot_be_is_told_with_what_it_wants),
        CASE(one_mistake_spoils_the_file_and_all_are_told),
        CASE(a_file_that_cannot_be_read_is_wrong),
        CASE(the_host_is_the_first_label_of_its_name),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
