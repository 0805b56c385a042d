/* SPDX-License-Identifier: MIT
 *
 * source_broadcast.c: everybody on each IPv4 network, for switches and access points that carry broadcasts but eat
 * multicast. A little later than that: it wakes every computer.
 */
#include "locator/source.h"

#include "locator/interfaces.h"

enum { START_AFTER_US = 100000 };

static void *broadcast_start(const struct locate_settings *settings, uint64_t now_us)
{
    return timed_source_start(settings, now_us + START_AFTER_US, SOURCE_RELIST_US);
}

static void broadcast_run(void *self, struct search *search, uint64_t now_us)
{
    struct timed_source *broadcast = self;
    struct interfaces all;
    interfaces_read(&all);
    for (size_t i = 0; i < all.count; i++) {
        const struct own_address *own = &all.items[i];
        struct candidate candidate = {.source = SOURCE_BROADCAST,
                                      .to = own->broadcast,
                                      .group = true,
                                      .from = own->address,
                                      .from_prefix = own->prefix};
        candidate.to.port = broadcast->settings->query_port;
        search_candidate(search, &candidate, 0, now_us);
    }
    timed_source_again(broadcast, now_us);
}

const struct source_ops source_broadcast = {broadcast_start, timed_source_due_us, timed_source_fd, broadcast_run,
                                            timed_source_stop};
