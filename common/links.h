/* SPDX-License-Identifier: MIT
 *
 * links.h: the network interfaces of this machine and their addresses, as values.
 */
#ifndef COMMON_LINKS_H
#define COMMON_LINKS_H

#include "common/addr.h"

#include <net/if.h>

enum { LINKS_MAX = 1024, LINK_ADDRESSES_MAX = 2048 };

enum link_kind {
    LINK_OFFICE,    /* an interface that leads into a real network, as far as the kernel can tell */
    LINK_CONTAINER, /* a bridge without a physical port, veth, tun and other tunnels: of use to nobody in the office,
                       unless a query arrives over it */
    LINK_LOOPBACK,
};

struct link {
    uint32_t ifindex;
    char name[IF_NAMESIZE];
    enum link_kind kind;
    bool up;        /* administratively up and with a carrier */
    bool multicast; /* can do multicast */
};

struct link_address {
    struct address address; /* port 0; the interface is always set */
    uint8_t prefix;         /* bits */
    bool usable;            /* not tentative, failed or deprecated (RFC 4862) */
    bool temporary;         /* a privacy address (RFC 8981), soon replaced */
};

/* What does not fit is left out and complete is false. */
struct links {
    size_t link_count;
    size_t address_count;
    bool complete;
    struct link links[LINKS_MAX];
    struct link_address addresses[LINK_ADDRESSES_MAX];
};

/* NULL when there is none; borrowed from links. */
const struct link *links_by_index(const struct links *links, uint32_t ifindex);

/* True when this is an address of this machine, of whichever interface. */
bool links_have_address(const struct links *links, const struct address *address);

/* True when both describe the same links and addresses; order does not matter to the kernel, so it does to us: the
 * reader of the kernel sorts by interface and address. */
bool links_equal(const struct links *a, const struct links *b);

#endif
