/* SPDX-License-Identifier: MIT
 *
 * network.h: IPv4 networks that this workstation is on: which they are, and which addresses they have to ask in a
 * sweep.
 */
#ifndef LOCATOR_NETWORK_H
#define LOCATOR_NETWORK_H

#include "common/platform/gateway.h"
#include "locator/interfaces.h"

/* A network as it is recognised again: its numbers and its router. */
struct network {
    struct address address; /* the first one of the network */
    uint8_t prefix;
    uint8_t router[LINK_ADDRESS_SIZE]; /* all zero: it has none */
};

enum { NETWORKS_MAX = 8, NETWORK_SWEEP_MOST = 1024 };

/* The network of one own address. False when it is not IPv4, or its router is not known at the moment. */
bool network_of(const struct own_address *own, struct network *out) MUST_CHECK;

bool network_equal(const struct network *a, const struct network *b);

/* Private IPv4 (RFC 1918): no other network is ever swept. */
bool network_is_private(const struct network *network);

/* The part of a network to sweep: itself up to NETWORK_SWEEP_MOST addresses, else the /24 around centre. */
struct network network_to_sweep(const struct network *network, const struct address *centre);

/* The count of addresses in a network, its first and last included. */
uint32_t network_size(const struct network *network);

/* False for the network's own and its broadcast address. */
bool network_is_host(const struct network *network, const struct address *address);

/* The number-th address to ask, 0 to network_size() - 1: the centre first, then ever farther from it to both sides,
 * since address servers hand out neighbours. Goes round at the ends. */
struct address network_address(const struct network *network, const struct address *centre, uint32_t number);

#endif
