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

struct span {
    uint32_t first;
    uint32_t last;
};

/* What could move a terminal's cursor, split a log line, or show a name's letters in another order than they stand. */
static const struct span UNSAFE[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x200e, 0x200f}, {0x2028, 0x2029}, {0x202a, 0x202e}, {0x2066, 0x2069},
};

static bool printable(uint32_t point)
{
    for (size_t i = 0; i < sizeof UNSAFE / sizeof UNSAFE[0]; i++)
        if (point >= UNSAFE[i].first && point <= UNSAFE[i].last)
            return false;
    return true;
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
