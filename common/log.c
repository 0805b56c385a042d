/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include "common/escape.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line stays within PIPE_BUF (4,096 on Linux), so that a pipe takes it whole even when every byte has to be
 * escaped. */
enum { LINE_MAX_BYTES = 4096, PREFIX_MAX = 66, TEXT_MAX = 1000 };
static_assert(PREFIX_MAX + (TEXT_MAX - 1) * ESCAPED_SIZE + 1 <= LINE_MAX_BYTES, "the longest text fits a line");

static const char *program_name = "practice";
static enum log_level highest_level = LOG_INFO;

void log_start(const char *program, enum log_level level)
{
    program_name = program;
    highest_level = level;
}

/* Whether standard error is the very stream that the service manager connected to the journal: systemd.exec(5). */
static bool into_journal(void)
{
    char here[64];
    struct stat status;
    const char *stream = getenv("JOURNAL_STREAM");
    if (!stream || fstat(STDERR_FILENO, &status) != 0)
        return false;
    (void)snprintf(here, sizeof here, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    return strcmp(stream, here) == 0;
}

static size_t write_prefix(enum log_level level, char out[PREFIX_MAX + 1])
{
    int length = into_journal() ? snprintf(out, PREFIX_MAX + 1, "<%d>", (int)level)
                                : snprintf(out, PREFIX_MAX + 1, "%.*s: ", PREFIX_MAX - 2, program_name);
    return length > 0 ? (size_t)length : 0;
}

/* Ends a text that was cut with "...", not within a character. */
static void mark_cut(char text[TEXT_MAX])
{
    size_t end = TEXT_MAX - sizeof "...";
    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
        end--;
    memcpy(text + end, "...", sizeof "...");
}

void log_write(enum log_level level, const char *format, ...)
{
    char text[TEXT_MAX];
    char line[LINE_MAX_BYTES];
    va_list arguments;
    int kept = errno;

    if (level > highest_level)
        return;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= TEXT_MAX)
        mark_cut(text);
    size_t size = write_prefix(level, line);
    size += escape_text(text, length < 0 ? 0 : strlen(text), line + size);
    line[size++] = '\n';
    /* One call a line, so that lines of several processes do not mix. There is nowhere to tell of a failure. */
    while (write(STDERR_FILENO, line, size) < 0 && errno == EINTR)
        ;
    errno = kept;
}
