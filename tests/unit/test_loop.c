/* SPDX-License-Identifier: MIT */
#include "common/loop.h"
#include "common/platform/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { HANG_S = 30, STEPS_MAX = 64, NEVER_MS = 20000 };

/* What handlers did, one letter each, in order. */
struct fixture {
    struct loop *loop;
    size_t count;
    char steps[STEPS_MAX];
};

/* One watch or timer of a case, as its handler sees it. */
struct part {
    struct fixture *fixture;
    char letter;
    int fd;
    int left; /* so many calls until the loop is stopped */
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct part *other;
    uint64_t asked_us;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->loop = loop_new();
    assert_non_null(fixture->loop);
    (void)alarm(HANG_S); /* a loop that never stops ends the test instead of hanging it */
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    (void)alarm(0);
    loop_free(fixture->loop);
    free(fixture);
    return 0;
}

static void note(const struct part *part)
{
    struct fixture *fixture = part->fixture;
    assert_true(fixture->count < STEPS_MAX - 1);
    fixture->steps[fixture->count++] = part->letter;
}

static void stop_in_time(struct part *part)
{
    if (--part->left <= 0)
        loop_stop(part->fixture->loop);
}

static void on_event(void *context)
{
    struct part *part = context;
    note(part);
    stop_in_time(part);
}

static void on_readable(void *context)
{
    struct part *part = context;
    char byte;
    assert_int_equal(read(part->fd, &byte, 1), 1);
    on_event(context);
}

static void make_pipe(int ends[2])
{
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
}

static void put_bytes(int fd, const char *bytes)
{
    assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
}

static void close_pipe(const int ends[2])
{
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

static struct loop_timer *start_timer(struct part *part, loop_handler *handler, uint64_t delay_ms)
{
    part->timer = loop_timer_new(part->fixture->loop, handler, part);
    assert_non_null(part->timer);
    loop_timer_start(part->timer, delay_ms);
    return part->timer;
}

static void watch(struct part *part, loop_handler *handler)
{
    part->watch = loop_watch_new(part->fixture->loop, part->fd, handler, part);
    assert_non_null(part->watch);
}

static void an_empty_loop_ends_at_once(void **state)
{
    const struct fixture *fixture = *state;
    loop_run(fixture->loop);
    loop_free(NULL);
    loop_watch_close(NULL);
    loop_timer_close(NULL);
}

static void a_handler_is_called_while_there_is_something_to_read(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    make_pipe(ends);
    struct part reader = {.fixture = fixture, .letter = 'r', .fd = ends[0], .left = 3};
    watch(&reader, on_readable);
    put_bytes(ends[1], "abc");
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "rrr");
    loop_watch_close(reader.watch);
    close_pipe(ends);
}

static void a_descriptor_that_is_quiet_calls_nobody(void **state)
{
    struct fixture *fixture = *state;
    int quiet[2];
    int busy[2];
    make_pipe(quiet);
    make_pipe(busy);
    struct part a = {.fixture = fixture, .letter = 'q', .fd = quiet[0], .left = 1};
    struct part b = {.fixture = fixture, .letter = 'b', .fd = busy[0], .left = 2};
    watch(&a, on_readable);
    watch(&b, on_readable);
    put_bytes(busy[1], "xy");
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "bb");
    loop_watch_close(a.watch);
    loop_watch_close(b.watch);
    close_pipe(quiet);
    close_pipe(busy);
}

static void on_end(void *context)
{
    struct part *part = context;
    char byte;
    note(part);
    assert_int_equal(read(part->fd, &byte, 1), 0);
    loop_stop(part->fixture->loop);
}

static void a_descriptor_that_is_only_writable_calls_nobody(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    make_pipe(ends);
    struct part writer = {.fixture = fixture, .letter = 'w', .fd = ends[1], .left = 1};
    struct part clock = {.fixture = fixture, .letter = 't', .left = 1};
    watch(&writer, on_event);
    (void)start_timer(&clock, on_event, 30);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "t");
    loop_watch_close(writer.watch);
    loop_timer_close(clock.timer);
    close_pipe(ends);
}

