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
    int fd; /* -1: the system does not have this family */
    struct loop_watch *watch;
    size_t joined_count;
    uint32_t joined[LINKS_MAX]; /* interfaces on which it is in our group */
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

/* A system without this family is fine as long as it has the other; a port that is taken is not. */
static bool open_socket(struct listening_socket *socket, struct loop *loop, uint16_t port)
{
    socket->fd = udp_open(socket->family, port);
    if (socket->fd < 0)
        return errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL;
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
    if (open_socket(&listener->sockets[0], loop, port) && open_socket(&listener->sockets[1], loop, port) &&
        (listener->sockets[0].watch || listener->sockets[1].watch))
        return listener;
    int why = errno;
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

static bool is_wanted(const struct link *link)
{
    return link && link->up && link->multicast && link->kind != LINK_LOOPBACK;
}

static bool has_joined(const struct listening_socket *socket, uint32_t ifindex)
{
    for (size_t i = 0; i < socket->joined_count; i++)
        if (socket->joined[i] == ifindex)
            return true;
    return false;
}

/* The kernel counts the memberships of interfaces that are gone towards its limit (20, unless set) until they are left.
 */
static void leave_unwanted(struct listening_socket *socket, const struct links *links)
{
    size_t kept = 0;
    for (size_t i = 0; i < socket->joined_count; i++) {
        uint32_t ifindex = socket->joined[i];
        if (is_wanted(links_by_index(links, ifindex)))
            socket->joined[kept++] = ifindex;
        else
            udp_leave(socket->fd, socket->family, ifindex);
    }
    socket->joined_count = kept;
}

static void join_wanted(struct listening_socket *socket, const struct links *links, enum link_kind kind)
{
    for (size_t i = 0; i < links->link_count; i++) {
        const struct link *link = &links->links[i];
        if (link->kind != kind || !is_wanted(link) || has_joined(socket, link->ifindex))
            continue;
        if (udp_join(socket->fd, socket->family, link->ifindex))
            socket->joined[socket->joined_count++] = link->ifindex;
        else
            log_write(kind == LINK_OFFICE ? LOG_WARNING : LOG_DEBUG,
                      "%s: cannot listen to the IPv%d group: %s; workstations there find the server by other ways",
                      link->name, (int)socket->family, strerror(errno));
    }
}

void listener_join(struct listener *listener, const struct links *links)
{
    for (size_t i = 0; i < 2; i++) {
        struct listening_socket *socket = &listener->sockets[i];
        if (socket->fd < 0)
            continue;
        leave_unwanted(socket, links);
        join_wanted(socket, links, LINK_OFFICE); /* first, since the kernel limits how many there may be */
        join_wanted(socket, links, LINK_CONTAINER);
    }
}
