/* SPDX-License-Identifier: MIT
 *
 * control.h: what a running agent answers to its commands. Request in, reply out, as JSON; the socket is
 * control_socket.h, the people's side of it the cmd_*.c files.
 */
#ifndef AGENT_CONTROL_H
#define AGENT_CONTROL_H

#include "agent/advertise.h"
#include "agent/responder.h"
#include "agent/settings.h"

#include <jansson.h>

/* What the commands see and change; all borrowed from the agent. */
struct control {
    const struct settings *settings;
    const struct server_keys *keys;
    const struct responder_facts *facts;
    const struct links *links;
    const struct counters *counters;
    const struct advertise *advertise; /* NULL: switched off */
    struct roster *roster;
    struct invitations *invitations;
    uint64_t started_s; /* wall clock */
};

enum {
    CONTROL_INVITE_DEFAULT_S = 24 * 3600,
    CONTROL_INVITE_MOST_S = 90 * 24 * 3600,
};

/* The reply to {"command": NAME, ...}: an object, with the key "error" when it could not be done. The caller releases
 * it. */
json_t *control_answer(const struct control *control, const json_t *request, uint64_t now_s);

#endif
