/* SPDX-License-Identifier: MIT */
#include "agent/listener.h"

#include "common/log.h"
#include "common/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Datagrams taken at once before timers and the control socket get their turn. */
enum { BURST = 64 };

struct listening_socket {
    struct listener *listener;
    enum endpoint_family family;
    int fd;
    struct loop_watch *watch;
};

struct listener {
    struct listener_handler handler;
    struct listening_socket sockets[2];
};

static void on_readable(void *context)
{
    const struct listening_socket *from = context;
    const struct listener_handler *handler = &from->listener->handler;
    struct datagram in;
    struct datagram out;
    for (int i = 0; i < BURST && udp_receive(from->fd, &in); i++)
        if (handler->handle(handler->context, &in, &out) && !udp_send(from->fd, &out))
            handler->unsendable(handler->context);
}

static bool open_socket(struct listening_socket *socket, struct loop *loop, uint16_t port)
{
    socket->fd = udp_open(socket->family, port);
    if (socket->fd >= 0)
        socket->watch = loop_watch_new(loop, socket->fd, on_readable, socket);
    return socket->watch != NULL;
}

struct listener *listener_new(struct loop *loop, uint16_t port, const struct listener_handler *handler)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return NULL;
    listener->handler = *handler;
    listener->sockets[0] = (struct listening_socket){.listener = listener, .family = ENDPOINT_IPV4, .fd = -1};
    listener->sockets[1] = (struct listening_socket){.listener = listener, .family = ENDPOINT_IPV6, .fd = -1};
    bool ipv4 = open_socket(&listener->sockets[0], loop, port);
    int why = errno;
    bool ipv6 = open_socket(&listener->sockets[1], loop, port);
    if (ipv4 || ipv6)
        return listener;
    listener_free(listener);
    errno = why;
    return NULL;
}

void listener_free(struct listener *listener)
{
    if (!listener)
        return;
    for (size_t i = 0; i < 2; i++) {
        loop_watch_close(listener->sockets[i].watch);
        if (listener->sockets[i].fd >= 0)
            (void)close(listener->sockets[i].fd);
    }
    free(listener);
}

void listener_join(struct listener *listener, const struct links *links)
{
    for (size_t i = 0; i < links->link_count; i++) {
        const struct link *link = &links->links[i];
        for (size_t j = 0; j < 2 && link->up && link->multicast && link->kind != LINK_LOOPBACK; j++) {
            const struct listening_socket *socket = &listener->sockets[j];
            if (socket->fd >= 0 && !udp_join(socket->fd, socket->family, link->ifindex))
                log_write(LOG_DEBUG, "%s: cannot join the IPv%d group: %s", link->name, (int)socket->family,
                          strerror(errno));
        }
    }
}
