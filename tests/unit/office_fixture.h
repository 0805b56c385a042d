/* SPDX-License-Identifier: MIT
 *
 * office_fixture.h: a server and a workstation as values, without sockets: keys from fixed seeds, links by hand.
 *
 * The server has 10.77.0.10/24, fd77::10/64 and fe80::10 on eth0, 192.168.5.10/24 on eth1, and a container bridge with
 * 172.17.0.1; the workstation asks from 10.77.0.100 and is enrolled.
 */
#ifndef TESTS_OFFICE_FIXTURE_H
#define TESTS_OFFICE_FIXTURE_H

#include "agent/responder.h"
#include "common/keys.h"
#include "locator/probe.h"

enum { ETH0 = 2, ETH1 = 3, DOCKER0 = 4 };

struct office {
    char folder[64];
    struct server_keys server;
    struct workstation_keys station;
    struct workstation_keys stranger; /* knows the server's public key, is not on the roster */
    struct links links;
    struct conf_list extra_links;
    struct roster *roster;
    struct invitations *invitations;
    struct name practice;
    struct responder_facts facts;
    struct enrolment enrolment;
    struct counters counters;
    struct responder responder;
};

void office_open(struct office *office);
void office_close(struct office *office);

/* "10.77.0.10" and so on, with the agent's port. */
struct address office_address(const char *text, uint16_t port);

/* A query as it arrives: from the workstation, to this address on eth0. */
struct datagram office_query(const struct office *office, const struct workstation_keys *from, const char *to);

/* Hands a datagram to the responder; true when it answered. */
bool office_handle(struct office *office, const struct datagram *in, struct datagram *out);

/* The reply on its way back: who sent it becomes who it comes from. */
struct datagram office_arrive(const struct datagram *sent, uint32_t ifindex);

#endif
