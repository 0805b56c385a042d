/* SPDX-License-Identifier: MIT
 *
 * serial.h: the number that grows with each change of what answers say, over restarts and crashes too.
 *
 * A block of numbers is reserved on disk ahead of use, so that a change costs no disk write; after a crash the rest of
 * the block is skipped.
 */
#ifndef AGENT_SERIAL_H
#define AGENT_SERIAL_H

#include "common/statefile.h"
#include "proto/types.h"

struct serial {
    char path[STATEFILE_PATH_MAX];
    struct instance instance; /* random, new with each new state folder */
    uint64_t value;
    uint64_t reserved; /* values up to here are on disk */
};

/* Reads or makes the file, and takes the first value of a fresh block. A disk that refuses the block is no failure:
 * *saved tells, and errno why; the next advance tries again. */
enum statefile_result serial_open(const char *path, struct serial *out, bool *saved) MUST_CHECK;

/* The next value. It is used even when the disk refuses a new block: the result only tells that it did. */
enum statefile_result serial_advance(struct serial *serial) MUST_CHECK;

#endif
