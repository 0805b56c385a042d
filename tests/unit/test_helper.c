/* SPDX-License-Identifier: MIT
 *
 * Children are scripts of /bin/sh. They wait for a line on their standard input where the order matters, so nothing
 * here depends on how fast they are.
 */
#include "common/helper.h"
#include "common/platform/clock.h"
#include "tests/unit/state_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000, SHORT_MS = 300, HANG_S = 50, LINES_MAX = 16 };

struct fixture {
    struct state_folder folder;
    size_t descriptors;
};

/* What a child said until it ended. */
struct told {
    size_t count;
    char lines[LINES_MAX][HELPER_LINE_MAX];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    state_folder_make(&fixture->folder);
    fixture->descriptors = state_count("/proc/self/fd");
    (void)alarm(HANG_S); /* a wait without end ends the test instead of hanging it */
    *state = fixture;
    return 0;
}

/* What the test itself was started with is closed in its children; its own descriptors are each case's business. */
static int start(void **state)
{
    if (close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0)
        return -1;
    return state_start(state);
}

/* No case leaves a descriptor, a child or a zombie. */
static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    const size_t descriptors = fixture->descriptors;
    (void)alarm(0);
    state_folder_remove(&fixture->folder);
    free(fixture);
    assert_int_equal(state_count("/proc/self/fd"), descriptors);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return 0;
}

static struct helper *run(const char *script, const char *argument)
{
    const char *const argv[] = {"/bin/sh", "-c", script, "helper", argument, NULL};
    struct helper *helper = helper_start(argv);
    assert_non_null(helper);
    return helper;
}

static void await_readable(const struct helper *helper)
{
    struct pollfd descriptor = {.fd = helper_fd(helper), .events = POLLIN};
    assert_int_equal(poll(&descriptor, 1, PATIENCE_MS), 1);
}

static enum helper_result next(struct helper *helper, char out[HELPER_LINE_MAX], size_t *size)
{
    enum helper_result result;
    while ((result = helper_line(helper, out, size)) == HELPER_LATER)
        await_readable(helper);
    return result;
}

static void assert_line(struct helper *helper, const char *expected)
{
    char line[HELPER_LINE_MAX];
    size_t size;
    assert_int_equal(next(helper, line, &size), HELPER_LINE);
    assert_string_equal(line, expected);
    assert_int_equal(size, strlen(expected));
}

static void assert_ended(struct helper *helper)
{
    char line[HELPER_LINE_MAX];
    size_t size;
    assert_int_equal(next(helper, line, &size), HELPER_ENDED);
    assert_int_equal(next(helper, line, &size), HELPER_ENDED);
}

static void listen_to_the_end(struct helper *helper, struct told *out)
{
    char line[HELPER_LINE_MAX];
    size_t size;
    out->count = 0;
    while (next(helper, line, &size) == HELPER_LINE) {
        assert_true(out->count < LINES_MAX);
        memcpy(out->lines[out->count++], line, size + 1);
    }
}

/* Lets the child's next "read" go on. */
static void nudge(const struct helper *helper)
{
    assert_int_equal(write(helper_fd(helper), "\n", 1), 1);
}

static pid_t line_as_pid(struct helper *helper)
{
    char line[HELPER_LINE_MAX];
    size_t size;
    assert_int_equal(next(helper, line, &size), HELPER_LINE);
    const pid_t pid = (pid_t)strtol(line, NULL, 10);
    assert_true(pid > 1);
    return pid;
}

