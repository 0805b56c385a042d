/* SPDX-License-Identifier: MIT */
#include "common/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for one packet information of either family, aligned as control messages have to be. */
union control {
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    struct cmsghdr align;
};

/* A broken delivery costs one more call; bounded, since errors may be queued faster than they are taken. */
enum { RECEIVE_TRIES = 16 };

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static bool prepare_ipv4(int fd)
{
    return set(fd, SOL_SOCKET, SO_BROADCAST, 1) && set(fd, IPPROTO_IP, IP_PKTINFO, 1) &&
           set(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1) && set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
}

static bool prepare_ipv6(int fd)
{
    return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) && set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
           set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1) && set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
}

static bool prepare(int fd, enum endpoint_family family, uint16_t port)
{
    const struct address any = {.family = (uint8_t)family, .port = port};
    struct sockaddr_storage sa;
    socklen_t size = address_to_sockaddr(&any, &sa);
    if (!(family == ENDPOINT_IPV4 ? prepare_ipv4(fd) : prepare_ipv6(fd)))
        return false;
    return bind(fd, (const struct sockaddr *)&sa, size) == 0;
}

int udp_open(enum endpoint_family family, uint16_t port)
{
    int domain = family == ENDPOINT_IPV4 ? AF_INET : AF_INET6;
    int fd = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || prepare(fd, family, port))
        return fd;
    int why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

struct address udp_group(enum endpoint_family family, uint16_t port, uint32_t ifindex)
{
    struct address group = {.family = (uint8_t)family, .port = port, .ifindex = ifindex};
    if (family == ENDPOINT_IPV4)
        (void)inet_pton(AF_INET, PROTO_GROUP_IPV4, group.bytes);
    else
        (void)inet_pton(AF_INET6, PROTO_GROUP_IPV6, group.bytes);
    return group;
}

static bool change_membership(int fd, enum endpoint_family family, uint32_t ifindex, bool join)
{
    struct address group = udp_group(family, 0, ifindex);
    if (family == ENDPOINT_IPV4) {
        struct ip_mreqn request = {.imr_ifindex = (int)ifindex};
        memcpy(&request.imr_multiaddr, group.bytes, sizeof request.imr_multiaddr);
        int option = join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
        return setsockopt(fd, IPPROTO_IP, option, &request, sizeof request) == 0;
    }
    struct ipv6_mreq request = {.ipv6mr_interface = ifindex};
    memcpy(&request.ipv6mr_multiaddr, group.bytes, sizeof request.ipv6mr_multiaddr);
    int option = join ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP;
    return setsockopt(fd, IPPROTO_IPV6, option, &request, sizeof request) == 0;
}

/* A membership that is there already may be left over from an interface that had this number before, and then is deaf:
 * made anew it is certain. */
bool udp_join(int fd, enum endpoint_family family, uint32_t ifindex)
{
    if (change_membership(fd, family, ifindex, true))
        return true;
    if (errno != EADDRINUSE)
        return false;
    udp_leave(fd, family, ifindex);
    return change_membership(fd, family, ifindex, true);
}

void udp_leave(int fd, enum endpoint_family family, uint32_t ifindex)
{
    (void)change_membership(fd, family, ifindex, false);
}

/* For IPv4 the kernel tells two addresses: where it was sent, and the own one that this stands for. They differ for
 * groups and broadcasts, which no look at the address alone could tell. */
static void read_control(struct msghdr *message, struct datagram *out)
{
    struct address *local = &out->local;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(part), sizeof info);
            *local = address_from_in(&info.ipi_addr, 0, (uint32_t)info.ipi_ifindex);
            out->to_group = info.ipi_spec_dst.s_addr != info.ipi_addr.s_addr;
        } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(part), sizeof info);
            *local = address_from_in6(&info.ipi6_addr, 0, (uint32_t)info.ipi6_ifindex);
            out->to_group = address_is_multicast(local);
        }
    }
}

bool udp_receive(int fd, struct datagram *out)
{
    for (int i = 0; i < RECEIVE_TRIES; i++) {
        union control control;
        struct sockaddr_storage peer;
        struct iovec part = {.iov_base = out->bytes, .iov_len = sizeof out->bytes};
        struct msghdr message = {.msg_name = &peer,
                                 .msg_namelen = sizeof peer,
                                 .msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};
        ssize_t size = recvmsg(fd, &message, 0);
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return false;
        if (size < 0)
            continue;
        out->size = (size_t)size;
        out->peer = address_from_sockaddr((const struct sockaddr *)&peer);
        out->local = (struct address){0};
        out->to_group = false;
        read_control(&message, out);
        out->peer.ifindex = out->local.ifindex;
        return true;
    }
    return false;
}

/* Only where the destination means nothing without an interface: elsewhere routing may know a better one. */
static uint32_t outgoing_interface(const struct datagram *datagram)
{
    const struct address *peer = &datagram->peer;
    return address_is_multicast(peer) || address_is_link_local(peer) ? peer->ifindex : 0;
}

static void write_control(struct msghdr *message, const struct datagram *datagram)
{
    struct cmsghdr *part = CMSG_FIRSTHDR(message);
    uint32_t ifindex = outgoing_interface(datagram);
    if (datagram->peer.family == ENDPOINT_IPV4) {
        struct in_pktinfo info = {.ipi_ifindex = (int)ifindex};
        memcpy(&info.ipi_spec_dst, datagram->local.bytes, sizeof info.ipi_spec_dst);
        part->cmsg_level = IPPROTO_IP;
        part->cmsg_type = IP_PKTINFO;
        part->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(part), &info, sizeof info);
        message->msg_controllen = CMSG_SPACE(sizeof info);
    } else {
        struct in6_pktinfo info = {.ipi6_ifindex = ifindex};
        memcpy(&info.ipi6_addr, datagram->local.bytes, sizeof info.ipi6_addr);
        part->cmsg_level = IPPROTO_IPV6;
        part->cmsg_type = IPV6_PKTINFO;
        part->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(part), &info, sizeof info);
        message->msg_controllen = CMSG_SPACE(sizeof info);
    }
}

bool udp_send(int fd, const struct datagram *datagram)
{
    union control control = {.bytes = {0}};
    struct sockaddr_storage peer;
    struct iovec part = {.iov_base = (void *)datagram->bytes, .iov_len = datagram->size};
    struct msghdr message = {.msg_name = &peer,
                             .msg_namelen = address_to_sockaddr(&datagram->peer, &peer),
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    write_control(&message, datagram);
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)datagram->size;
}
