/* SPDX-License-Identifier: MIT
 *
 * duration.h: spans of time as people write them: "500ms", "3s", "15m", "2h", "90d". A bare number is seconds.
 */
#ifndef COMMON_DURATION_H
#define COMMON_DURATION_H

#include "proto/types.h"

/* Milliseconds, at most ten years. False for anything else, including zero, fractions and signs. */
bool duration_from_text(const char *text, uint64_t *out_ms) MUST_CHECK;

/* "3 s", "2 min", "5 h", "12 days": the largest unit that is at least one, cut to a whole number. */
enum { DURATION_TEXT_MAX = 32 };
void duration_to_text(uint64_t ms, char out[DURATION_TEXT_MAX]);

#endif
