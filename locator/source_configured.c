/* SPDX-License-Identifier: MIT
 *
 * source_configured.c: addresses from the settings, and those at which the server was when it invited this workstation.
 * They are tried in every search: the remembered address may be silent when one of them is right again.
 */
#include "locator/source.h"

#include "locator/interfaces.h"

/* What is behind a router waits a little for what is on our own network: a server on both is best asked here. */
enum { BEHIND_ROUTER_US = 4 * SEARCH_STAGGER_US };

static void *configured_start(const struct locate_settings *settings, uint64_t now_us)
{
    if (settings->server_count == 0 && settings->invited_count == 0)
        return NULL;
    return timed_source_start(settings, source_start_us(settings, now_us), UINT64_MAX);
}

static void configured_run(void *self, struct search *search, uint64_t now_us)
{
    struct timed_source *configured = self;
    const struct locate_settings *settings = configured->settings;
    struct interfaces interfaces;
    for (size_t i = 0; i < settings->server_count; i++) {
        const struct server_text *server = &settings->servers[i];
        struct candidate candidate = {.source = SOURCE_CONFIGURED, .to = server->address, .stands_in = true};
        if (server->port == 0)
            candidate.to.port = settings->query_port;
        if (server->is_address)
            search_candidate(search, &candidate, 0, now_us);
    }
    interfaces_read(&interfaces);
    for (size_t i = 0; i < settings->invited_count; i++) {
        const struct candidate candidate = {.source = SOURCE_CONFIGURED, .to = settings->invited[i]};
        bool near = interfaces_are_on_link(&interfaces, &candidate.to);
        search_candidate(search, &candidate, i * SEARCH_STAGGER_US + (near ? 0 : BEHIND_ROUTER_US), now_us);
    }
    timed_source_again(configured, now_us);
}

const struct source_ops source_configured = {configured_start, timed_source_due_us, timed_source_fd, configured_run,
                                             timed_source_stop};
