/* SPDX-License-Identifier: MIT
 *
 * roster.h: the workstations that may ask. Looked up by the hash of their key; every change is durable before it is
 * told.
 */
#ifndef AGENT_ROSTER_H
#define AGENT_ROSTER_H

#include "common/addr.h"
#include "common/statefile.h"
#include "proto/types.h"

enum { ROSTER_MAX = 20000 };

struct station {
    struct workstation_public key;
    struct workstation_id id; /* of the key */
    struct name name;
    uint64_t enrolled_s; /* wall clock, as all here */
    uint64_t revoked_s;  /* 0: may ask */

    uint64_t refused_us; /* interval clock: when it was last told that it was revoked; 0: not since the start */

    /* Not kept over a restart. A recorded query that is played back moves it too, so it is a hint for people. */
    uint64_t seen_s; /* 0: not since the agent started */
    struct address seen_from;
};

struct roster;

/* Reads a roster; an absent file is an empty one. On STATEFILE_OK *out is to be freed. */
enum statefile_result roster_open(const char *path, struct roster **out) MUST_CHECK;
void roster_free(struct roster *roster);

/* Grows with each enrolment and revocation. */
uint32_t roster_generation(const struct roster *roster);

/* All stations, revoked ones included, in the order of enrolment. Valid until the next enrolment. */
size_t roster_count(const struct roster *roster);
const struct station *roster_at(const struct roster *roster, size_t index);

/* NULL when unknown. Valid until the next enrolment. */
const struct station *roster_find(const struct roster *roster, const struct workstation_id *id);
/* Among those that may ask; ASCII case does not matter. */
const struct station *roster_find_name(const struct roster *roster, const char *name);

/* Adds a station that is not on the roster yet and writes the file. On failure nothing has changed. */
enum roster_result { ROSTER_OK = 0, ROSTER_FULL, ROSTER_NOT_SAVED };
enum roster_result roster_enrol(struct roster *roster, const struct workstation_public *key, const struct name *name,
                                uint64_t now_s) MUST_CHECK;

/* Shuts a station out for good: its key stays known, so that it can be told. On failure nothing has changed. */
enum roster_result roster_revoke(struct roster *roster, const struct workstation_id *id, uint64_t now_s) MUST_CHECK;

/* False when this station was refused less than a second ago: what it sends must not make us sign as fast as it can. */
bool roster_may_refuse(struct roster *roster, const struct workstation_id *id, uint64_t now_us);

/* A query of this station was verified. */
void roster_seen(struct roster *roster, const struct workstation_id *id, const struct address *from, uint64_t now_s);

#endif
