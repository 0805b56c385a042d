/* SPDX-License-Identifier: MIT */
#include "locator/network.h"

#include <string.h>

static uint32_t number_of(const struct address *address)
{
    const uint8_t *bytes = address->bytes;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static struct address address_of(uint32_t number, uint32_t ifindex)
{
    struct address address = {.family = ENDPOINT_IPV4, .ifindex = ifindex};
    for (size_t i = 0; i < 4; i++)
        address.bytes[i] = (uint8_t)(number >> (24 - 8 * i) & 0xff);
    return address;
}

static struct network network_around(const struct address *address, uint8_t prefix)
{
    uint32_t mask = prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
    return (struct network){.address = address_of(number_of(address) & mask, address->ifindex), .prefix = prefix};
}

bool network_of(const struct own_address *own, struct network *out)
{
    struct network network;
    if (own->address.family != ENDPOINT_IPV4 || own->prefix > 32)
        return false;
    network = network_around(&own->address, (uint8_t)own->prefix);
    if (gateway_find(own->interface, network.router) == GATEWAY_UNKNOWN)
        return false;
    *out = network;
    return true;
}

bool network_equal(const struct network *a, const struct network *b)
{
    return a->prefix == b->prefix && memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes) == 0 &&
           memcmp(a->router, b->router, sizeof a->router) == 0;
}

bool network_is_private(const struct network *network)
{
    static const struct network privates[] = {
        {.address = {.family = ENDPOINT_IPV4, .bytes = {10}}, .prefix = 8},
        {.address = {.family = ENDPOINT_IPV4, .bytes = {172, 16}}, .prefix = 12},
        {.address = {.family = ENDPOINT_IPV4, .bytes = {192, 168}}, .prefix = 16},
    };
    for (size_t i = 0; i < sizeof privates / sizeof privates[0]; i++)
        if (network->prefix >= privates[i].prefix &&
            address_in_prefix(&network->address, &privates[i].address, privates[i].prefix))
            return true;
    return false;
}

uint32_t network_size(const struct network *network)
{
    return network->prefix == 0 ? UINT32_MAX : (uint32_t)1 << (32 - network->prefix);
}

struct network network_to_sweep(const struct network *network, const struct address *centre)
{
    return network_size(network) <= NETWORK_SWEEP_MOST ? *network : network_around(centre, 24);
}

bool network_is_host(const struct network *network, const struct address *address)
{
    uint32_t offset = number_of(address) - number_of(&network->address);
    return network->prefix > 30 || (offset != 0 && offset != network_size(network) - 1);
}

struct address network_address(const struct network *network, const struct address *centre, uint32_t number)
{
    uint32_t size = network_size(network);
    uint32_t first = number_of(&network->address);
    uint32_t distance = (number + 1) / 2;
    uint32_t offset = (number_of(centre) - first + (number % 2 ? distance : size - distance % size)) % size;
    return address_of(first + offset, network->address.ifindex);
}