static void the_end_of_a_stream_is_readable(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    make_pipe(ends);
    struct part reader = {.fixture = fixture, .letter = 'e', .fd = ends[0]};
    watch(&reader, on_end);
    assert_int_equal(close(ends[1]), 0);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "e");
    loop_watch_close(reader.watch);
    assert_int_equal(close(ends[0]), 0);
}

static void the_descriptor_stays_the_callers(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    make_pipe(ends);
    struct part reader = {.fixture = fixture, .fd = ends[0]};
    watch(&reader, on_readable);
    loop_watch_close(reader.watch);
    loop_run(fixture->loop);
    assert_true(fcntl(ends[0], F_GETFD) >= 0);
    assert_int_equal(fixture->count, 0);
    close_pipe(ends);
}

static void on_writable(void *context)
{
    struct part *part = context;
    note(part);
    put_bytes(part->fd, "w");
    stop_in_time(part);
}

/* Both ends of one socket pair have bytes to read: whoever waits to write does not hear of them. */
static void a_watch_can_be_for_writing_instead(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    char bytes[8] = "";
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    struct part writer = {.fixture = fixture, .letter = 'w', .fd = ends[0], .left = 3};
    watch(&writer, on_writable);
    loop_watch_for_writing(writer.watch);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "www");
    assert_int_equal(read(ends[1], bytes, sizeof bytes), 3);
    loop_watch_close(writer.watch);
    close_pipe(ends);
}

/* So many bytes that there is no room for another one. */
static void fill(int fd)
{
    static const char bytes[4096];
    while (write(fd, bytes, sizeof bytes) > 0)
        continue;
    while (write(fd, bytes, 1) > 0)
        continue;
}

static void a_watch_for_writing_hears_nothing_while_there_is_no_room(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    struct part writer = {.fixture = fixture, .letter = 'w', .fd = ends[0], .left = 1};
    struct part clock = {.fixture = fixture, .letter = 't', .left = 1};
    fill(ends[0]);
    put_bytes(ends[1], "to read");
    watch(&writer, on_event);
    loop_watch_for_writing(writer.watch);
    (void)start_timer(&clock, on_event, 30);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "t");
    loop_watch_close(writer.watch);
    loop_timer_close(clock.timer);
    close_pipe(ends);
}

/* A socket of loopback that is connected to a port where nobody is. */
static int connect_to_nobody(void)
{
    struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof nobody;
    int other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(other, (const struct sockaddr *)&nobody, sizeof nobody), 0);
    assert_int_equal(getsockname(other, (struct sockaddr *)&nobody, &size), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&nobody, sizeof nobody), 0);
    assert_int_equal(close(other), 0);
    return fd;
}

/* Takes the error off the socket the first time, and causes the next one. */
static void on_error(void *context)
{
    struct part *part = context;
    char byte;
    note(part);
    assert_int_equal(recv(part->fd, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNREFUSED);
    stop_in_time(part);
    if (part->left > 0)
        assert_int_equal(send(part->fd, "x", 1, 0), 1);
}

static void an_error_is_handed_on_and_is_not_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct part part = {.fixture = fixture, .letter = 'e', .left = 3};
    part.fd = connect_to_nobody();
    watch(&part, on_error);
    assert_int_equal(send(part.fd, "x", 1, 0), 1);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "eee");
    loop_watch_close(part.watch);
    assert_int_equal(close(part.fd), 0);
}

static void on_own_end(void *context)
{
    struct part *part = context;
    note(part);
    loop_watch_close(part->watch);
    loop_timer_close(part->timer);
    part->watch = NULL;
    part->timer = NULL;
}

/* With nothing left to watch the loop ends. */
static void a_watch_may_be_closed_in_its_own_handler(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    make_pipe(ends);
    struct part reader = {.fixture = fixture, .letter = 'r', .fd = ends[0]};
    watch(&reader, on_own_end);
    put_bytes(ends[1], "xyz");
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "r");
    close_pipe(ends);
}

static void a_timer_may_be_closed_in_its_own_handler(void **state)
{
    struct fixture *fixture = *state;
    struct part clock = {.fixture = fixture, .letter = 't'};
    (void)start_timer(&clock, on_own_end, 1);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "t");
}

static void on_other_end(void *context)
{
    struct part *part = context;
    note(part);
    loop_watch_close(part->watch);
    loop_watch_close(part->other->watch);
}

