/* SPDX-License-Identifier: MIT */
#include "agent/addrsel.h"

#include <assert.h>
#include <fnmatch.h>
#include <string.h>

/* Reasons to list an address later, the weightiest first: a sum of them is a rank, the lowest is best. */
enum demerit {
    IS_LINK_LOCAL = 16,
    NOT_OWN_PREFIX = 8,
    OTHER_FAMILY = 4,
    IS_TEMPORARY = 2,
    OTHER_LINK = 1,
};

/* The asker as the choice sees it, worked out once an answer. */
struct view {
    const struct links *links;
    const struct conf_list *extra_links;
    const struct addrsel_asker *asker;
    bool here;    /* the asker is on this machine: what goes to an own IPv4 address arrives over loopback */
    bool on_link; /* the asker is a neighbour on the arrival link, not behind a router */
};

struct candidate {
    const struct link_address *address;
    unsigned rank;
};

static bool is_of_arrival(const struct addrsel_asker *asker, const struct link_address *address)
{
    return address->address.ifindex == asker->arrival_ifindex;
}

static bool has_asker_in_prefix(const struct addrsel_asker *asker, const struct link_address *address)
{
    return address_in_prefix(&asker->peer, &address->address, address->prefix);
}

/* Link-local addresses are not routed, so such an asker is a neighbour. */
static bool is_neighbour(const struct links *links, const struct addrsel_asker *asker)
{
    if (asker->neighbour || address_is_link_local(&asker->peer))
        return true;
    for (size_t i = 0; i < links->address_count; i++) {
        const struct link_address *address = &links->addresses[i];
        if (is_of_arrival(asker, address) && has_asker_in_prefix(asker, address))
            return true;
    }
    return false;
}

static bool is_named(const struct conf_list *names, const struct link *link)
{
    for (size_t i = 0; i < names->count; i++) {
        if (fnmatch(names->items[i], link->name, 0) == 0)
            return true;
    }
    return false;
}

static bool is_link_of_use(const struct view *view, const struct link *link)
{
    if (!link || !link->up)
        return false;
    if (link->kind == LINK_OFFICE || is_named(view->extra_links, link))
        return true;
    return link->kind == LINK_CONTAINER && link->ifindex == view->asker->arrival_ifindex;
}

static bool is_of_use(const struct view *view, const struct link_address *address)
{
    const struct address *host = &address->address;
    if (!address->usable || address_is_unspecified(host) || address_is_loopback(host) || address_is_multicast(host))
        return false;
    if (address_is_link_local(host) && !(is_of_arrival(view->asker, address) && view->on_link))
        return false;
    return is_link_of_use(view, links_by_index(view->links, host->ifindex));
}

/* A link-local asker shares every prefix of the link; an asker on this machine shares those of all links. */
static bool is_own_prefix(const struct view *view, const struct link_address *address)
{
    if (!view->here && !is_of_arrival(view->asker, address))
        return false;
    return address_is_link_local(&view->asker->peer) || has_asker_in_prefix(view->asker, address);
}

static unsigned rank(const struct view *view, const struct link_address *address)
{
    unsigned sum = 0;
    sum += address_is_link_local(&address->address) ? IS_LINK_LOCAL : 0;
    sum += is_own_prefix(view, address) ? 0 : NOT_OWN_PREFIX;
    sum += address->address.family == view->asker->peer.family ? 0 : OTHER_FAMILY;
    sum += address->temporary ? IS_TEMPORARY : 0;
    sum += is_of_arrival(view->asker, address) ? 0 : OTHER_LINK;
    return sum;
}

static struct endpoint endpoint_of(const struct view *view, const struct link_address *address, uint16_t port)
{
    uint8_t flags = 0;
    if (is_of_arrival(view->asker, address))
        flags |= ENDPOINT_OWN_LINK;
    if (address_is_link_local(&address->address))
        flags |= ENDPOINT_LINK_LOCAL;
    struct endpoint endpoint = address_to_endpoint(&address->address, flags);
    endpoint.port = port;
    return endpoint;
}

/* The place of an address that is listed already (one address on two interfaces is one to the asker), else count. */
static size_t place_of(const struct candidate *list, size_t count, const struct candidate *candidate)
{
    size_t at = 0;
    while (at < count && !address_same_host(&list[at].address->address, &candidate->address->address))
        at++;
    return at;
}

static size_t take_out(struct candidate *list, size_t count, size_t at)
{
    memmove(&list[at], &list[at + 1], (count - at - 1) * sizeof *list);
    return count - 1;
}

/* Keeps the best, in order; equals stay in the order of links, so that the same network gives the same answer. Sorted
 * by hand: qsort(3) may allocate, and this is on the way of every answer. */
static size_t insert(struct candidate *list, size_t count, size_t room, const struct candidate *candidate)
{
    size_t twin = place_of(list, count, candidate);
    if (twin < count && list[twin].rank <= candidate->rank)
        return count;
    if (twin < count)
        count = take_out(list, count, twin);
    size_t at = count;
    while (at > 0 && list[at - 1].rank > candidate->rank)
        at--;
    if (at == room)
        return count;
    if (count == room)
        count--;
    memmove(&list[at + 1], &list[at], (count - at) * sizeof *list);
    list[at] = *candidate;
    return count + 1;
}

size_t addrsel_list(const struct links *links, const struct conf_list *extra_links, const struct addrsel_asker *asker,
                    uint16_t port, struct endpoint *out, size_t room)
{
    const struct link *arrival = links_by_index(links, asker->arrival_ifindex);
    const struct view view = {
        .links = links,
        .extra_links = extra_links,
        .asker = asker,
        .here = arrival && arrival->kind == LINK_LOOPBACK,
        .on_link = is_neighbour(links, asker),
    };
    struct candidate best[PROTO_ENDPOINTS_MAX];
    size_t count = 0;
    assert(room <= PROTO_ENDPOINTS_MAX);
    for (size_t i = 0; i < links->address_count; i++) {
        const struct link_address *address = &links->addresses[i];
        if (!is_of_use(&view, address))
            continue;
        const struct candidate candidate = {.address = address, .rank = rank(&view, address)};
        count = insert(best, count, room, &candidate);
    }
    for (size_t i = 0; i < count; i++)
        out[i] = endpoint_of(&view, best[i].address, port);
    return count;
}

/* The asker's prefix before all, then the same scope, then what lasts. */
static unsigned source_rank(const struct addrsel_asker *asker, const struct link_address *address)
{
    unsigned sum = 0;
    sum += has_asker_in_prefix(asker, address) ? 0 : 4;
    sum += address_is_link_local(&address->address) == address_is_link_local(&asker->peer) ? 0 : 2;
    sum += address->temporary ? 1 : 0;
    return sum;
}

bool addrsel_reply_source(const struct links *links, const struct addrsel_asker *asker, struct address *out)
{
    const struct link_address *best = NULL;
    for (size_t i = 0; i < links->address_count; i++) {
        const struct link_address *address = &links->addresses[i];
        if (!address->usable || !is_of_arrival(asker, address) || address->address.family != asker->peer.family)
            continue;
        if (!best || source_rank(asker, address) < source_rank(asker, best))
            best = address;
    }
    if (best)
        *out = best->address;
    return best != NULL;
}
