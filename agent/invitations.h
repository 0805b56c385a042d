/* SPDX-License-Identifier: MIT
 *
 * invitations.h: the open and the used-up invitations. Each lets one workstation join, until it expires. Every change
 * is durable before it is told; expiry is judged by the later of the clock and the latest time ever seen, so that
 * setting the clock back opens nothing again.
 */
#ifndef AGENT_INVITATIONS_H
#define AGENT_INVITATIONS_H

#include "common/statefile.h"
#include "proto/types.h"

enum {
    INVITATIONS_MAX = 256,
    INVITATION_KEPT_S = 30 * 24 * 3600, /* how long a dead one can still say why: expired, used */
};

struct invitation {
    struct selector selector;
    struct token_secret secret;
    struct name name; /* for the workstation; empty: it takes its host name */
    uint64_t expires_s;
    bool used;
    struct workstation_public used_by;
};

struct invitations;

/* Reads the file; an absent one is empty. On STATEFILE_OK *out is to be freed (and its secrets are wiped then). */
enum statefile_result invitations_open(const char *path, struct invitations **out) MUST_CHECK;
void invitations_free(struct invitations *invitations);

/* How many could be used now. */
size_t invitations_count_open(const struct invitations *invitations, uint64_t now_s);

/* Makes a new one with a random selector and secret. expires_s is meant by the clock of now_s: where that lags behind
 * the latest time ever seen, expiry moves by as much, so that a clock that once leapt ahead does not kill what is made
 * later. NULL when there are too many (*result is STATEFILE_TOO_LONG) or it cannot be saved. Valid until the next
 * change. */
const struct invitation *invitations_add(struct invitations *invitations, const struct name *name, uint64_t expires_s,
                                         uint64_t now_s, enum statefile_result *result) MUST_CHECK;

/* NULL when unknown. Valid until the next invitations_add(). */
const struct invitation *invitations_find(const struct invitations *invitations, const struct selector *selector);

bool invitations_expired(const struct invitations *invitations, const struct invitation *invitation, uint64_t now_s);

/* Somebody is about to be told that this one has expired: from now on it has, whatever becomes of the clock. */
void invitations_expire(struct invitations *invitations, const struct invitation *invitation, uint64_t now_s);

/* Marks one as used by this workstation. On failure nothing has changed. */
enum statefile_result invitations_use(struct invitations *invitations, const struct selector *selector,
                                      const struct workstation_public *station, uint64_t now_s) MUST_CHECK;

#endif
