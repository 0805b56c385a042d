/* SPDX-License-Identifier: MIT
 *
 * agent.h: builds the parts of a running agent, in order, connects them, and takes them down in reverse.
 *
 *     listener -> responder -> listener        netwatch -> links -> responder, listener, serial
 *     control socket -> control                dnssd helper <- advertise
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "agent/settings.h"

struct agent; /* opaque */

/* Everything from identity to sockets, made on first use. Trouble is logged, each with what to do. NULL then. */
struct agent *agent_new(const struct settings *settings, const char *state, const char *control_path);

/* Serves until SIGTERM or SIGINT. */
void agent_run(struct agent *agent);

/* Withdraws the service and closes everything. NULL is fine. */
void agent_free(struct agent *agent);

#endif
