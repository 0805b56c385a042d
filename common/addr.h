/* SPDX-License-Identifier: MIT
 *
 * addr.h: a host's view of an address: family, bytes, port and the interface that gives it meaning.
 */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H

#include "proto/types.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* Plain value. The interface matters for link-local and multicast addresses, elsewhere it is a remark. */
struct address {
    uint8_t family;    /* enum endpoint_family; ENDPOINT_NONE: no address */
    uint8_t bytes[16]; /* network order; IPv4 in the first four, the rest zero */
    uint16_t port;     /* host order; 0 where no port is meant */
    uint32_t ifindex;  /* 0: none */
};

/* "fe80::1%interface-name" at the longest, with its NUL. */
enum { ADDRESS_TEXT_MAX = INET6_ADDRSTRLEN + 1 + 16 };

/* IPv4 and IPv6 only (an IPv4-mapped IPv6 address becomes IPv4); everything else gives ENDPOINT_NONE. */
struct address address_from_sockaddr(const struct sockaddr *sa);

/* Returns the length for bind() and sendto(), 0 for no address. The zone is set for link-local and multicast IPv6 only.
 */
socklen_t address_to_sockaddr(const struct address *address, struct sockaddr_storage *out);

struct address address_from_in(const struct in_addr *in, uint16_t port, uint32_t ifindex);
struct address address_from_in6(const struct in6_addr *in6, uint16_t port, uint32_t ifindex);

/* Endpoints carry no interface: theirs is the one over which they were heard. An IPv4-mapped one becomes IPv4. */
struct address address_from_endpoint(const struct endpoint *endpoint, uint32_t ifindex);
struct endpoint address_to_endpoint(const struct address *address, uint8_t flags);

/* "192.0.2.1" or "fe80::1%eth0": numbers only, without port; the zone for link-local IPv6 only (RFC 4007, section 11).
 * Accepts a zone as name or number. */
bool address_from_text(const char *text, uint16_t port, struct address *out) MUST_CHECK;
void address_to_text(const struct address *address, char out[ADDRESS_TEXT_MAX]);

/* The same host: bytes, and the interface where the address is link-local or multicast. */
bool address_same_host(const struct address *a, const struct address *b);
/* The same host and port. */
bool address_equal(const struct address *a, const struct address *b);

bool address_is_loopback(const struct address *address);
bool address_is_link_local(const struct address *address); /* 169.254.0.0/16, fe80::/10 */
bool address_is_multicast(const struct address *address);
bool address_is_unspecified(const struct address *address);

/* True when the first prefix bits of both agree and the families do; never for a prefix longer than the address. */
bool address_in_prefix(const struct address *address, const struct address *network, unsigned prefix);

#endif