static void assert_gone(pid_t pid)
{
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void lines_come_one_by_one_without_their_line_feed(void **state)
{
    (void)state;
    struct helper *helper = run("printf 'one\\n\\nthree \\n'", NULL);
    assert_line(helper, "one");
    assert_line(helper, "");
    assert_line(helper, "three ");
    assert_ended(helper);
    helper_kill(helper);
}

static void a_line_may_come_in_several_reads(void **state)
{
    (void)state;
    char line[HELPER_LINE_MAX] = "before";
    size_t size = 99;
    struct helper *helper = run("printf ab; read x; printf cd; read x; printf 'ef\\ng'; read x; printf 'h\\n'", NULL);
    for (int part = 0; part < 2; part++) {
        await_readable(helper);
        assert_int_equal(helper_line(helper, line, &size), HELPER_LATER);
        nudge(helper);
    }
    assert_line(helper, "abcdef");
    assert_int_equal(helper_line(helper, line, &size), HELPER_LATER);
    nudge(helper);
    assert_line(helper, "gh");
    helper_finish(helper, PATIENCE_MS);
}

static void nothing_said_is_later_at_once(void **state)
{
    (void)state;
    char line[HELPER_LINE_MAX] = "before";
    size_t size = 99;
    struct helper *helper = run("read x; echo heard", NULL);
    assert_int_equal(helper_line(helper, line, &size), HELPER_LATER);
    assert_string_equal(line, "before");
    assert_int_equal(size, 99);
    nudge(helper);
    assert_line(helper, "heard");
    assert_ended(helper);
    helper_kill(helper);
}

static void a_line_has_255_bytes_at_most(void **state)
{
    (void)state;
    char longest[HELPER_LINE_MAX] = "";
    memset(longest, 'a', HELPER_LINE_MAX - 1);
    struct helper *helper = run("printf '%s\\n%s' \"$1\" \"$1\"; read x; echo", longest);
    assert_line(helper, longest);
    nudge(helper); /* only its line feed is still to come */
    assert_line(helper, longest);
    assert_ended(helper);
    helper_kill(helper);
}

static void a_longer_line_is_the_end(void **state)
{
    (void)state;
    char longest[HELPER_LINE_MAX] = "";
    memset(longest, 'a', HELPER_LINE_MAX - 1);
    struct helper *helper = run("printf 'good\\n%sb\\nmore\\n' \"$1\"; read x", longest);
    assert_line(helper, "good");
    assert_ended(helper);
    helper_kill(helper);
}

static void any_byte_may_stand_in_a_line(void **state)
{
    (void)state;
    char line[HELPER_LINE_MAX];
    size_t size;
    struct helper *helper = run("printf 'a\\000\\377\\r\\n'", NULL);
    assert_int_equal(next(helper, line, &size), HELPER_LINE);
    assert_int_equal(size, 4);
    assert_memory_equal(line, "a\0\xff\r", 5);
    assert_ended(helper);
    helper_kill(helper);
}

static void what_is_no_whole_line_in_the_end_is_dropped(void **state)
{
    (void)state;
    struct helper *helper = run("printf 'whole\\nhalf'", NULL);
    assert_line(helper, "whole");
    assert_ended(helper);
    helper_kill(helper);
}

static void a_child_that_closes_its_end_but_lives_has_ended(void **state)
{
    (void)state;
    struct helper *helper = run("echo $$; exec </dev/null >/dev/null; exec sleep 60", NULL);
    const pid_t pid = line_as_pid(helper);
    assert_ended(helper);
    helper_kill(helper);
    assert_gone(pid);
}

static void a_child_that_died_has_ended_and_leaves_no_zombie(void **state)
{
    (void)state;
    struct helper *helper = run("echo $$; kill -9 $$", NULL);
    const pid_t pid = line_as_pid(helper);
    assert_ended(helper);
    helper_kill(helper);
    assert_gone(pid);
}

static void killing_ends_what_will_not_end_and_leaves_no_zombie(void **state)
{
    (void)state;
    struct helper *helper = run("trap '' TERM INT HUP; echo $$; while read x; do :; done; exec sleep 60", NULL);
    const pid_t pid = line_as_pid(helper);
    assert_int_equal(kill(pid, SIGTERM), 0);
    helper_kill(helper);
    assert_gone(pid);
}

static void no_helper_is_fine_to_end(void **state)
{
    (void)state;
    helper_kill(NULL);
    helper_finish(NULL, PATIENCE_MS);
}

static void assert_said(const struct fixture *fixture, const char *expected)
{
    struct state_bytes said = state_get(fixture->folder.file);
    assert_string_equal(said.bytes, expected);
    free(said.bytes);
}

static void finishing_lets_the_child_tidy_up(void **state)
{
    struct fixture *fixture = *state;
    struct helper *helper = run("while read x; do :; done; echo goodbye >\"$1\"", fixture->folder.file);
    helper_finish(helper, PATIENCE_MS);
    assert_said(fixture, "goodbye\n");
}

static void finishing_takes_the_last_words_out_of_the_childs_way(void **state)
{
    struct fixture *fixture = *state;
    struct helper *helper =
        run("cat >/dev/null; dd if=/dev/zero bs=1024 count=1024; echo goodbye >\"$1\"", fixture->folder.file);
    helper_finish(helper, PATIENCE_MS);
    assert_said(fixture, "goodbye\n");
}

static uint64_t finish_within_ms(struct helper *helper, unsigned patience_ms)
{
    const uint64_t begin_us = clock_interval_us();
    helper_finish(helper, patience_ms);
    return (clock_interval_us() - begin_us) / 1000;
}

static void patience_with_a_child_that_does_not_listen_ends(void **state)
{
    (void)state;
    struct helper *helper = run("echo $$; exec sleep 60", NULL);
    const pid_t pid = line_as_pid(helper);
    const uint64_t took_ms = finish_within_ms(helper, SHORT_MS);
    assert_in_range(took_ms, SHORT_MS - 1, PATIENCE_MS);
    assert_gone(pid);
}

/* It talks for six seconds: each word must not buy it another time of patience. */
static void patience_with_a_child_that_keeps_talking_ends(void **state)
{
    (void)state;
    struct helper *helper = run("echo $$; for i in $(seq 60); do echo $i; sleep 0.1; done; sleep 60", NULL);
    const pid_t pid = line_as_pid(helper);
    assert_in_range(finish_within_ms(helper, SHORT_MS), 0, 3000);
    assert_gone(pid);
}

static void arguments_arrive_as_they_are(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "printf '%s\\n' \"$@\"", "helper", "Dr. \"Grey\" * $HOME", "",
                                "ü",       NULL};
    struct helper *helper = helper_start(argv);
    assert_non_null(helper);
    assert_line(helper, "Dr. \"Grey\" * $HOME");
    assert_line(helper, "");
    assert_line(helper, "ü");
    assert_ended(helper);
    helper_kill(helper);
}

