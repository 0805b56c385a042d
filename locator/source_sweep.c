/* SPDX-License-Identifier: MIT
 *
 * source_sweep.c: every address of the network, one by one: the last resort where the network carries neither multicast
 * nor broadcasts. In the wrong place that is a port scan, so it starts late, goes slowly, and only where the practice
 * was verified before or somebody asked for it.
 */
#include "locator/source.h"

#include "locator/network.h"

#include <stdlib.h>

enum {
    START_AFTER_US = 700000,
    PACE_US = 20000,
    AT_ONCE = 10, /* each PACE_US: 500 a second */
    NETWORKS_AT_ONCE = 4,
};

/* One network on the way. */
struct span {
    struct network network;
    struct address own;    /* asked from here, and not asked itself */
    struct address centre; /* the middle of the sweep */
    uint32_t next;
};

struct sweep {
    const struct locate_settings *settings;
    uint64_t due_us;
    bool listed;
    size_t count;
    size_t turn;
    struct span spans[NETWORKS_AT_ONCE];
};

static void *sweep_start(const struct locate_settings *settings, uint64_t now_us)
{
    if (!settings->sweep_anywhere && settings->network_count == 0)
        return NULL;
    struct sweep *sweep = calloc(1, sizeof *sweep);
    if (sweep)
        *sweep = (struct sweep){.settings = settings, .due_us = now_us + START_AFTER_US};
    return sweep;
}

static uint64_t sweep_due_us(const void *self)
{
    const struct sweep *sweep = self;
    return sweep->due_us;
}

static bool may_sweep(const struct locate_settings *settings, const struct network *network)
{
    bool known = settings->sweep_anywhere;
    for (size_t i = 0; i < settings->network_count; i++)
        known |= network_equal(&settings->networks[i], network);
    return known && network_is_private(network);
}

/* Where the server was last is the best guess, when that is in this network. */
static struct address centre_of(const struct locate_settings *settings, const struct network *network,
                                const struct address *own)
{
    for (size_t i = 0; i < settings->known_count; i++)
        if (address_in_prefix(&settings->known[i], &network->address, network->prefix))
            return settings->known[i];
    return *own;
}

static void list_networks(struct sweep *sweep)
{
    struct interfaces all;
    interfaces_read(&all);
    for (size_t i = 0; i < all.count && sweep->count < NETWORKS_AT_ONCE; i++) {
        struct span span = {.own = all.items[i].address};
        struct network whole;
        if (!network_of(&all.items[i], &whole) || !may_sweep(sweep->settings, &whole))
            continue;
        span.centre = centre_of(sweep->settings, &whole, &span.own);
        span.network = network_to_sweep(&whole, &span.centre);
        sweep->spans[sweep->count++] = span;
    }
    sweep->listed = true;
}

/* False when the network is through. */
static bool ask_next(const struct sweep *sweep, struct span *span, struct search *search, uint64_t now_us)
{
    if (span->next == network_size(&span->network))
        return false;
    struct candidate candidate = {.source = SOURCE_SWEEP, .once = true, .from = span->own};
    candidate.to = network_address(&span->network, &span->centre, span->next++);
    candidate.to.port = sweep->settings->query_port;
    if (network_is_host(&span->network, &candidate.to) && !address_same_host(&candidate.to, &span->own))
        search_candidate(search, &candidate, 0, now_us);
    return true;
}

static void sweep_run(void *self, struct search *search, uint64_t now_us)
{
    struct sweep *sweep = self;
    size_t through = 0;
    if (!sweep->listed)
        list_networks(sweep);
    for (int asked = 0; asked < AT_ONCE && through < sweep->count; sweep->turn++) {
        bool more = ask_next(sweep, &sweep->spans[sweep->turn % sweep->count], search, now_us);
        through = more ? 0 : through + 1;
        asked += more;
    }
    sweep->due_us = through == sweep->count ? UINT64_MAX : now_us + PACE_US;
}

static void sweep_stop(void *self)
{
    free(self);
}

const struct source_ops source_sweep = {sweep_start, sweep_due_us, timed_source_fd, sweep_run, sweep_stop};
