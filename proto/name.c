/* SPDX-License-Identifier: MIT */
#include "proto/name.h"

#include <string.h>

/* Bytes that follow a lead byte, and the least code point that needs so many; -1 for what leads nothing. */
static int followers(uint8_t lead, uint32_t *bits, uint32_t *least)
{
    if (lead < 0x80) {
        *bits = lead;
        *least = 0;
        return 0;
    }
    if ((lead & 0xe0) == 0xc0) {
        *bits = lead & 0x1fu;
        *least = 0x80;
        return 1;
    }
    if ((lead & 0xf0) == 0xe0) {
        *bits = lead & 0x0fu;
        *least = 0x800;
        return 2;
    }
    if ((lead & 0xf8) == 0xf0) {
        *bits = lead & 0x07u;
        *least = 0x10000;
        return 3;
    }
    return -1;
}

/* Control characters could move a terminal's cursor or split a log line: C0, DEL, C1 and the line separators. */
static bool printable(uint32_t point)
{
    return point >= 0x20 && !(point >= 0x7f && point <= 0x9f) && point != 0x2028 && point != 0x2029;
}

static bool valid_point(uint32_t point, uint32_t least)
{
    return point >= least && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff) && printable(point);
}

static bool valid_text(const uint8_t *bytes, size_t size)
{
    size_t at = 0;
    while (at < size) {
        uint32_t point;
        uint32_t least;
        int more = followers(bytes[at++], &point, &least);
        if (more < 0 || (size_t)more > size - at)
            return false;
        for (; more > 0; more--, at++) {
            if ((bytes[at] & 0xc0) != 0x80)
                return false;
            point = point << 6 | (bytes[at] & 0x3fu);
        }
        if (!valid_point(point, least))
            return false;
    }
    return true;
}

bool name_set(struct name *out, const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > PROTO_NAME_MAX || !valid_text(bytes, size))
        return false;
    *out = (struct name){{0}};
    memcpy(out->text, bytes, size);
    return true;
}

bool name_from_text(struct name *out, const char *text)
{
    return name_set(out, (const uint8_t *)text, strlen(text));
}
