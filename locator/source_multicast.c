/* SPDX-License-Identifier: MIT
 *
 * source_multicast.c: everybody on each usable interface, IPv4 and IPv6. Interfaces are listed again while the search
 * goes on: a network that comes up late is asked as well.
 */
#include "locator/source.h"

#include "common/udp.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>

enum {
    /* Where a remembered address is asked at the same time, groups are spared the query if it answers within that. */
    AFTER_KNOWN_US = 15000,
    RELIST_FIRST_US = 250000,
};

struct multicast {
    const struct locate_settings *settings;
    uint64_t due_us;
    uint64_t relist_us;
};

static void *multicast_start(const struct locate_settings *settings, uint64_t now_us)
{
    struct multicast *multicast = calloc(1, sizeof *multicast);
    if (!multicast)
        return NULL;
    multicast->settings = settings;
    multicast->due_us = now_us + (settings->known_count > 0 ? AFTER_KNOWN_US : 0);
    multicast->relist_us = RELIST_FIRST_US;
    return multicast;
}

static uint64_t multicast_due_us(const void *self)
{
    const struct multicast *multicast = self;
    return multicast->due_us;
}

static int multicast_fd(const void *self)
{
    (void)self;
    return -1;
}

static bool is_usable(const struct ifaddrs *entry)
{
    const unsigned wanted = IFF_UP | IFF_RUNNING | IFF_MULTICAST;
    return entry->ifa_addr && (entry->ifa_flags & wanted) == wanted && !(entry->ifa_flags & IFF_LOOPBACK);
}

static struct address address_of(const struct ifaddrs *entry)
{
    struct address address = {0};
    if (is_usable(entry))
        address = address_from_sockaddr(entry->ifa_addr);
    if (address.family != ENDPOINT_NONE)
        address.ifindex = if_nametoindex(entry->ifa_name);
    return address;
}

static bool has(const struct ifaddrs *list, uint32_t ifindex, enum endpoint_family family, bool routable_only)
{
    for (; list; list = list->ifa_next) {
        struct address address = address_of(list);
        if (address.ifindex == ifindex && address.family == family &&
            !(routable_only && address_is_link_local(&address)))
            return true;
    }
    return false;
}

/* The agent answers from the asker's prefix: asked from a link-local address it could only give one of that kind. So
 * such addresses ask only where the interface has no other of the family. */
static bool is_best_kind(const struct ifaddrs *all, const struct address *from)
{
    return !address_is_link_local(from) || !has(all, from->ifindex, (enum endpoint_family)from->family, true);
}

static void multicast_run(void *self, struct search *search, uint64_t now_us)
{
    struct multicast *multicast = self;
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) != 0)
        all = NULL;
    for (const struct ifaddrs *entry = all; entry; entry = entry->ifa_next) {
        struct address from = address_of(entry);
        if (from.family == ENDPOINT_NONE || !is_best_kind(all, &from))
            continue;
        /* Where both families are, the answer must not change from search to search. */
        bool wait = from.family == ENDPOINT_IPV6 && has(all, from.ifindex, ENDPOINT_IPV4, false);
        const struct candidate candidate = {
            .source = SOURCE_MULTICAST,
            .to = udp_group((enum endpoint_family)from.family, multicast->settings->query_port, from.ifindex),
            .group = true,
            .from = from};
        search_candidate(search, &candidate, wait ? SEARCH_STAGGER_US : 0, now_us);
    }
    freeifaddrs(all);
    multicast->due_us = now_us + multicast->relist_us;
    multicast->relist_us *= 2;
}

static void multicast_stop(void *self)
{
    free(self);
}

const struct source_ops source_multicast = {multicast_start, multicast_due_us, multicast_fd, multicast_run,
                                            multicast_stop};
