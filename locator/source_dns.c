/* SPDX-License-Identifier: MIT
 *
 * source_dns.c: names from the settings, resolved by c-ares over its own sockets: no call waits, and a name server that
 * does not answer costs the other sources nothing. A name that gives nothing is asked again while the search goes on.
 */
#include "locator/source.h"

#include "common/platform/poller.h"

#include <ares.h>
#include <stdlib.h>
#include <unistd.h>

enum { QUERY_TIMEOUT_MS = 500, QUERY_TRIES = 4, ASK_AGAIN_US = 500000 };

struct dns {
    const struct locate_settings *settings;
    ares_channel channel;
    int poller;    /* c-ares has several sockets, the search knows one descriptor */
    unsigned open; /* names being resolved */
    uint64_t due_us;
    uint64_t again_us; /* how long until the names are asked once more */
    /* During run() only: callbacks come in there. */
    struct search *search;
    uint64_t now_us;
};

struct lookup {
    struct dns *dns;
    uint16_t port;
};

static void on_socket(void *context, ares_socket_t fd, int reading, int writing)
{
    const struct dns *dns = context;
    poller_watch(dns->poller, fd, reading != 0, writing != 0);
}

static bool open_channel(struct dns *dns)
{
    struct ares_options options = {
        .timeout = QUERY_TIMEOUT_MS, .tries = QUERY_TRIES, .sock_state_cb = on_socket, .sock_state_cb_data = dns};
    const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
        return false;
    dns->poller = poller_open();
    if (dns->poller >= 0 && ares_init_options(&dns->channel, &options, mask) == ARES_SUCCESS)
        return true;
    if (dns->poller >= 0)
        (void)close(dns->poller);
    ares_library_cleanup();
    return false;
}

static bool has_names(const struct locate_settings *settings)
{
    for (size_t i = 0; i < settings->server_count; i++)
        if (!settings->servers[i].is_address)
            return true;
    return false;
}

static void *dns_start(const struct locate_settings *settings, uint64_t now_us)
{
    struct dns *dns = has_names(settings) ? calloc(1, sizeof *dns) : NULL;
    if (!dns)
        return NULL;
    dns->settings = settings;
    dns->due_us = source_start_us(settings, now_us);
    dns->again_us = ASK_AGAIN_US;
    if (open_channel(dns))
        return dns;
    free(dns);
    return NULL;
}

static uint64_t dns_due_us(const void *self)
{
    const struct dns *dns = self;
    return dns->due_us;
}

static int dns_fd(const void *self)
{
    const struct dns *dns = self;
    return dns->poller;
}

static void take(struct dns *dns, const struct ares_addrinfo *found, uint16_t port)
{
    for (const struct ares_addrinfo_node *node = found->nodes; node; node = node->ai_next) {
        struct candidate candidate = {.source = SOURCE_DNS, .to = address_from_sockaddr(node->ai_addr)};
        candidate.to.port = port;
        search_candidate(dns->search, &candidate, 0, dns->now_us);
    }
}

static void on_resolved(void *context, int status, int timeouts, struct ares_addrinfo *found)
{
    struct lookup *lookup = context;
    struct dns *dns = lookup->dns;
    (void)timeouts;
    dns->open--;
    if (status == ARES_SUCCESS && dns->search)
        take(dns, found, lookup->port);
    if (found)
        ares_freeaddrinfo(found);
    free(lookup);
}

static void ask(struct dns *dns, const struct server_text *server)
{
    const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_flags = ARES_AI_NOSORT};
    struct lookup *lookup = calloc(1, sizeof *lookup);
    if (!lookup)
        return;
    *lookup = (struct lookup){.dns = dns, .port = server->port ? server->port : dns->settings->query_port};
    dns->open++;
    ares_getaddrinfo(dns->channel, server->host, NULL, &hints, on_resolved, lookup);
}

static void ask_all(struct dns *dns)
{
    for (size_t i = 0; i < dns->settings->server_count; i++)
        if (!dns->settings->servers[i].is_address)
            ask(dns, &dns->settings->servers[i]);
}

/* Its sockets do not block, so it costs nothing to try each. */
static void process(struct dns *dns)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    int ready = ares_getsock(dns->channel, sockets, ARES_GETSOCK_MAXNUM);
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        ares_socket_t in = ARES_GETSOCK_READABLE(ready, i) ? sockets[i] : ARES_SOCKET_BAD;
        ares_socket_t out = ARES_GETSOCK_WRITABLE(ready, i) ? sockets[i] : ARES_SOCKET_BAD;
        if (in != ARES_SOCKET_BAD || out != ARES_SOCKET_BAD)
            ares_process_fd(dns->channel, in, out);
    }
    ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what has timed out */
}

static void plan(struct dns *dns)
{
    struct timeval wait;
    if (dns->open == 0) {
        dns->due_us = dns->now_us + dns->again_us;
    } else if (ares_timeout(dns->channel, NULL, &wait)) {
        dns->due_us = dns->now_us + (uint64_t)wait.tv_sec * 1000000 + (uint64_t)wait.tv_usec;
    }
}

static void dns_run(void *self, struct search *search, uint64_t now_us)
{
    struct dns *dns = self;
    dns->search = search;
    dns->now_us = now_us;
    if (dns->open == 0 && now_us >= dns->due_us) {
        ask_all(dns);
        dns->again_us *= 2;
    }
    process(dns);
    plan(dns);
    dns->search = NULL;
}

static void dns_stop(void *self)
{
    struct dns *dns = self;
    ares_destroy(dns->channel); /* calls back for what is open */
    ares_library_cleanup();
    (void)close(dns->poller);
    free(dns);
}

const struct source_ops source_dns = {dns_start, dns_due_us, dns_fd, dns_run, dns_stop};