/* Both are readable in the same round: whichever comes first silences the other. */
static void a_watch_that_another_handler_closed_is_not_called(void **state)
{
    struct fixture *fixture = *state;
    int one[2];
    int two[2];
    make_pipe(one);
    make_pipe(two);
    struct part a = {.fixture = fixture, .letter = 'x', .fd = one[0]};
    struct part b = {.fixture = fixture, .letter = 'x', .fd = two[0], .other = &a};
    a.other = &b;
    watch(&a, on_other_end);
    watch(&b, on_other_end);
    put_bytes(one[1], "1");
    put_bytes(two[1], "2");
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "x");
    close_pipe(one);
    close_pipe(two);
}

static void what_cannot_be_watched_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(folder >= 0);
    assert_null(loop_watch_new(fixture->loop, folder, on_event, NULL));
    assert_null(loop_watch_new(fixture->loop, 99999, on_event, NULL));
    assert_int_equal(close(folder), 0);
}

static void timers_fire_once_in_the_order_of_their_delays(void **state)
{
    struct fixture *fixture = *state;
    struct part parts[] = {{.fixture = fixture, .letter = 'c', .left = 9},
                           {.fixture = fixture, .letter = 'a', .left = 9},
                           {.fixture = fixture, .letter = 'b', .left = 9}};
    const uint64_t delays_ms[] = {300, 0, 100}; /* apart enough for a busy machine */
    const uint64_t begin_us = clock_interval_us();
    for (size_t i = 0; i < 3; i++)
        (void)start_timer(&parts[i], on_event, delays_ms[i]);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "abc");
    assert_true(clock_interval_us() - begin_us >= 298000);
    for (size_t i = 0; i < 3; i++)
        loop_timer_close(parts[i].timer);
}

static void a_new_timer_does_not_run_until_it_is_started(void **state)
{
    struct fixture *fixture = *state;
    struct part part = {.fixture = fixture, .letter = 't', .left = 1};
    struct loop_timer *timer = loop_timer_new(fixture->loop, on_event, &part);
    assert_non_null(timer);
    assert_false(loop_timer_is_running(timer));
    loop_run(fixture->loop);
    assert_int_equal(fixture->count, 0);
    loop_timer_start(timer, 1);
    assert_true(loop_timer_is_running(timer));
    loop_run(fixture->loop);
    assert_false(loop_timer_is_running(timer));
    assert_string_equal(fixture->steps, "t");
    loop_timer_close(timer);
}

static void starting_a_running_timer_sets_it_anew(void **state)
{
    struct fixture *fixture = *state;
    struct part sooner = {.fixture = fixture, .letter = 's', .left = 9};
    struct part later = {.fixture = fixture, .letter = 'l', .left = 9};
    struct part middle = {.fixture = fixture, .letter = 'm', .left = 9};
    (void)start_timer(&sooner, on_event, NEVER_MS);
    (void)start_timer(&later, on_event, 0);
    (void)start_timer(&middle, on_event, 100);
    loop_timer_start(sooner.timer, 1);
    loop_timer_start(later.timer, 300);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "sml");
    loop_timer_close(sooner.timer);
    loop_timer_close(later.timer);
    loop_timer_close(middle.timer);
}

static void on_again(void *context)
{
    struct part *part = context;
    note(part);
    assert_false(loop_timer_is_running(part->timer));
    if (--part->left > 0)
        loop_timer_start(part->timer, 1);
}

static void a_timer_may_be_started_in_its_own_handler(void **state)
{
    struct fixture *fixture = *state;
    struct part part = {.fixture = fixture, .letter = 't', .left = 3};
    (void)start_timer(&part, on_again, 1);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "ttt");
    loop_timer_close(part.timer);
}

static void on_long_work(void *context)
{
    struct part *part = context;
    const uint64_t until_us = clock_interval_us() + 60000;
    note(part);
    while (clock_interval_us() < until_us)
        ;
    part->other->asked_us = clock_interval_us();
    loop_timer_start(part->other->timer, 40);
    loop_watch_close(part->watch);
}

static void on_delay(void *context)
{
    struct part *part = context;
    note(part);
    assert_true(clock_interval_us() - part->asked_us >= 38000); /* the loop counts whole milliseconds */
}

