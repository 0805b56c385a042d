/* SPDX-License-Identifier: MIT
 *
 * escape.h: bytes of any origin as text that is safe to show: control characters, what is no UTF-8, and what could show
 * letters in another order become \xNN.
 */
#ifndef COMMON_ESCAPE_H
#define COMMON_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { ESCAPED_SIZE = 4 }; /* a byte at the longest */

/* True when the text can be shown as it is. */
bool escape_needless(const char *text, size_t size);

/* Writes at most ESCAPED_SIZE * size bytes, without a NUL, and returns how many. */
size_t escape_text(const char *text, size_t size, char *out);

#endif
