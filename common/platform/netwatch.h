/* SPDX-License-Identifier: MIT
 *
 * netwatch.h: reads the machine's links and addresses from the kernel and tells when they change (rtnetlink on Linux).
 */
#ifndef COMMON_PLATFORM_NETWATCH_H
#define COMMON_PLATFORM_NETWATCH_H

#include "common/links.h"

struct netwatch; /* opaque; holds two sockets: one subscribed to changes, one for questions */

/* NULL on failure; errno tells why. Changes from here on are seen. Free with netwatch_free(); NULL is fine there. */
struct netwatch *netwatch_new(void);
void netwatch_free(struct netwatch *watch);

/* Becomes readable when something changed. */
int netwatch_fd(const struct netwatch *watch);

/* Takes all that is there to read off the descriptor without waiting; true when links or addresses may have changed
 * (lost messages included), so that netwatch_read() is due. */
bool netwatch_drain(struct netwatch *watch);

/* Asks the kernel for the present state, sorted by interface, then address. Takes well under a millisecond on a usual
 * machine. *out is written on success only; errno tells why not. */
bool netwatch_read(struct netwatch *watch, struct links *out) MUST_CHECK;

#endif
