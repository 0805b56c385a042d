/* SPDX-License-Identifier: MIT
 *
 * udp.h: datagrams between sockets and struct datagram, with the interface and address where each arrived (packet
 * information: ip(7), RFC 3542), which no event library hands through.
 */
#ifndef COMMON_UDP_H
#define COMMON_UDP_H

#include "common/datagram.h"

/* A non-blocking socket of one family on all addresses; port 0 leaves the choice to the kernel. Multicast goes out with
 * hop limit 1 and comes in only for groups that this socket joined. -1 on failure, errno tells why. close() it. */
int udp_open(enum endpoint_family family, uint16_t port);

/* Joins the group of our protocol on one interface. Joined already is fine. */
bool udp_join(int fd, enum endpoint_family family, uint32_t ifindex) MUST_CHECK;

/* Leaves it again, also when the interface is gone. */
void udp_leave(int fd, enum endpoint_family family, uint32_t ifindex);

/* The group of our protocol on one interface, as a destination. */
struct address udp_group(enum endpoint_family family, uint16_t port, uint32_t ifindex);

/* Takes one datagram. Its peer's interface is the one over which it arrived, a longer one than PROTO_DATAGRAM_MAX is
 * cut to one byte more. False when there is none to take; broken deliveries (ICMP errors) are skipped. */
bool udp_receive(int fd, struct datagram *out) MUST_CHECK;

/* Sends one datagram. False, with errno, when the system refuses. */
bool udp_send(int fd, const struct datagram *datagram) MUST_CHECK;

#endif
