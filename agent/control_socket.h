/* SPDX-License-Identifier: MIT
 *
 * control_socket.h: the Unix socket on which commands reach a running agent: one JSON object a line in, one out.
 * Only root and the agent's own user are heard (peer credentials, not only the file's mode).
 */
#ifndef AGENT_CONTROL_SOCKET_H
#define AGENT_CONTROL_SOCKET_H

#include "common/loop.h"

#include <jansson.h>

enum { CONTROL_REQUEST_MAX = 4096, CONTROL_CLIENTS_MAX = 16 };

/* Makes the reply to a request; the caller of the handler releases it. */
typedef json_t *control_handler(void *context, const json_t *request);

struct control_socket; /* opaque */

/* Listens at path, whose folder is made when missing; a socket left over there is replaced, so the caller must know
 * that no other agent runs on the same state. NULL on failure, errno tells why. */
struct control_socket *control_socket_new(struct loop *loop, const char *path, control_handler *handler, void *context);

/* Stops listening and removes the file. */
void control_socket_free(struct control_socket *socket);

#endif
