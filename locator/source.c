/* SPDX-License-Identifier: MIT */
#include "locator/source.h"

#include <stdlib.h>

enum { AFTER_KNOWN_US = 15000 };

void *timed_source_start(const struct locate_settings *settings, uint64_t due_us, uint64_t again_us)
{
    struct timed_source *source = calloc(1, sizeof *source);
    if (source)
        *source = (struct timed_source){.settings = settings, .due_us = due_us, .again_us = again_us};
    return source;
}

uint64_t timed_source_due_us(const void *self)
{
    const struct timed_source *source = self;
    return source->due_us;
}

int timed_source_fd(const void *self)
{
    (void)self;
    return -1;
}

void timed_source_stop(void *self)
{
    free(self);
}

void timed_source_again(struct timed_source *source, uint64_t now_us)
{
    source->due_us = source->again_us == UINT64_MAX ? UINT64_MAX : now_us + source->again_us;
    if (source->again_us < UINT64_MAX / 2)
        source->again_us *= 2;
}

uint64_t source_start_us(const struct locate_settings *settings, uint64_t now_us)
{
    return now_us + (settings->known_count > 0 ? AFTER_KNOWN_US : 0);
}
