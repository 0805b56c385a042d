/* SPDX-License-Identifier: MIT
 *
 * Linked with -Wl,--wrap=geteuid, so that the user can be anybody.
 */
#include "locator/settings.h"
#include "tests/unit/state_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MISTAKE_ROOM = 2048, ROOT = 0, ANNA = 1000 };

static struct {
    uid_t id;
} user;

struct fixture {
    struct state_folder folder;
    struct conf_report report;
    struct settings settings;
    size_t mistake_count;
    char mistake[MISTAKE_ROOM]; /* the last */
};

uid_t __wrap_geteuid(void);

uid_t __wrap_geteuid(void)
{
    return user.id;
}

static void keep(void *context, const char *line)
{
    struct fixture *fixture = context;
    fixture->mistake_count++;
    (void)snprintf(fixture->mistake, sizeof fixture->mistake, "%s", line);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    state_folder_make(&fixture->folder);
    fixture->report = (struct conf_report){.mistake = keep, .context = fixture};
    user.id = ANNA;
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
    assert_int_equal(unsetenv("HOME"), 0);
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

static void assert_wrong(struct fixture *fixture, const char *text, const char *words)
{
    struct settings before;
    memset(&before, 0xa5, sizeof before);
    fixture->settings = before;
    assert_int_equal(read_text(fixture, text), CONF_WRONG);
    assert_int_equal(fixture->mistake_count, 1);
    if (!strstr(fixture->mistake, words))
        fail_msg("\"%s\" does not say \"%s\"", fixture->mistake, words);
    assert_memory_equal(&fixture->settings, &before, sizeof before);
}

static void no_file_is_needed(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(settings_read(fixture->folder.file, &fixture->report, &fixture->settings), CONF_ABSENT);
    assert_string_equal(fixture->settings.practice.text, "");
    assert_int_equal(fixture->settings.timeout_ms, 3000);
    assert_int_equal(fixture->settings.server_count, 0);
    assert_int_equal(read_text(fixture, "# nothing\n"), CONF_OK);
    assert_int_equal(fixture->settings.timeout_ms, 3000);
    assert_int_equal(fixture->mistake_count, 0);
}

static void every_setting_is_read(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(read_text(fixture, "practice = Praxis Dr. Müller\ntimeout = 500ms\n"), CONF_OK);
    assert_string_equal(fixture->settings.practice.text, "Praxis Dr. Müller");
    assert_int_equal(fixture->settings.timeout_ms, 500);
}

static void servers_are_names_and_addresses(void **state)
{
    struct fixture *fixture = *state;
    const struct server_text *servers = fixture->settings.servers;
    assert_int_equal(read_text(fixture, "servers = server.example.org, 192.168.1.20:21300 fd77::20\n"), CONF_OK);
    assert_int_equal(fixture->settings.server_count, 3);
    assert_false(servers[0].is_address);
    assert_string_equal(servers[0].host, "server.example.org");
    assert_int_equal(servers[0].port, 0);
    assert_true(servers[1].is_address);
    assert_int_equal(servers[1].address.family, ENDPOINT_IPV4);
    assert_int_equal(servers[1].port, 21300);
    assert_true(servers[2].is_address);
    assert_int_equal(servers[2].address.family, ENDPOINT_IPV6);
    assert_int_equal(read_text(fixture, "servers = a b c d e f g h i j k l m n o p\n"), CONF_OK);
    assert_int_equal(fixture->settings.server_count, CONF_LIST_MAX);
    assert_string_equal(servers[CONF_LIST_MAX - 1].host, "p");
}

static void what_is_no_server_is_told_with_what_it_wants(void **state)
{
    assert_wrong(*state, "servers = a b c d e f g h i j k l m n o p q\n", "such as server.example.org or 192.168.1.20");
    assert_wrong(*state, "servers = ,\n", "such as server.example.org or 192.168.1.20");
    assert_wrong(*state, "servers = good.example bad..example\n", "servers has \"bad..example\"; it wants");
    assert_wrong(*state, "servers = 192.168.1.20:0\n", "servers has \"192.168.1.20:0\"; it wants");
    assert_wrong(*state, "servers = 192.168.1.20:65536\n", "servers has \"192.168.1.20:65536\"; it wants");
}

static void what_a_setting_cannot_be_is_told_with_what_it_wants(void **state)
{
    assert_wrong(*state, "practice =\n", "as 'practice-locator status' shows it");
    assert_wrong(*state, "practice = a\x1b\n", "as 'practice-locator status' shows it");
    assert_wrong(*state, "timeout = 0\n", "a duration such as 500ms, 3s or 1m");
    assert_wrong(*state, "timeout = 3 s\n", "a duration such as 500ms, 3s or 1m");
    assert_wrong(*state, "timeout = -1\n", "a duration such as 500ms, 3s or 1m");
    assert_wrong(*state, "time = 3s\n", "unknown key \"time\"");
    assert_wrong(*state, "practice = a\npractice = b\n", "given twice");
}

static void assert_folder(const char *expected)
{
    char path[STATEFILE_PATH_MAX];
    assert_true(settings_state_folder(path));
    assert_string_equal(path, expected);
}

static void assert_no_folder(void)
{
    char path[STATEFILE_PATH_MAX] = "before";
    assert_false(settings_state_folder(path));
    assert_string_equal(path, "before");
}

static void set(const char *variable, const char *value)
{
    assert_int_equal(setenv(variable, value, 1), 0);
}

/* Whatever root's environment says: sudo leaves that of whoever called it. */
static void root_has_the_systems_folder(void **state)
{
    (void)state;
    user.id = ROOT;
    assert_folder("/var/lib/practice-locator");
    set("XDG_STATE_HOME", "/home/anna/state");
    set("HOME", "/home/anna");
    assert_folder("/var/lib/practice-locator");
}

static void a_user_has_one_under_the_state_home(void **state)
{
    (void)state;
    set("HOME", "/home/anna");
    set("XDG_STATE_HOME", "/home/anna/state");
    assert_folder("/home/anna/state/practice-locator");
    set("XDG_STATE_HOME", "/");
    assert_folder("//practice-locator");
    assert_int_equal(unsetenv("HOME"), 0);
    assert_folder("//practice-locator");
}

/* "All paths set in these environment variables must be absolute": the XDG base directory specification. */
static void a_state_home_that_is_not_absolute_is_ignored(void **state)
{
    (void)state;
    set("HOME", "/home/anna");
    assert_folder("/home/anna/.local/state/practice-locator");
    set("XDG_STATE_HOME", "");
    assert_folder("/home/anna/.local/state/practice-locator");
    set("XDG_STATE_HOME", "state");
    assert_folder("/home/anna/.local/state/practice-locator");
    set("XDG_STATE_HOME", "./state");
    assert_folder("/home/anna/.local/state/practice-locator");
}

static void a_user_without_home_has_none(void **state)
{
    (void)state;
    assert_no_folder();
    set("HOME", "");
    assert_no_folder();
    set("HOME", "anna");
    assert_no_folder();
}

/* A path of size bytes with its NUL, below which the folder is to be. */
static void set_long(const char *variable, size_t size)
{
    char path[STATEFILE_PATH_MAX + 1];
    assert_true(size <= sizeof path);
    memset(path, 'p', size);
    path[0] = '/';
    path[size - 1] = '\0';
    set(variable, path);
}

static void a_folder_whose_path_does_not_fit_is_none(void **state)
{
    (void)state;
    char path[STATEFILE_PATH_MAX];
    set_long("XDG_STATE_HOME", STATEFILE_PATH_MAX - strlen("/practice-locator"));
    assert_true(settings_state_folder(path));
    assert_int_equal(strlen(path), STATEFILE_PATH_MAX - 1);
    set_long("XDG_STATE_HOME", STATEFILE_PATH_MAX - strlen("/practice-locator") + 1);
    assert_no_folder();
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
    set_long("HOME", STATEFILE_PATH_MAX - strlen("/.local/state/practice-locator") + 1);
    assert_no_folder();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(no_file_is_needed),
        CASE(every_setting_is_read),
        CASE(what_a_setting_cannot_be_is_told_with_what_it_wants),
        CASE(servers_are_names_and_addresses),
        CASE(what_is_no_server_is_told_with_what_it_wants),
        CASE(root_has_the_systems_folder),
        CASE(a_user_has_one_under_the_state_home),
        CASE(a_state_home_that_is_not_absolute_is_ignored),
        CASE(a_user_without_home_has_none),
        CASE(a_folder_whose_path_does_not_fit_is_none),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
