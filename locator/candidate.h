/* SPDX-License-Identifier: MIT
 *
 * candidate.h: an address that somebody claims. Never shown to anybody before it has become a struct verified.
 */
#ifndef LOCATOR_CANDIDATE_H
#define LOCATOR_CANDIDATE_H

#include "common/addr.h"

enum source {
    SOURCE_CACHE,      /* where the server was verified last */
    SOURCE_MULTICAST,  /* our own query to everybody on a link */
    SOURCE_BROADCAST,  /* the same where multicast does not get through; IPv4 */
    SOURCE_DNSSD,      /* read from mDNS through dns_sd.h */
    SOURCE_DNS,        /* a configured name's addresses */
    SOURCE_SWEEP,      /* every address of the network, one by one */
    SOURCE_CONFIGURED, /* a configured address, or one that came with the invitation */
};

enum { SOURCE_COUNT = SOURCE_CONFIGURED + 1 };

struct candidate {
    enum source source;
    struct address to;    /* whom to ask: a host, or a group on one interface */
    bool group;           /* a multicast group or a broadcast address: whoever is there may answer */
    bool once;            /* asked once, not again: there are many of these */
    bool stands_in;       /* an address that the operator typed in counts as listed: he knows what stands between */
    unsigned from_prefix; /* of a group: how many bits of from are the network's */
    struct address from;  /* ENDPOINT_NONE: the kernel chooses */
};

/* As in the JSON key "source"; never NULL. */
const char *source_name(enum source source);

#endif
