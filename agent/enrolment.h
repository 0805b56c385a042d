/* SPDX-License-Identifier: MIT
 *
 * enrolment.h: request in, reply or silence out. Puts a workstation on the roster when it proves to hold an invitation.
 */
#ifndef AGENT_ENROLMENT_H
#define AGENT_ENROLMENT_H

#include "agent/invitations.h"
#include "agent/roster.h"
#include "common/datagram.h"
#include "common/keys.h"
#include "proto/result.h"

struct enrolment {
    const struct server_keys *keys;
    const struct name *practice;
    struct roster *roster;
    struct invitations *invitations;
};

/* Replies to one request whose gate was checked. PROTO_OK: out->bytes and size hold the reply, or size is 0 because no
 * such invitation exists; *joined tells whether a workstation is new on the roster. Else the reason for silence. Both
 * files are written before the reply exists, the invitation first: after a crash in between the same workstation simply
 * tries again. */
enum proto_result enrolment_reply(struct enrolment *enrolment, const struct datagram *in, uint64_t now_s,
                                  struct datagram *out, bool *joined) MUST_CHECK;

#endif
