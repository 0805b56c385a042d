/* SPDX-License-Identifier: MIT
 *
 * interfaces.h: this workstation's own addresses on networks that can be used now (getifaddrs(3), so on every system).
 */
#ifndef LOCATOR_INTERFACES_H
#define LOCATOR_INTERFACES_H

#include "common/addr.h"

#include <net/if.h>

enum { INTERFACES_MAX = 64 };

struct own_address {
    struct address address;   /* its interface is set */
    struct address broadcast; /* of its network, on the same interface; ENDPOINT_NONE where there is none */
    unsigned prefix;          /* bits */
    bool multicast;           /* the interface can do multicast */
    char interface[IF_NAMESIZE];
};

/* What does not fit is left out: a workstation has a few. */
struct interfaces {
    size_t count;
    struct own_address items[INTERFACES_MAX];
};

/* Those of interfaces that are up, with a carrier, and no loopback. None at all when the system does not tell. */
void interfaces_read(struct interfaces *out);

/* True when the address is on a network of one of these interfaces, without a router between. */
bool interfaces_are_on_link(const struct interfaces *interfaces, const struct address *address);

/* The interface's name, empty when it is gone or its name is not fit to show. */
void interface_name(uint32_t ifindex, char out[IF_NAMESIZE]);

/* True when this interface has an address of this family that is not link-local only. */
bool interfaces_have_routable(const struct interfaces *interfaces, uint32_t ifindex, enum endpoint_family family);

#endif
