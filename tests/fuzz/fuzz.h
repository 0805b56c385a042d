/* SPDX-License-Identifier: MIT
 *
 * fuzz.h: what the fuzz targets share. A target is run by libFuzzer, or over the files of its corpus by replay.c.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Seeds of keys that signed nothing in the corpus: whatever comes in must not verify under them. */
enum { FUZZ_SERVER = 8, FUZZ_WORKSTATION = 9 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A broken promise is a crash; assert() would be gone from an optimised build. */
static inline void fuzz_require(bool holds)
{
    if (!holds)
        abort();
}

#endif
