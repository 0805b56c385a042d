/* SPDX-License-Identifier: MIT
 *
 * advertise.h: keeps the DNS-SD service registered, through a helper process (dnssd_register.c) that is started again
 * with growing delays whenever it ends: the mDNS daemon may be absent, restarted, hung. Nothing else waits for it.
 */
#ifndef AGENT_ADVERTISE_H
#define AGENT_ADVERTISE_H

#include "common/loop.h"
#include "proto/types.h"

struct advertise; /* opaque; holds a process */

/* All borrowed until advertise_free(). */
struct advertise_settings {
    const char *helper; /* path of dnssd-register */
    const struct name *practice;
    const struct fingerprint *fingerprint;
    uint16_t service_port;
    uint16_t query_port;
};

/* Starts at once. NULL when there is no memory. */
struct advertise *advertise_new(struct loop *loop, const struct advertise_settings *settings);

/* Withdraws the service: waits at most a second for the helper to say goodbye. */
void advertise_free(struct advertise *advertise);

enum advertise_state {
    ADVERTISE_TRYING,     /* the helper runs and has not been heard yet */
    ADVERTISE_REGISTERED, /* under the name that advertise_name() gives */
    ADVERTISE_ABSENT,     /* no mDNS daemon, or it went away; tried again later */
    ADVERTISE_CONFLICT,   /* the name is taken; another is tried later */
};

enum advertise_state advertise_state(const struct advertise *advertise);
const char *advertise_state_name(enum advertise_state state);

/* The instance name registered last, or being tried. */
const struct name *advertise_name(const struct advertise *advertise);

#endif