static void the_environment_is_empty(void **state)
{
    (void)state;
    const char *const argv[] = {"/usr/bin/env", NULL};
    struct told told;
    assert_int_equal(setenv("SECRET", "value", 1), 0);
    struct helper *helper = helper_start(argv);
    assert_non_null(helper);
    listen_to_the_end(helper, &told);
    assert_int_equal(told.count, 0);
    helper_kill(helper);
    assert_int_equal(unsetenv("SECRET"), 0);
}

/* The list's own descriptor is gone again when it is read. */
static const char LIST_DESCRIPTORS[] = "for fd in /proc/$$/fd/*; do readlink $fd; done";

static void assert_only_standard_streams(struct helper *helper)
{
    struct told told;
    listen_to_the_end(helper, &told);
    for (size_t i = 3; i < told.count; i++)
        print_error("open in the child: %s\n", told.lines[i]);
    assert_int_equal(told.count, 3);
    assert_int_equal(strncmp(told.lines[0], "socket:", 7), 0);
    assert_string_equal(told.lines[1], told.lines[0]);
    assert_string_equal(told.lines[2], "/dev/null");
}

static void a_child_has_its_standard_streams_and_not_another_helpers_socket(void **state)
{
    (void)state;
    struct helper *first = run("read x", NULL);
    struct helper *second = run(LIST_DESCRIPTORS, NULL);
    assert_only_standard_streams(second);
    helper_kill(second);
    helper_kill(first);
}

