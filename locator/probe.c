/* SPDX-License-Identifier: MIT */
#include "locator/probe.h"

#include "proto/message.h"
#include "proto/query.h"
#include "proto/seal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* One destination that was asked. */
struct sent {
    bool used;
    struct candidate to;
    struct message_hash hash;
    uint64_t last_us;
};

struct probe {
    struct probe_settings settings;
    struct sent sent[SEARCH_ASKS_MAX];
    size_t proved;
    struct verified verified[PROBE_VERIFIED_MAX];
    enum proto_result last_reason;
};

struct probe *probe_new(const struct probe_settings *settings)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (probe)
        probe->settings = *settings;
    return probe;
}

void probe_free(struct probe *probe)
{
    free(probe);
}

/* Our own query fits its size and can be read: anything else is a bug of ours. */
static void must(enum proto_result result)
{
    assert(result == PROTO_OK);
    (void)result;
}

static size_t probe_write(void *self, uint32_t number, const struct candidate *to, uint64_t now_us,
                          uint8_t out[PROTO_DATAGRAM_MAX])
{
    struct probe *probe = self;
    const struct probe_settings *settings = &probe->settings;
    struct sent *sent = &probe->sent[number];
    const struct query query = {.workstation = settings->station->id,
                                .nonce = settings->nonce,
                                .probe = number,
                                .roster_generation_seen = settings->roster_generation_seen};
    struct query_layout layout;
    struct query written;

    assert(number < SEARCH_ASKS_MAX);
    must(query_encode(&query, settings->server, &settings->station->secret, out, PROTO_REQUEST_MIN));
    must(query_decode(out, PROTO_REQUEST_MIN, &written, &layout));
    *sent = (struct sent){.used = true, .to = *to, .last_us = now_us};
    query_hash(out, &layout, &sent->hash);
    return PROTO_REQUEST_MIN;
}

/* The query that this answer claims to answer: our own nonce, and a destination that we asked. */
static const struct sent *sent_for(const struct probe *probe, const struct answer *answer)
{
    const struct nonce *nonce = &probe->settings.nonce;
    if (sodium_memcmp(answer->nonce.bytes, nonce->bytes, sizeof nonce->bytes) != 0)
        return NULL;
    if (answer->probe >= SEARCH_ASKS_MAX || !probe->sent[answer->probe].used)
        return NULL;
    return &probe->sent[answer->probe];
}

/* Everything short of meaning, cheapest first: form, addressee, gate, our nonce, and then the one signature check. */
static enum proto_result check(const struct probe *probe, const struct datagram *in, struct answer *answer,
                               const struct sent **sent)
{
    const struct server_id *server = probe->settings.server;
    struct header header;
    enum proto_result result = header_decode(in->bytes, in->size, &header);
    if (result == PROTO_OK)
        result = answer_decode(in->bytes, in->size, answer);
    if (result != PROTO_OK)
        return result;
    if (memcmp(header.hint.bytes, server->hint.bytes, sizeof header.hint.bytes) != 0)
        return PROTO_HINT;
    if (!seal_gate_check(&server->gate_key, in->bytes, in->size))
        return PROTO_GATE;
    *sent = sent_for(probe, answer);
    if (!*sent)
        return PROTO_FIELD;
    const struct answer_context context = {.server = server, .query = (*sent)->hash};
    return answer_verify(in->bytes, in->size, &context) ? PROTO_OK : PROTO_SIGNATURE;
}

static bool is_listed(const struct answer *answer, const struct address *peer)
{
    for (size_t i = 0; i < answer->count; i++) {
        struct address listed = address_from_endpoint(&answer->endpoints[i], peer->ifindex);
        if (address_equal(&listed, peer))
            return true;
    }
    return false;
}

/* A group is answered by whoever is in it; everybody else answers for himself only. */
static bool came_from_whom_we_asked(const struct sent *sent, const struct address *peer)
{
    return sent->to.group || address_equal(&sent->to.to, peer);
}

/* Who answers a group from another network than ours was heard, but perhaps no way leads back to him. */
static bool can_be_reached(const struct sent *sent, const struct address *peer)
{
    const struct candidate *to = &sent->to;
    return !to->group || address_is_link_local(peer) || address_in_prefix(peer, &to->from, to->from_prefix);
}

static void take_leads(const struct answer *answer, const struct address *peer, struct judgement *out)
{
    out->probe = answer->probe;
    for (size_t i = 0; i < answer->count && out->lead_count < SEARCH_LEADS_MAX; i++) {
        struct address listed = address_from_endpoint(&answer->endpoints[i], peer->ifindex);
        if (!address_is_multicast(&listed) && !address_is_unspecified(&listed))
            out->leads[out->lead_count++] = listed;
    }
}

/* Two servers with one key at one address after another are two: their instances tell them apart. */
static void keep(struct probe *probe, const struct verified *verified)
{
    for (size_t i = 0; i < probe->proved; i++) {
        const struct verified *known = &probe->verified[i];
        if (address_equal(&known->address, &verified->address) &&
            memcmp(&known->answer.instance, &verified->answer.instance, sizeof known->answer.instance) == 0)
            return;
    }
    if (probe->proved < PROBE_VERIFIED_MAX)
        probe->verified[probe->proved++] = *verified;
}

/* The one place where a candidate becomes a verified address. */
static void probe_judge(void *self, const struct datagram *in, uint64_t now_us, struct judgement *out)
{
    struct probe *probe = self;
    const struct sent *sent = NULL;
    struct answer answer;

    enum proto_result result = check(probe, in, &answer, &sent);
    if (result != PROTO_OK) {
        probe->last_reason = result;
        out->verdict = VERDICT_UNPROVEN;
    } else if (answer.status == ANSWER_REFUSED) {
        out->verdict = VERDICT_REFUSED;
    } else if (!came_from_whom_we_asked(sent, &in->peer) || !(sent->to.stands_in || is_listed(&answer, &in->peer))) {
        out->verdict = VERDICT_RELAYED;
        take_leads(&answer, &in->peer, out);
    } else if (!can_be_reached(sent, &in->peer)) {
        out->verdict = VERDICT_LEAD;
        take_leads(&answer, &in->peer, out);
    } else {
        const struct verified verified = {
            .address = in->peer, .source = sent->to.source, .answer = answer, .rtt_us = now_us - sent->last_us};
        out->verdict = VERDICT_PROVED;
        keep(probe, &verified);
    }
}

struct question probe_question(struct probe *probe)
{
    return (struct question){.self = probe, .write = probe_write, .judge = probe_judge};
}

const struct verified *probe_verified(const struct probe *probe)
{
    return probe->proved > 0 ? &probe->verified[0] : NULL;
}

size_t probe_verified_count(const struct probe *probe)
{
    return probe->proved;
}

const struct verified *probe_verified_at(const struct probe *probe, size_t index)
{
    assert(index < probe->proved);
    return &probe->verified[index];
}

enum proto_result probe_last_reason(const struct probe *probe)
{
    return probe->last_reason;
}
