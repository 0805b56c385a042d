/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_ROOM = 8192 };

/* Standard error becomes a socket that keeps the limits of each write. */
struct capture {
    int reader;
    int stderr_before;
};

static struct capture capture_start(void)
{
    int ends[2];
    struct capture capture = {.stderr_before = dup(STDERR_FILENO)};
    assert_true(capture.stderr_before >= 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(ends[1]), 0);
    capture.reader = ends[0];
    return capture;
}

/* The one line that was written, or "" for none. */
static void capture_end(const struct capture *capture, char line[LINE_ROOM])
{
    char more[8];
    assert_int_equal(dup2(capture->stderr_before, STDERR_FILENO), STDERR_FILENO);
    ssize_t size = recv(capture->reader, line, LINE_ROOM - 1, 0);
    line[size > 0 ? size : 0] = '\0';
    assert_true(recv(capture->reader, more, sizeof more, 0) <= 0);
    assert_int_equal(close(capture->reader), 0);
    assert_int_equal(close(capture->stderr_before), 0);
}

static void logged(enum log_level level, const char *text, char line[LINE_ROOM])
{
    struct capture capture = capture_start();
    log_write(level, "%s", text);
    capture_end(&capture, line);
}

static void assert_logged(const char *text, const char *expected)
{
    char line[LINE_ROOM];
    logged(LOG_ERROR, text, line);
    assert_string_equal(line, expected);
}

static int set_up(void **state)
{
    (void)state;
    log_start("practice-test", LOG_INFO);
    return unsetenv("JOURNAL_STREAM");
}

static void a_line_is_one_write_that_starts_with_the_program(void **state)
{
    (void)state;
    char line[LINE_ROOM];
    struct capture capture = capture_start();
    log_write(LOG_NOTICE, "port %d of %s is taken", 1234, "eth0");
    capture_end(&capture, line);
    assert_string_equal(line, "practice-test: port 1234 of eth0 is taken\n");
}

static void lines_above_the_level_are_dropped(void **state)
{
    (void)state;
    char line[LINE_ROOM];
    logged(LOG_INFO, "text", line);
    assert_string_equal(line, "practice-test: text\n");
    logged(LOG_DEBUG, "text", line);
    assert_string_equal(line, "");
    log_start("practice-test", LOG_ERROR);
    logged(LOG_WARNING, "text", line);
    assert_string_equal(line, "");
    logged(LOG_ERROR, "text", line);
    assert_string_equal(line, "practice-test: text\n");
}

/* As the service manager does: the device and inode of the stream. */
static void name_stream(int fd, unsigned long long inode_offset)
{
    struct stat status;
    char text[64];
    assert_int_equal(fstat(fd, &status), 0);
    (void)snprintf(text, sizeof text, "%llu:%llu", (unsigned long long)status.st_dev,
                   (unsigned long long)status.st_ino + inode_offset);
    assert_int_equal(setenv("JOURNAL_STREAM", text, 1), 0);
}

static void the_journal_gets_the_level(void **state)
{
    (void)state;
    char line[LINE_ROOM];
    struct capture capture = capture_start();
    name_stream(STDERR_FILENO, 0);
    log_write(LOG_WARNING, "text");
    capture_end(&capture, line);
    assert_string_equal(line, "<4>text\n");
}

static void a_journal_that_is_not_standard_error_gets_no_level(void **state)
{
    (void)state;
    static const char *const odd[] = {"", ":", "1:", "text", "0:0"};
    char line[LINE_ROOM];
    struct capture capture = capture_start();
    name_stream(STDERR_FILENO, 1);
    log_write(LOG_WARNING, "text");
    capture_end(&capture, line);
    assert_string_equal(line, "practice-test: text\n");
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_int_equal(setenv("JOURNAL_STREAM", odd[i], 1), 0);
        assert_logged("text", "practice-test: text\n");
    }
}