/* Whoever started us may have left us some as well: a shell does with "3<file". */
static void a_child_inherits_no_descriptor_that_was_not_marked(void **state)
{
    struct fixture *fixture = *state;
    state_put_text(fixture->folder.file, "secret");
    const int unmarked = open(fixture->folder.file, O_RDONLY); /* NOLINT(android-cloexec-open) */
    assert_true(unmarked >= 0);
    struct helper *helper = run(LIST_DESCRIPTORS, NULL);
    assert_int_equal(close(unmarked), 0);
    assert_only_standard_streams(helper);
    helper_kill(helper);
}

static void a_child_starts_with_signals_as_a_program_expects_them(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status", NULL};
    struct told told;
    sigset_t blocked;
    sigset_t before;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
    (void)signal(SIGPIPE, SIG_IGN);
    struct helper *helper = helper_start(argv);
    (void)signal(SIGPIPE, SIG_DFL);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    assert_non_null(helper);
    listen_to_the_end(helper, &told);
    assert_int_equal(told.count, 2);
    assert_int_equal(strncmp(told.lines[0], "SigBlk:", 7), 0);
    assert_int_equal(strtoull(told.lines[0] + 7, NULL, 16), 0);
    /* 32 and 33 are glibc's own, and posix_spawn(3) leaves them ignored. */
    assert_int_equal(strtoull(told.lines[1] + 7, NULL, 16) & ~(UINT64_C(3) << 31), 0);
    helper_kill(helper);
}

static void our_end_does_not_block_and_is_nobody_elses(void **state)
{
    (void)state;
    struct helper *helper = run("read x", NULL);
    assert_true(fcntl(helper_fd(helper), F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(helper_fd(helper), F_GETFD) & FD_CLOEXEC);
    helper_kill(helper);
}

/* It runs vfork(2) as fork(2), so that posix_spawn(3) cannot hear of a program that could not be started. */
static bool under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded && strstr(preloaded, "valgrind");
}

static void what_cannot_be_started_says_why_and_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    const char *const absent[] = {"/nonexistent/helper", NULL};
    const char *const folder[] = {fixture->folder.path, NULL};
    const char *const no_program[] = {fixture->folder.file, NULL};
    if (under_valgrind())
        return;
    state_put_text(fixture->folder.file, "text");
    errno = 0;
    assert_null(helper_start(absent));
    assert_int_equal(errno, ENOENT);
    assert_null(helper_start(folder));
    assert_int_equal(errno, EACCES);
    assert_null(helper_start(no_program));
    assert_int_equal(errno, EACCES);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(lines_come_one_by_one_without_their_line_feed),
        CASE(a_line_may_come_in_several_reads),
        CASE(nothing_said_is_later_at_once),
        CASE(a_line_has_255_bytes_at_most),
        CASE(a_longer_line_is_the_end),
        CASE(any_byte_may_stand_in_a_line),
        CASE(what_is_no_whole_line_in_the_end_is_dropped),
        CASE(a_child_that_closes_its_end_but_lives_has_ended),
        CASE(a_child_that_died_has_ended_and_leaves_no_zombie),
        CASE(killing_ends_what_will_not_end_and_leaves_no_zombie),
        CASE(no_helper_is_fine_to_end),
        CASE(finishing_lets_the_child_tidy_up),
        CASE(finishing_takes_the_last_words_out_of_the_childs_way),
        CASE(patience_with_a_child_that_does_not_listen_ends),
        CASE(patience_with_a_child_that_keeps_talking_ends),
        CASE(arguments_arrive_as_they_are),
        CASE(the_environment_is_empty),
        CASE(a_child_has_its_standard_streams_and_not_another_helpers_socket),
        CASE(a_child_inherits_no_descriptor_that_was_not_marked),
        CASE(a_child_starts_with_signals_as_a_program_expects_them),
        CASE(our_end_does_not_block_and_is_nobody_elses),
        CASE(what_cannot_be_started_says_why_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
