/* SPDX-License-Identifier: MIT
 *
 * gateway.h: which network is this? Networks of the same numbers are told apart by their router's link address.
 */
#ifndef COMMON_PLATFORM_GATEWAY_H
#define COMMON_PLATFORM_GATEWAY_H

#include "proto/types.h"

enum { LINK_ADDRESS_SIZE = 6 };

enum gateway_result {
    GATEWAY_KNOWN,   /* *out is written */
    GATEWAY_NONE,    /* this interface has no default route */
    GATEWAY_UNKNOWN, /* it has one, but its router was not heard of lately */
};

/* The link address of the IPv4 default router of this interface, as far as the kernel knows it now; asks nobody. */
enum gateway_result gateway_find(const char *interface, uint8_t out[LINK_ADDRESS_SIZE]) MUST_CHECK;

#endif
