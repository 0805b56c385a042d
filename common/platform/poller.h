/* SPDX-License-Identifier: MIT
 *
 * poller.h: waits for several descriptors through one (epoll on Linux), so that a search fits any program's event loop.
 */
#ifndef COMMON_PLATFORM_POLLER_H
#define COMMON_PLATFORM_POLLER_H

#include "proto/types.h"

/* A descriptor of its own that is readable when one of the added ones is; -1 on failure, errno tells why. close()
 * it. */
int poller_open(void);

/* Readability of fd from now on. It leaves by being closed. */
bool poller_add(int poller, int fd) MUST_CHECK;

/* The same for who changes his mind: what fd is watched for from now on, nothing at all included. */
void poller_watch(int poller, int fd, bool reading, bool writing);

/* Waits until something is readable or the time is over; 0 only looks. Interruptions by signals end the wait early. */
void poller_wait(int poller, uint64_t timeout_us);

#endif
