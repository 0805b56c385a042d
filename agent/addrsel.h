/* SPDX-License-Identifier: MIT
 *
 * addrsel.h: which of this server's addresses can this asker use? Pure: links and asker are given.
 *
 * Never listed: loopback, link-local addresses of another link, and addresses of container links, but for the interface
 * on which the query arrived and those that the operator named. docs/protocol.md, "Answer".
 */
#ifndef AGENT_ADDRSEL_H
#define AGENT_ADDRSEL_H

#include "common/conf.h"
#include "common/links.h"

struct addrsel_asker {
    struct address peer;      /* who asks; its interface does not matter */
    uint32_t arrival_ifindex; /* where the query came in */
    bool neighbour;           /* on that link for certain: groups and broadcasts are not routed */
};

/* Fills out, best first, and returns the count, at most room, which is at most PROTO_ENDPOINTS_MAX: addresses on the
 * asker's own link (its prefix) first, the asker's family before the other, stable addresses before temporary ones,
 * link-local ones last. Each carries port and flags. extra_links are interface names or globs (fnmatch(3)) that count
 * as office links. */
size_t addrsel_list(const struct links *links, const struct conf_list *extra_links, const struct addrsel_asker *asker,
                    uint16_t port, struct endpoint *out, size_t room);

/* From which address a query that came by multicast is answered: one of the arrival interface, on the asker's prefix
 * when there is one, link-local to link-local. False when that interface has no address of the asker's family. */
bool addrsel_reply_source(const struct links *links, const struct addrsel_asker *asker, struct address *out) MUST_CHECK;

#endif
