/* SPDX-License-Identifier: MIT
 *
 * listener.h: the agent's two UDP sockets, IPv4 and IPv6: each datagram goes to the handler, and what it gives back
 * goes out.
 */
#ifndef AGENT_LISTENER_H
#define AGENT_LISTENER_H

#include "common/datagram.h"
#include "common/links.h"
#include "common/loop.h"

struct listener; /* opaque; holds sockets */

struct listener_handler {
    /* True when *out is to be sent. */
    bool (*handle)(void *context, const struct datagram *in, struct datagram *out);
    /* The system refused to send. */
    void (*unsendable)(void *context);
    void *context;
};

/* Opens both sockets on this port (one is enough where the system does not have the other family) and listens. NULL on
 * failure, also when only one of them could have the port; errno tells why. */
struct listener *listener_new(struct loop *loop, uint16_t port, const struct listener_handler *handler);
void listener_free(struct listener *listener);

/* Joins the multicast groups on every link that is up and can do it, office links first, and leaves them elsewhere.
 * Called again whenever the links change. */
void listener_join(struct listener *listener, const struct links *links);

#endif
