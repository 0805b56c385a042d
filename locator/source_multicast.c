/* SPDX-License-Identifier: MIT
 *
 * source_multicast.c: everybody on each usable interface, IPv4 and IPv6.
 */
#include "locator/source.h"

#include "common/udp.h"
#include "locator/interfaces.h"

static void *multicast_start(const struct locate_settings *settings, uint64_t now_us)
{
    return timed_source_start(settings, source_start_us(settings, now_us), SOURCE_RELIST_US);
}

/* The agent answers from the asker's prefix: asked from a link-local address it could only give one of that kind. So
 * such addresses ask only where the interface has no other of the family. */
static bool is_best_kind(const struct interfaces *all, const struct address *from)
{
    return !address_is_link_local(from) ||
           !interfaces_have_routable(all, from->ifindex, (enum endpoint_family)from->family);
}

static void ask_from(const struct interfaces *all, const struct own_address *own, uint16_t port, struct search *search,
                     uint64_t now_us)
{
    const struct address *from = &own->address;
    /* Where both families are, the answer must not change from search to search. */
    bool wait = from->family == ENDPOINT_IPV6 && interfaces_have_routable(all, from->ifindex, ENDPOINT_IPV4);
    const struct candidate candidate = {.source = SOURCE_MULTICAST,
                                        .to = udp_group((enum endpoint_family)from->family, port, from->ifindex),
                                        .group = true,
                                        .from = *from,
                                        .from_prefix = own->prefix};
    search_candidate(search, &candidate, wait ? SEARCH_STAGGER_US : 0, now_us);
}

static void multicast_run(void *self, struct search *search, uint64_t now_us)
{
    struct timed_source *multicast = self;
    struct interfaces all;
    interfaces_read(&all);
    for (size_t i = 0; i < all.count; i++) {
        const struct own_address *own = &all.items[i];
        if (own->multicast && is_best_kind(&all, &own->address))
            ask_from(&all, own, multicast->settings->query_port, search, now_us);
    }
    timed_source_again(multicast, now_us);
}

const struct source_ops source_multicast = {multicast_start, timed_source_due_us, timed_source_fd, multicast_run,
                                            timed_source_stop};