static void control_characters_are_escaped(void **state)
{
    (void)state;
    assert_logged("a\nb\r\t\x1b[2J\x7f\x01z", "practice-test: a\\x0ab\\x0d\\x09\\x1b[2J\\x7f\\x01z\n");
    assert_logged("\xc2\x9b"
                  "2J",
                  "practice-test: \\xc2\\x9b2J\n");
    assert_logged("\xe2\x80\xa8", "practice-test: \\xe2\\x80\\xa8\n");
    assert_logged("", "practice-test: \n");
}

static void utf8_stays_and_other_bytes_are_escaped(void **state)
{
    (void)state;
    assert_logged("Praxis Müller, 牙科 🦷", "practice-test: Praxis Müller, 牙科 🦷\n");
    assert_logged("M\xfcller", "practice-test: M\\xfcller\n");
    assert_logged("cut \xe7\x89", "practice-test: cut \\xe7\\x89\n");
    assert_logged("\xc0\x8a", "practice-test: \\xc0\\x8a\n");
}

static void repeat(char *out, const char *unit, size_t count)
{
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * strlen(unit), unit, strlen(unit));
    out[count * strlen(unit)] = '\0';
}

static void a_text_of_999_bytes_is_whole_and_a_longer_one_is_cut(void **state)
{
    (void)state;
    char text[LINE_ROOM];
    char line[LINE_ROOM];
    const size_t prefix = strlen("practice-test: ");
    repeat(text, "a", 999);
    logged(LOG_ERROR, text, line);
    assert_int_equal(strlen(line), prefix + 999 + 1);
    assert_null(strstr(line, "..."));
    repeat(text, "a", 1000);
    logged(LOG_ERROR, text, line);
    assert_int_equal(strlen(line), prefix + 999 + 1);
    assert_string_equal(line + strlen(line) - 5, "a...\n");
}

static void a_text_is_not_cut_within_a_character(void **state)
{
    (void)state;
    char text[LINE_ROOM] = "";
    char line[LINE_ROOM];
    for (size_t shift = 0; shift < 4; shift++) {
        repeat(text, "x", shift);
        repeat(text + shift, "\xf0\x9f\xa6\xb7", 300);
        logged(LOG_ERROR, text, line);
        assert_null(strchr(line, '\\'));
        assert_string_equal(line + strlen(line) - 8, "\xf0\x9f\xa6\xb7...\n");
    }
}

static void the_longest_text_of_the_longest_program_fits_a_pipe_at_once(void **state)
{
    (void)state;
    char program[200];
    char text[LINE_ROOM];
    char line[LINE_ROOM];
    repeat(program, "p", 199);
    repeat(text, "\x01", 2000);
    log_start(program, LOG_INFO);
    logged(LOG_ERROR, text, line);
    assert_true(strlen(line) <= 4096);
    assert_string_equal(line + strlen(line) - 8, "\\x01...\n");
    log_start("practice-test", LOG_INFO);
}

static void errno_is_kept_and_a_closed_stream_does_no_harm(void **state)
{
    (void)state;
    int before = dup(STDERR_FILENO);
    assert_int_equal(close(STDERR_FILENO), 0);
    errno = ENOTTY;
    log_write(LOG_ERROR, "text");
    int after = errno;
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(before), 0);
    assert_int_equal(after, ENOTTY);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_line_is_one_write_that_starts_with_the_program),
        CASE(lines_above_the_level_are_dropped),
        CASE(the_journal_gets_the_level),
        CASE(a_journal_that_is_not_standard_error_gets_no_level),
        CASE(control_characters_are_escaped),
        CASE(utf8_stays_and_other_bytes_are_escaped),
        CASE(a_text_of_999_bytes_is_whole_and_a_longer_one_is_cut),
        CASE(a_text_is_not_cut_within_a_character),
        CASE(the_longest_text_of_the_longest_program_fits_a_pipe_at_once),
        CASE(errno_is_kept_and_a_closed_stream_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
