/* SPDX-License-Identifier: MIT
 *
 * counters.h: what the network did to us, in numbers: what packets can trigger is counted here, never logged one by
 * one.
 */
#ifndef AGENT_COUNTERS_H
#define AGENT_COUNTERS_H

#include "proto/result.h"

#include <stdint.h>

struct counters {
    uint64_t received;
    uint64_t answered;
    uint64_t refused; /* told to a revoked workstation */
    uint64_t enrolled;
    uint64_t strangers; /* knew the server's public key, but are not on the roster */
    uint64_t unsendable;
    uint64_t rejected[PROTO_RESULT_COUNT]; /* by reason */
};

#endif
