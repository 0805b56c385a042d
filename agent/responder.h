/* SPDX-License-Identifier: MIT
 *
 * responder.h: datagram in, datagram or silence out. A state machine without I/O: links, keys, clock are handed in.
 *
 *     datagram -> size, header, hint, gate -> roster -> signature -> addrsel -> answer
 *                                          -> invitation -> MAC, signature -> reply      (enrolment.c)
 *
 * Each step is cheaper than the next, and a datagram costs at most one signature check. To whoever fails, silence.
 */
#ifndef AGENT_RESPONDER_H
#define AGENT_RESPONDER_H

#include "agent/counters.h"
#include "agent/enrolment.h"
#include "common/conf.h"
#include "common/links.h"
#include "proto/answer.h"

/* What answers say besides addresses. */
struct responder_facts {
    struct name host;
    uint16_t query_port;   /* our UDP port */
    uint16_t service_port; /* the practice service's port */
    uint32_t trust_s;
    struct instance instance;
    uint64_t serial;
};

struct responder {
    /* All borrowed; the owner keeps them current. */
    const struct server_keys *keys;
    const struct responder_facts *facts;
    const struct links *links;
    const struct conf_list *extra_links;
    struct roster *roster;
    struct enrolment *enrolment;
    struct counters *counters;

    uint32_t highest_generation_seen; /* own state: of the roster, as workstations were told it */
};

struct responder_time {
    uint64_t interval_us;
    uint64_t wall_s;
};

/* True when *out, addressed and complete, is to be sent. Never logs. An answer without an address is never sent: it
 * would only look as if somebody stood between. */
bool responder_handle(struct responder *responder, const struct datagram *in, const struct responder_time *now,
                      struct datagram *out) MUST_CHECK;

#endif
