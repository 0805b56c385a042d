/* SPDX-License-Identifier: MIT */
#include "common/duration.h"

#include <stdio.h>
#include <string.h>

#define SECOND_MS  UINT64_C(1000)
#define MINUTE_MS  (60 * SECOND_MS)
#define HOUR_MS    (60 * MINUTE_MS)
#define DAY_MS     (24 * HOUR_MS)
#define LONGEST_MS (3650 * DAY_MS)

/* 0 for what is no unit. */
static uint64_t unit_from_text(const char *text)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } units[] = {{"", SECOND_MS}, {"ms", 1}, {"s", SECOND_MS}, {"m", MINUTE_MS}, {"h", HOUR_MS}, {"d", DAY_MS}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(text, units[i].text) == 0)
            return units[i].ms;
    }
    return 0;
}

bool duration_from_text(const char *text, uint64_t *out_ms)
{
    uint64_t number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        number = number * 10 + (uint64_t)(*text - '0');
        if (number > LONGEST_MS)
            return false;
    }
    uint64_t unit_ms = unit_from_text(text);
    if (number == 0 || unit_ms == 0 || number > LONGEST_MS / unit_ms)
        return false;
    *out_ms = number * unit_ms;
    return true;
}

void duration_to_text(uint64_t ms, char out[DURATION_TEXT_MAX])
{
    uint64_t number = ms;
    const char *unit = "ms";
    if (ms >= DAY_MS) {
        number = ms / DAY_MS;
        unit = number == 1 ? "day" : "days";
    } else if (ms >= HOUR_MS) {
        number = ms / HOUR_MS;
        unit = "h";
    } else if (ms >= MINUTE_MS) {
        number = ms / MINUTE_MS;
        unit = "min";
    } else if (ms >= SECOND_MS) {
        number = ms / SECOND_MS;
        unit = "s";
    }
    (void)snprintf(out, DURATION_TEXT_MAX, "%ju %s", (uintmax_t)number, unit);
}
