/* SPDX-License-Identifier: MIT */
#include "locator/lookup.h"

enum statefile_result lookup_open(struct lookup *lookup, const char *state, const struct pin *pin,
                                  const struct pins_report *report)
{
    *lookup = (struct lookup){.pin = pin};
    enum statefile_result result = pins_load_key(state, &pin->selector, &lookup->keys);
    if (result == STATEFILE_OK)
        lookup->remembers = pins_recall(state, pin, report, &lookup->last) == STATEFILE_OK;
    return result;
}

void lookup_close(struct lookup *lookup)
{
    probe_free(lookup->probe);
    lookup->probe = NULL;
    keys_wipe_workstation(&lookup->keys);
}

/* Last verified address first, then the others that the server listed then; link-local ones behind the rest, since they
 * are of use to few programs and were remembered only while nothing else answered. */
static size_t known_addresses(const struct lookup *lookup, struct address out[PROTO_ENDPOINTS_MAX + 1])
{
    struct address all[PROTO_ENDPOINTS_MAX + 1];
    size_t known = 0;
    size_t count = 0;
    if (lookup->remembers)
        all[known++] = lookup->last.address;
    for (size_t i = 0; i < lookup->last.count; i++)
        all[known++] = lookup->last.others[i];
    for (size_t i = 0; i < known; i++)
        if (!address_is_link_local(&all[i]))
            out[count++] = all[i];
    for (size_t i = 0; i < known; i++)
        if (address_is_link_local(&all[i]))
            out[count++] = all[i];
    return count;
}

static bool make_probe(struct lookup *lookup)
{
    struct probe_settings settings = {.server = &lookup->pin->server,
                                      .station = &lookup->keys,
                                      .roster_generation_seen = lookup->last.roster_generation};
    keys_random(&settings.nonce, sizeof settings.nonce);
    lookup->probe = probe_new(&settings);
    return lookup->probe != NULL;
}

bool lookup_run(struct lookup *lookup, const struct lookup_settings *settings)
{
    const struct pin *pin = lookup->pin;
    char helper[STATEFILE_PATH_MAX];
    struct address known[PROTO_ENDPOINTS_MAX + 1];
    struct locate_settings locate_settings = {.search = settings->search,
                                              .query_port = pin->query_port,
                                              .known = known,
                                              .known_count = known_addresses(lookup, known),
                                              .invited = pin->invited,
                                              .invited_count = pin->invited_count,
                                              .servers = settings->settings->servers,
                                              .server_count = settings->settings->server_count,
                                              .sweep_anywhere = settings->sweep,
                                              .networks = lookup->last.networks,
                                              .network_count = lookup->last.network_count,
                                              .dnssd_helper = locate_dnssd_helper(helper),
                                              .fingerprint = &pin->server.fingerprint,
                                              .practice = &pin->practice};

    keys_random(&locate_settings.search.seed, sizeof locate_settings.search.seed);
    if (!make_probe(lookup))
        return false;
    struct question question = probe_question(lookup->probe);
    struct locate *locate = locate_new(&locate_settings, &question);
    if (!locate)
        return false;
    locate_run(locate, settings->waiting);
    locate_report(locate, &lookup->report);
    locate_free(locate);
    return true;
}
