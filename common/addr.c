/* SPDX-License-Identifier: MIT */
#include "common/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct address address_from_in(const struct in_addr *in, uint16_t port, uint32_t ifindex)
{
    struct address address = {.family = ENDPOINT_IPV4, .port = port, .ifindex = ifindex};
    memcpy(address.bytes, in, sizeof *in);
    return address;
}

struct address address_from_in6(const struct in6_addr *in6, uint16_t port, uint32_t ifindex)
{
    struct address address = {.family = ENDPOINT_IPV6, .port = port, .ifindex = ifindex};
    if (IN6_IS_ADDR_V4MAPPED(in6)) {
        address.family = ENDPOINT_IPV4;
        memcpy(address.bytes, in6->s6_addr + 12, 4);
    } else {
        memcpy(address.bytes, in6, sizeof *in6);
    }
    return address;
}

struct address address_from_sockaddr(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in sin;
        memcpy(&sin, sa, sizeof sin);
        return address_from_in(&sin.sin_addr, ntohs(sin.sin_port), 0);
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 sin6;
        memcpy(&sin6, sa, sizeof sin6);
        return address_from_in6(&sin6.sin6_addr, ntohs(sin6.sin6_port), sin6.sin6_scope_id);
    }
    return (struct address){0};
}

static bool needs_zone(const struct address *address)
{
    return address->family == ENDPOINT_IPV6 && (address_is_link_local(address) || address_is_multicast(address));
}

socklen_t address_to_sockaddr(const struct address *address, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (address->family == ENDPOINT_IPV4) {
        struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(address->port)};
        memcpy(&sin.sin_addr, address->bytes, sizeof sin.sin_addr);
        memcpy(out, &sin, sizeof sin);
        return sizeof sin;
    }
    if (address->family != ENDPOINT_IPV6)
        return 0;
    struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
    memcpy(&sin6.sin6_addr, address->bytes, sizeof sin6.sin6_addr);
    sin6.sin6_scope_id = needs_zone(address) ? address->ifindex : 0;
    memcpy(out, &sin6, sizeof sin6);
    return sizeof sin6;
}

struct address address_from_endpoint(const struct endpoint *endpoint, uint32_t ifindex)
{
    struct in_addr in;
    struct in6_addr in6;
    memcpy(&in, endpoint->addr, sizeof in);
    memcpy(&in6, endpoint->addr, sizeof in6);
    if (endpoint->family == ENDPOINT_IPV4)
        return address_from_in(&in, endpoint->port, ifindex);
    if (endpoint->family == ENDPOINT_IPV6)
        return address_from_in6(&in6, endpoint->port, ifindex);
    return (struct address){0};
}

struct endpoint address_to_endpoint(const struct address *address, uint8_t flags)
{
    struct endpoint endpoint = {.family = address->family, .flags = flags, .port = address->port};
    memcpy(endpoint.addr, address->bytes, sizeof endpoint.addr);
    return endpoint;
}

/* An interface's name or its number (RFC 4007, section 11.2); 0 for neither. */
static uint32_t zone_from_text(const char *zone)
{
    unsigned index = if_nametoindex(zone);
    if (index != 0 || *zone < '0' || *zone > '9')
        return index;
    char *end;
    unsigned long long number = strtoull(zone, &end, 10);
    return *end == '\0' && number <= UINT32_MAX ? (uint32_t)number : 0;
}

bool address_from_text(const char *text, uint16_t port, struct address *out)
{
    char host[ADDRESS_TEXT_MAX];
    struct in_addr in;
    struct in6_addr in6;
    uint32_t ifindex = 0;
    int length = snprintf(host, sizeof host, "%s", text);
    if (length < 0 || (size_t)length >= sizeof host)
        return false;
    if (inet_pton(AF_INET, host, &in) == 1) {
        *out = address_from_in(&in, port, 0);
        return true;
    }
    char *zone = strchr(host, '%');
    if (zone) {
        *zone = '\0';
        ifindex = zone_from_text(zone + 1);
    }
    if (inet_pton(AF_INET6, host, &in6) != 1 || (zone && ifindex == 0))
        return false;
    *out = address_from_in6(&in6, port, ifindex);
    return true;
}

void address_to_text(const struct address *address, char out[ADDRESS_TEXT_MAX])
{
    char zone[IF_NAMESIZE];
    int family = address->family == ENDPOINT_IPV4 ? AF_INET : AF_INET6;
    if (address->family == ENDPOINT_NONE || !inet_ntop(family, address->bytes, out, ADDRESS_TEXT_MAX)) {
        (void)snprintf(out, ADDRESS_TEXT_MAX, "none");
        return;
    }
    if (address->family != ENDPOINT_IPV6 || !address_is_link_local(address) || address->ifindex == 0)
        return;
    size_t length = strlen(out);
    if (if_indextoname(address->ifindex, zone))
        (void)snprintf(out + length, ADDRESS_TEXT_MAX - length, "%%%s", zone);
    else
        (void)snprintf(out + length, ADDRESS_TEXT_MAX - length, "%%%u", (unsigned)address->ifindex);
}

bool address_same_host(const struct address *a, const struct address *b)
{
    if (a->family != b->family || memcmp(a->bytes, b->bytes, sizeof a->bytes) != 0)
        return false;
    return a->ifindex == b->ifindex || !(address_is_link_local(a) || address_is_multicast(a));
}

bool address_equal(const struct address *a, const struct address *b)
{
    return a->port == b->port && address_same_host(a, b);
}

bool address_is_loopback(const struct address *address)
{
    static const uint8_t ipv6_loopback[16] = {[15] = 1};
    if (address->family == ENDPOINT_IPV4)
        return address->bytes[0] == 127;
    return address->family == ENDPOINT_IPV6 && memcmp(address->bytes, ipv6_loopback, sizeof ipv6_loopback) == 0;
}

bool address_is_link_local(const struct address *address)
{
    if (address->family == ENDPOINT_IPV4)
        return address->bytes[0] == 169 && address->bytes[1] == 254;
    return address->family == ENDPOINT_IPV6 && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

bool address_is_multicast(const struct address *address)
{
    if (address->family == ENDPOINT_IPV4)
        return (address->bytes[0] & 0xf0) == 0xe0;
    return address->family == ENDPOINT_IPV6 && address->bytes[0] == 0xff;
}

bool address_is_unspecified(const struct address *address)
{
    static const uint8_t zero[16] = {0};
    return memcmp(address->bytes, zero, sizeof zero) == 0;
}

bool address_in_prefix(const struct address *address, const struct address *network, unsigned prefix)
{
    unsigned whole = prefix / 8;
    unsigned bits = address->family == ENDPOINT_IPV4 ? 32 : 128;
    if (address->family != network->family || address->family == ENDPOINT_NONE || prefix > bits)
        return false;
    if (memcmp(address->bytes, network->bytes, whole) != 0)
        return false;
    unsigned rest = prefix % 8;
    if (rest == 0)
        return true;
    uint8_t mask = (uint8_t)(0xff << (8 - rest));
    return ((address->bytes[whole] ^ network->bytes[whole]) & mask) == 0;
}
