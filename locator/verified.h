/* SPDX-License-Identifier: MIT
 *
 * verified.h: an address that proved itself: it stands in the server's signed list, and a signed exchange succeeded on
 * it. Made by probe_judge() only; whatever hands an address to a program takes this type and no other.
 */
#ifndef LOCATOR_VERIFIED_H
#define LOCATOR_VERIFIED_H

#include "locator/candidate.h"
#include "proto/answer.h"

struct verified {
    struct address address; /* its port is the agent's UDP port; the interface is the one over which it answered */
    enum source source;     /* how it was found */
    struct answer answer;   /* what the server signed */
    uint64_t rtt_us;
};

#endif
