/* SPDX-License-Identifier: MIT */
#include "common/escape.h"

#include "proto/name.h"

#include <stdio.h>
#include <string.h>

/* The size of the character at the start when it is fit to show, else 0. */
static size_t printable_size(const char *text, size_t left)
{
    struct name name;
    for (size_t size = 1; size <= 4 && size <= left; size++)
        if (name_set(&name, (const uint8_t *)text, size))
            return size;
    return 0;
}

size_t escape_text(const char *text, size_t size, char *out)
{
    size_t length = 0;
    for (size_t at = 0; at < size;) {
        size_t printable = printable_size(text + at, size - at);
        if (printable > 0) {
            memcpy(out + length, text + at, printable);
            length += printable;
            at += printable;
        } else {
            char escaped[ESCAPED_SIZE + 1];
            (void)snprintf(escaped, sizeof escaped, "\\x%02x", (unsigned char)text[at++]);
            memcpy(out + length, escaped, ESCAPED_SIZE);
            length += ESCAPED_SIZE;
        }
    }
    return length;
}

bool escape_needless(const char *text, size_t size)
{
    size_t at = 0;
    size_t printable = 1;
    while (at < size && printable > 0) {
        printable = printable_size(text + at, size - at);
        at += printable;
    }
    return printable > 0;
}
