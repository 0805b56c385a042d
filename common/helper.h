/* SPDX-License-Identifier: MIT
 *
 * helper.h: a small program of ours in a process of its own, which tells us lines over a socket pair. Used to keep
 * libraries that block (dns_sd.h over D-Bus) out of programs that must not wait.
 */
#ifndef COMMON_HELPER_H
#define COMMON_HELPER_H

#include "proto/types.h"

enum { HELPER_LINE_MAX = 256 };

struct helper; /* opaque; holds a process and a descriptor */

/* Starts argv[0] (a path; the list ends with NULL) with our socket as its standard input and output and nothing else
 * open but a standard error that goes nowhere. NULL on failure; errno tells why. */
struct helper *helper_start(const char *const argv[]);

/* Readable when helper_line() has something to do. */
int helper_fd(const struct helper *helper);

enum helper_result {
    HELPER_LINE,  /* a line, without its line feed, in out */
    HELPER_LATER, /* no whole line yet */
    HELPER_ENDED, /* the process closed its end or told a line that is too long: nothing more will come */
};
enum helper_result helper_line(struct helper *helper, char out[HELPER_LINE_MAX], size_t *size) MUST_CHECK;

/* Ends it at once, by its pid, and leaves no zombie. NULL is fine. What it had to say it said in lines: its exit code
 * is of no interest, and not there yet when its end of the socket closes. */
void helper_kill(struct helper *helper);

/* Tells it by end of input that it is no longer wanted, and gives it that long to tidy up; then as helper_kill(). */
void helper_finish(struct helper *helper, unsigned patience_ms);

#endif
