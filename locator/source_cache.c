/* SPDX-License-Identifier: MIT
 *
 * source_cache.c: the addresses at which the server was before. Where nothing changed, one of them answers at once.
 */
#include "locator/source.h"

static void *cache_start(const struct locate_settings *settings, uint64_t now_us)
{
    return settings->known_count > 0 ? timed_source_start(settings, now_us, UINT64_MAX) : NULL;
}

static void cache_run(void *self, struct search *search, uint64_t now_us)
{
    struct timed_source *cache = self;
    for (size_t i = 0; i < cache->settings->known_count; i++) {
        const struct candidate candidate = {.source = SOURCE_CACHE, .to = cache->settings->known[i]};
        search_candidate(search, &candidate, i * SEARCH_STAGGER_US, now_us);
    }
    timed_source_again(cache, now_us);
}

const struct source_ops source_cache = {cache_start, timed_source_due_us, timed_source_fd, cache_run,
                                        timed_source_stop};
