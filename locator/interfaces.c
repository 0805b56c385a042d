/* SPDX-License-Identifier: MIT */
#include "locator/interfaces.h"

#include "common/escape.h"

#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>

static unsigned prefix_of(const struct sockaddr *mask)
{
    unsigned bits = 0;
    struct address address = {0};
    if (mask)
        address = address_from_sockaddr(mask);
    for (size_t i = 0; i < sizeof address.bytes; i++)
        for (uint8_t byte = address.bytes[i]; byte & 0x80; byte = (uint8_t)(byte << 1))
            bits++;
    return bits;
}

/* The last address of the network (RFC 919). Worked out, since an address that was set without naming a broadcast
 * address has none to tell, and the kernel takes this one all the same. */
static struct address broadcast_of(const struct address *own, unsigned prefix)
{
    struct address broadcast = {0};
    if (own->family != ENDPOINT_IPV4 || prefix > 30)
        return broadcast;
    broadcast = *own;
    for (unsigned bit = prefix; bit < 32; bit++)
        broadcast.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    return broadcast;
}

static bool is_usable(const struct ifaddrs *entry)
{
    const unsigned wanted = IFF_UP | IFF_RUNNING;
    return entry->ifa_addr && (entry->ifa_flags & wanted) == wanted && !(entry->ifa_flags & IFF_LOOPBACK);
}

static void add(const struct ifaddrs *entry, struct interfaces *out)
{
    struct own_address own = {.address = address_from_sockaddr(entry->ifa_addr),
                              .prefix = prefix_of(entry->ifa_netmask),
                              .multicast = (entry->ifa_flags & IFF_MULTICAST) != 0};
    uint32_t ifindex = if_nametoindex(entry->ifa_name);
    if (own.address.family == ENDPOINT_NONE || ifindex == 0 || out->count == INTERFACES_MAX)
        return;
    if (entry->ifa_flags & IFF_BROADCAST)
        own.broadcast = broadcast_of(&own.address, own.prefix);
    own.address.ifindex = own.broadcast.ifindex = ifindex;
    (void)snprintf(own.interface, sizeof own.interface, "%s", entry->ifa_name);
    out->items[out->count++] = own;
}

void interfaces_read(struct interfaces *out)
{
    struct ifaddrs *all = NULL;
    *out = (struct interfaces){0};
    if (getifaddrs(&all) != 0)
        return;
    for (const struct ifaddrs *entry = all; entry; entry = entry->ifa_next)
        if (is_usable(entry))
            add(entry, out);
    freeifaddrs(all);
}

bool interfaces_are_on_link(const struct interfaces *interfaces, const struct address *address)
{
    for (size_t i = 0; i < interfaces->count; i++)
        if (address_in_prefix(address, &interfaces->items[i].address, interfaces->items[i].prefix))
            return true;
    return false;
}

void interface_name(uint32_t ifindex, char out[IF_NAMESIZE])
{
    if (!if_indextoname(ifindex, out) || !escape_needless(out, strlen(out)))
        out[0] = '\0';
}

bool interfaces_have_routable(const struct interfaces *interfaces, uint32_t ifindex, enum endpoint_family family)
{
    for (size_t i = 0; i < interfaces->count; i++) {
        const struct address *address = &interfaces->items[i].address;
        if (address->ifindex == ifindex && address->family == family && !address_is_link_local(address))
            return true;
    }
    return false;
}
