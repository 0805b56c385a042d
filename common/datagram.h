/* SPDX-License-Identifier: MIT
 *
 * datagram.h: a datagram with where it came from and where it arrived. A plain value between sockets and engines.
 */
#ifndef COMMON_DATAGRAM_H
#define COMMON_DATAGRAM_H

#include "common/addr.h"

struct datagram {
    struct address peer;  /* received: who sent it; to send: who gets it */
    struct address local; /* received: the address and interface where it arrived; to send: from where (bytes of zero
                             and interface 0 leave the choice to the kernel) */
    bool to_group; /* it was sent, or goes, to a multicast group or a broadcast address, to whoever listens there */
    size_t size;
    uint8_t bytes[PROTO_DATAGRAM_MAX + 1]; /* one more, so that a longer datagram is seen to be too long */
};

#endif
