/* SPDX-License-Identifier: MIT */
#include "common/platform/gateway.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 256, NAME_MAX_BYTES = 32, RTF_GATEWAY_BIT = 2, ATF_COMPLETE = 2 };

/* The router of the first default route over this interface: proc_pid_net(5), "route". */
static bool find_router(const char *interface, struct in_addr *out)
{
    char line[LINE_MAX_BYTES];
    bool found = false;
    FILE *routes = fopen("/proc/net/route", "re");
    while (routes && !found && fgets(line, sizeof line, routes)) {
        char name[NAME_MAX_BYTES];
        unsigned destination;
        unsigned router;
        unsigned flags;
        unsigned mask;
        if (sscanf(line, "%31s %x %x %x %*d %*d %*d %x", name, &destination, &router, &flags, &mask) != 5)
            continue;
        found = strcmp(name, interface) == 0 && destination == 0 && mask == 0 && (flags & RTF_GATEWAY_BIT);
        out->s_addr = router; /* the file shows the bytes as this machine keeps them */
    }
    if (routes)
        (void)fclose(routes);
    return found;
}

static bool read_link_address(const char *text, uint8_t out[LINK_ADDRESS_SIZE])
{
    unsigned bytes[LINK_ADDRESS_SIZE];
    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5]) !=
        LINK_ADDRESS_SIZE)
        return false;
    for (size_t i = 0; i < LINK_ADDRESS_SIZE; i++)
        out[i] = (uint8_t)bytes[i];
    return true;
}

/* The neighbour's link address, where it is complete: proc_pid_net(5), "arp". */
static bool find_neighbour(const char *interface, const struct in_addr *router, uint8_t out[LINK_ADDRESS_SIZE])
{
    char line[LINE_MAX_BYTES];
    char wanted[INET_ADDRSTRLEN];
    bool found = false;
    FILE *neighbours = fopen("/proc/net/arp", "re");
    (void)inet_ntop(AF_INET, router, wanted, sizeof wanted);
    while (neighbours && !found && fgets(line, sizeof line, neighbours)) {
        char address[NAME_MAX_BYTES];
        char link_address[NAME_MAX_BYTES];
        char name[NAME_MAX_BYTES];
        unsigned flags;
        if (sscanf(line, "%31s %*x %x %31s %*s %31s", address, &flags, link_address, name) != 4)
            continue;
        found = strcmp(address, wanted) == 0 && strcmp(name, interface) == 0 && (flags & ATF_COMPLETE) &&
                read_link_address(link_address, out);
    }
    if (neighbours)
        (void)fclose(neighbours);
    return found;
}

enum gateway_result gateway_find(const char *interface, uint8_t out[LINK_ADDRESS_SIZE])
{
    struct in_addr router;
    if (!find_router(interface, &router))
        return GATEWAY_NONE;
    return find_neighbour(interface, &router, out) ? GATEWAY_KNOWN : GATEWAY_UNKNOWN;
}
