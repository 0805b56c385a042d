/* SPDX-License-Identifier: MIT
 *
 * peer.h: who is at the other end of a Unix socket, by the kernel's word.
 */
#ifndef COMMON_PLATFORM_PEER_H
#define COMMON_PLATFORM_PEER_H

#include "proto/types.h"

#include <sys/types.h>

bool peer_uid(int fd, uid_t *out) MUST_CHECK;

#endif
