/* SPDX-License-Identifier: MIT */
#include "agent/responder.h"

#include "agent/addrsel.h"
#include "proto/message.h"
#include "proto/query.h"
#include "proto/seal.h"

#include <sodium.h>

/* Who knows our public key at all? One hash, whatever was sent. */
static enum proto_result pass_gate(const struct responder *responder, const struct datagram *in, struct header *header)
{
    const struct server_id *id = &responder->keys->id;
    enum proto_result result = header_decode(in->bytes, in->size, header);
    if (result != PROTO_OK)
        return result;
    if (in->size < PROTO_REQUEST_MIN) /* else our answer could be larger than what caused it */
        return PROTO_SHORT;
    if (sodium_memcmp(header->hint.bytes, id->hint.bytes, sizeof id->hint.bytes) != 0)
        return PROTO_HINT;
    return seal_gate_check(&id->gate_key, in->bytes, in->size) ? PROTO_OK : PROTO_GATE;
}

static struct addrsel_asker asker_of(const struct datagram *in)
{
    return (struct addrsel_asker){.peer = in->peer, .arrival_ifindex = in->local.ifindex, .neighbour = in->to_group};
}

/* From the address that was asked; a group has none, so from the address nearest to the asker on that interface. */
static bool address_reply(const struct responder *responder, const struct datagram *in, struct datagram *out)
{
    const struct addrsel_asker asker = asker_of(in);
    out->peer = in->peer;
    out->local = in->local;
    out->to_group = false;
    return !in->to_group || addrsel_reply_source(responder->links, &asker, &out->local);
}

/* What even a refusal says: no address is in it. */
static struct answer make_answer(const struct responder *responder, const struct query *query)
{
    const struct responder_facts *facts = responder->facts;
    return (struct answer){.nonce = query->nonce,
                           .probe = query->probe,
                           .roster_generation = roster_generation(responder->roster),
                           .instance = facts->instance,
                           .serial = facts->serial,
                           .trust_s = facts->trust_s,
                           .port = facts->service_port};
}

/* answered_from: for a query to a group, the address from which it is answered. */
static void add_addresses(const struct responder *responder, const struct datagram *in,
                          const struct address *answered_from, struct answer *answer)
{
    const struct addrsel_asker asker = asker_of(in);
    struct address arrived = *answered_from;
    arrived.port = responder->facts->query_port;
    answer->arrived = address_to_endpoint(&arrived, 0);
    answer->seen = address_to_endpoint(&in->peer, 0);
    answer->host = responder->facts->host;
    answer->count = (uint8_t)addrsel_list(responder->links, responder->extra_links, &asker,
                                          responder->facts->query_port, answer->endpoints, PROTO_ENDPOINTS_MAX);
}

/* The workstation is on the roster and its signature was verified. */
static void answer_query(struct responder *responder, const struct datagram *in, const struct query *query,
                         const struct message_hash *hash, struct datagram *out)
{
    const struct answer_context context = {.server = &responder->keys->id, .query = *hash};
    struct answer answer = make_answer(responder, query);
    add_addresses(responder, in, &out->local, &answer);
    if (answer.count == 0)
        return;
    out->size = answer_encode(&answer, &context, &responder->keys->secret, out->bytes, in->size);
    responder->counters->answered++;
}

static void refuse_query(struct responder *responder, const struct datagram *in, const struct query *query,
                         const struct message_hash *hash, struct datagram *out)
{
    const struct answer_context context = {.server = &responder->keys->id, .query = *hash};
    struct answer answer = make_answer(responder, query);
    answer.status = ANSWER_REFUSED;
    out->size = answer_encode(&answer, &context, &responder->keys->secret, out->bytes, in->size);
    responder->counters->refused++;
}

static enum proto_result handle_query(struct responder *responder, const struct datagram *in,
                                      const struct responder_time *now, struct datagram *out)
{
    const struct server_public *server = &responder->keys->id.public_key;
    struct query_layout layout;
    struct message_hash hash;
    struct query query;

    enum proto_result result = query_decode(in->bytes, in->size, &query, &layout);
    if (result != PROTO_OK)
        return result;
    const struct station *station = roster_find(responder->roster, &query.workstation);
    if (!station) {
        responder->counters->strangers++;
        return PROTO_OK;
    }
    if (!query_verify(in->bytes, in->size, &layout, server, &station->key))
        return PROTO_SIGNATURE;
    query_hash(in->bytes, &layout, &hash);
    if (query.roster_generation_seen > responder->highest_generation_seen)
        responder->highest_generation_seen = query.roster_generation_seen;
    if (station->revoked_s == 0) {
        answer_query(responder, in, &query, &hash, out);
        roster_seen(responder->roster, &query.workstation, &in->peer, now->wall_s);
    } else if (roster_may_refuse(responder->roster, &query.workstation, now->interval_us)) {
        refuse_query(responder, in, &query, &hash, out);
    }
    return PROTO_OK;
}

static enum proto_result handle_enrolment(struct responder *responder, const struct datagram *in,
                                          const struct responder_time *now, struct datagram *out)
{
    bool joined;
    enum proto_result result = enrolment_reply(responder->enrolment, in, now->wall_s, out, &joined);
    responder->counters->enrolled += joined;
    return result;
}

static enum proto_result dispatch(struct responder *responder, const struct datagram *in,
                                  const struct responder_time *now, struct datagram *out)
{
    struct header header;
    enum proto_result result = pass_gate(responder, in, &header);
    if (result != PROTO_OK)
        return result;
    switch (header.type) {
    case MESSAGE_QUERY:
        return handle_query(responder, in, now, out);
    case MESSAGE_ENROL_REQUEST:
        return handle_enrolment(responder, in, now, out);
    default:
        return PROTO_TYPE; /* replies included: nothing is ever sent in reply to a reply */
    }
}

/* Nobody can be answered there; such senders are forged. */
static bool is_no_sender(const struct address *peer)
{
    return peer->port == 0 || address_is_multicast(peer) || address_is_unspecified(peer);
}

bool responder_handle(struct responder *responder, const struct datagram *in, const struct responder_time *now,
                      struct datagram *out)
{
    out->size = 0;
    responder->counters->received++;
    if (is_no_sender(&in->peer) || !address_reply(responder, in, out))
        return false;
    enum proto_result result = dispatch(responder, in, now, out);
    if (result != PROTO_OK)
        responder->counters->rejected[result]++;
    return result == PROTO_OK && out->size > 0;
}