/* It counts from when it was asked for, not from when the loop last looked at the clock. */
static void a_long_handler_does_not_shorten_a_delay(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    make_pipe(ends);
    struct part delayed = {.fixture = fixture, .letter = 'd'};
    struct part work = {.fixture = fixture, .letter = 'w', .fd = ends[0], .other = &delayed};
    (void)start_timer(&delayed, on_delay, NEVER_MS);
    watch(&work, on_long_work);
    put_bytes(ends[1], "x");
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "wd");
    loop_timer_close(delayed.timer);
    close_pipe(ends);
}

static void a_stopped_loop_can_run_again(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    make_pipe(ends);
    struct part reader = {.fixture = fixture, .letter = 'r', .fd = ends[0], .left = 1};
    watch(&reader, on_readable);
    put_bytes(ends[1], "abc");
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "r");
    reader.left = 2;
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "rrr");
    loop_watch_close(reader.watch);
    close_pipe(ends);
}

static void signals_are_handled_outside_of_signal_context(void **state)
{
    struct fixture *fixture = *state;
    struct part part = {.fixture = fixture, .letter = 's', .left = 1};
    assert_true(loop_on_signal(fixture->loop, SIGUSR1, on_event, &part));
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(fixture->count, 0);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "s");
    part.left = 1;
    assert_int_equal(raise(SIGUSR1), 0);
    loop_run(fixture->loop);
    assert_string_equal(fixture->steps, "ss");
}

static void four_signals_are_handled_and_a_fifth_is_refused(void **state)
{
    static const int numbers[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT};
    struct fixture *fixture = *state;
    struct part parts[4];
    for (int i = 0; i < 4; i++) {
        parts[i] = (struct part){.fixture = fixture, .letter = (char)('a' + i), .left = 1};
        assert_true(loop_on_signal(fixture->loop, numbers[i], on_event, &parts[i]));
    }
    assert_false(loop_on_signal(fixture->loop, SIGHUP, on_event, &parts[0]));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(raise(numbers[i]), 0);
        loop_run(fixture->loop);
    }
    assert_string_equal(fixture->steps, "abcd");
}

static void a_signal_that_cannot_be_caught_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    assert_false(loop_on_signal(fixture->loop, SIGKILL, on_event, NULL));
}

static void after_the_loop_a_signal_does_what_it_did_before(void **state)
{
    struct fixture *fixture = *state;
    struct part part = {.fixture = fixture, .letter = 's', .left = 1};
    struct sigaction action;
    assert_true(loop_on_signal(fixture->loop, SIGUSR1, on_event, &part));
    loop_free(fixture->loop);
    fixture->loop = NULL;
    assert_int_equal(sigaction(SIGUSR1, NULL, &action), 0);
    assert_ptr_equal(action.sa_handler, SIG_DFL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_empty_loop_ends_at_once),
        CASE(a_handler_is_called_while_there_is_something_to_read),
        CASE(a_descriptor_that_is_quiet_calls_nobody),
        CASE(a_descriptor_that_is_only_writable_calls_nobody),
        CASE(the_end_of_a_stream_is_readable),
        CASE(the_descriptor_stays_the_callers),
        CASE(a_watch_can_be_for_writing_instead),
        CASE(a_watch_for_writing_hears_nothing_while_there_is_no_room),
        CASE(an_error_is_handed_on_and_is_not_the_end),
        CASE(a_watch_may_be_closed_in_its_own_handler),
        CASE(a_timer_may_be_closed_in_its_own_handler),
        CASE(a_watch_that_another_handler_closed_is_not_called),
        CASE(what_cannot_be_watched_is_refused),
        CASE(timers_fire_once_in_the_order_of_their_delays),
        CASE(a_new_timer_does_not_run_until_it_is_started),
        CASE(starting_a_running_timer_sets_it_anew),
        CASE(a_timer_may_be_started_in_its_own_handler),
        CASE(a_long_handler_does_not_shorten_a_delay),
        CASE(a_stopped_loop_can_run_again),
        CASE(signals_are_handled_outside_of_signal_context),
        CASE(four_signals_are_handled_and_a_fifth_is_refused),
        CASE(a_signal_that_cannot_be_caught_is_refused),
        CASE(after_the_loop_a_signal_does_what_it_did_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
