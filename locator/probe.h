/* SPDX-License-Identifier: MIT
 *
 * probe.h: the question "where are you?" of a search: signed queries out, only a proof comes in. Pure: keys and nonce
 * are given. docs/protocol.md, "What a locator believes".
 */
#ifndef LOCATOR_PROBE_H
#define LOCATOR_PROBE_H

#include "common/keys.h"
#include "locator/search.h"
#include "locator/verified.h"

struct probe; /* opaque: one search's queries, sent and awaited */

struct probe_settings {
    const struct server_id *server;         /* borrowed until probe_free() */
    const struct workstation_keys *station; /* borrowed until probe_free() */
    struct nonce nonce;                     /* fresh for each search */
    uint32_t roster_generation_seen;
};

/* NULL when there is no memory. */
struct probe *probe_new(const struct probe_settings *settings);
void probe_free(struct probe *probe);

/* To hand to search_new(). Valid until probe_free(). */
struct question probe_question(struct probe *probe);

/* What was proved first: NULL unless the search ended with SEARCH_PROVED. Valid until probe_free(). */
const struct verified *probe_verified(const struct probe *probe);

/* All that was proved in a search that collects, each address once. Valid until probe_free(). */
enum { PROBE_VERIFIED_MAX = 16 };
size_t probe_verified_count(const struct probe *probe);
const struct verified *probe_verified_at(const struct probe *probe, size_t index);

/* Why the last datagram that proved nothing was not believed, for the sentence that people read; PROTO_OK when there
 * was none, or when what it lacked was our own nonce. */
enum proto_result probe_last_reason(const struct probe *probe);

#endif
