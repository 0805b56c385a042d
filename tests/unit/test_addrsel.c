/* SPDX-License-Identifier: MIT */
#include "agent/addrsel.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PORT = 21234, LIST_MAX = PROTO_ENDPOINTS_MAX, TEXT_MAX = 512 };

/* A server, somebody who asks, and what they are told. An interface's index is its place in links, from 1. */
struct office {
    const char *behaviour;
    const char *links;     /* "NAME[:FLAGS] ..."; c a container link, d down; lo is loopback, all else an office link */
    const char *addresses; /* "LINK ADDRESS/PREFIX [unusable] [temporary], ..." */
    const char *asker;     /* "ADDRESS over LINK" */
    const char *extra_link; /* NULL: none */
    size_t room;            /* 0: plenty */
    const char *list;       /* "ADDRESS FLAGS, ..."; o on the arrival link, l link-local, - none */
};

static const struct office offices[] = {
    {.behaviour = "one_nic_gives_its_address_and_no_loopback",
     .links = "lo eth0",
     .addresses = "lo 127.0.0.1/8, lo ::1/128, eth0 192.0.2.10/24",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.10 o"},
    {.behaviour = "no_address_gives_an_empty_list",
     .links = "lo eth0",
     .addresses = "",
     .asker = "192.0.2.20 over eth0",
     .list = ""},
    {.behaviour = "loopback_multicast_and_unspecified_addresses_of_an_office_link_are_left_out",
     .links = "lo eth0",
     .addresses = "eth0 0.0.0.0/0, eth0 ::/0, eth0 127.0.0.2/8, eth0 ::1/128, eth0 224.0.0.1/4, eth0 ff02::1/16, "
                  "eth0 192.0.2.10/24",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.10 o"},
    {.behaviour = "two_nics_asker_on_the_first",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth1 198.51.100.10/24",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.10 o, 198.51.100.10 -"},
    {.behaviour = "two_nics_asker_on_the_second",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth1 198.51.100.10/24",
     .asker = "198.51.100.20 over eth1",
     .list = "198.51.100.10 o, 192.0.2.10 -"},
    {.behaviour = "two_networks_on_one_nic_the_askers_first",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.10/24, eth0 198.51.100.10/24",
     .asker = "198.51.100.20 over eth0",
     .list = "198.51.100.10 o, 192.0.2.10 o"},
    {.behaviour = "prefix_of_another_link_does_not_come_first",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth1 192.0.2.11/24",
     .asker = "192.0.2.20 over eth1",
     .list = "192.0.2.11 o, 192.0.2.10 -"},
    {.behaviour = "last_address_of_the_prefix_is_inside_the_next_is_not",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.126/26, eth0 192.0.2.129/25",
     .asker = "192.0.2.128 over eth0",
     .list = "192.0.2.129 o, 192.0.2.126 o"},
    {.behaviour = "routed_asker_gets_the_arrival_link_first",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth1 198.51.100.10/24",
     .asker = "203.0.113.5 over eth1",
     .list = "198.51.100.10 o, 192.0.2.10 -"},
    {.behaviour = "askers_family_comes_before_the_other",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.10/24, eth0 2001:db8::10/64",
     .asker = "2001:db8:9::1 over eth0",
     .list = "2001:db8::10 o, 192.0.2.10 o"},
    {.behaviour = "own_prefix_weighs_more_than_stability",
     .links = "lo eth0 eth1",
     .addresses = "eth0 2001:db8:1::10/64, eth1 2001:db8:2::77/64 temporary",
     .asker = "2001:db8:2::5 over eth1",
     .list = "2001:db8:2::77 o, 2001:db8:1::10 -"},
    {.behaviour = "family_weighs_more_than_stability",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.10/24, eth0 2001:db8::77/64 temporary",
     .asker = "2001:db8:9::1 over eth0",
     .list = "2001:db8::77 o, 192.0.2.10 o"},
    {.behaviour = "stable_address_comes_before_a_temporary_one",
     .links = "lo eth0",
     .addresses = "eth0 2001:db8::1/64 temporary, eth0 2001:db8::10/64",
     .asker = "2001:db8::5 over eth0",
     .list = "2001:db8::10 o, 2001:db8::1 o"},
    {.behaviour = "link_local_comes_last_even_to_a_link_local_asker",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth0 2001:db8::10/64, eth0 fe80::10/64, eth1 10.0.0.1/8",
     .asker = "fe80::20 over eth0",
     .list = "2001:db8::10 o, 192.0.2.10 o, 10.0.0.1 -, fe80::10 ol"},
    {.behaviour = "link_local_asker_shares_every_prefix_of_the_link",
     .links = "lo eth0 eth1",
     .addresses = "eth0 2001:db8:1::10/64, eth1 192.0.2.10/24",
     .asker = "fe80::20 over eth1",
     .list = "192.0.2.10 o, 2001:db8:1::10 -"},
    {.behaviour = "link_local_of_another_link_is_left_out",
     .links = "lo eth0 eth1",
     .addresses = "eth0 169.254.1.1/16, eth0 fe80::10/64, eth1 169.254.2.2/16, eth1 fe80::11/64",
     .asker = "fe80::20 over eth1",
     .list = "fe80::11 ol, 169.254.2.2 ol"},
    {.behaviour = "link_local_is_for_an_asker_in_a_prefix_of_the_link",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.10/24, eth0 fe80::10/64",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.10 o, fe80::10 ol"},
    {.behaviour = "link_local_is_not_for_a_routed_asker",
     .links = "lo eth0",
     .addresses = "eth0 169.254.1.1/16, eth0 192.0.2.10/24, eth0 fe80::10/64",
     .asker = "203.0.113.5 over eth0",
     .list = "192.0.2.10 o"},
    {.behaviour = "prefix_of_another_link_does_not_make_a_neighbour",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth1 198.51.100.10/24, eth1 fe80::11/64",
     .asker = "192.0.2.20 over eth1",
     .list = "198.51.100.10 o, 192.0.2.10 -"},
    {.behaviour = "deprecated_prefix_still_tells_a_neighbour",
     .links = "lo eth0",
     .addresses = "eth0 2001:db8::10/64 unusable, eth0 fe80::10/64",
     .asker = "2001:db8::5 over eth0",
     .list = "fe80::10 ol"},
    {.behaviour = "link_local_only_ipv4",
     .links = "lo eth0",
     .addresses = "lo 127.0.0.1/8, eth0 169.254.1.1/16",
     .asker = "169.254.9.9 over eth0",
     .list = "169.254.1.1 ol"},
    {.behaviour = "link_local_asker_is_a_neighbour_without_a_common_prefix",
     .links = "lo eth0",
     .addresses = "eth0 fe80::10/64",
     .asker = "169.254.9.9 over eth0",
     .list = "fe80::10 ol"},
    {.behaviour = "ipv6_only_office",
     .links = "lo eth0",
     .addresses = "lo ::1/128, eth0 2001:db8::10/64, eth0 fd00::10/64, eth0 fe80::10/64",
     .asker = "fd00::20 over eth0",
     .list = "fd00::10 o, 2001:db8::10 o, fe80::10 ol"},
    {.behaviour = "docker_bridge_and_veth_are_left_out",
     .links = "lo eth0 docker0:c veth1a2b:c",
     .addresses = "lo 127.0.0.1/8, eth0 192.0.2.10/24, docker0 172.17.0.1/16, veth1a2b fe80::44/64",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.10 o"},
    {.behaviour = "docker_bridge_is_listed_to_a_container_that_asks",
     .links = "lo eth0 docker0:c veth1a2b:c",
     .addresses = "lo 127.0.0.1/8, eth0 192.0.2.10/24, docker0 172.17.0.1/16, veth1a2b fe80::44/64",
     .asker = "172.17.0.5 over docker0",
     .list = "172.17.0.1 o, 192.0.2.10 -"},
    {.behaviour = "tunnel_is_left_out",
     .links = "lo eth0 tun0:c",
     .addresses = "eth0 192.0.2.10/24, tun0 10.8.0.1/24",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.10 o"},
    {.behaviour = "tunnel_is_listed_to_an_asker_within_it",
     .links = "lo eth0 tun0:c",
     .addresses = "eth0 192.0.2.10/24, tun0 10.8.0.1/24",
     .asker = "10.8.0.5 over tun0",
     .list = "10.8.0.1 o, 192.0.2.10 -"},
    {.behaviour = "vpn_asker_routed_by_the_office_router",
     .links = "lo eth0 tun0:c",
     .addresses = "eth0 192.0.2.10/24, eth0 fe80::10/64, tun0 10.8.0.1/24",
     .asker = "10.9.0.5 over eth0",
     .list = "192.0.2.10 o"},
    {.behaviour = "named_link_counts_as_office",
     .links = "lo eth0 tun0:c",
     .addresses = "eth0 192.0.2.10/24, tun0 10.8.0.1/24",
     .asker = "192.0.2.20 over eth0",
     .extra_link = "tun0",
     .list = "192.0.2.10 o, 10.8.0.1 -"},
    {.behaviour = "glob_names_links",
     .links = "lo eth0 docker0:c veth1a2b:c",
     .addresses = "lo 127.0.0.1/8, eth0 192.0.2.10/24, docker0 172.17.0.1/16, veth1a2b fe80::44/64",
     .asker = "192.0.2.20 over eth0",
     .extra_link = "dock*[0-9]",
     .list = "192.0.2.10 o, 172.17.0.1 -"},
    {.behaviour = "part_of_a_name_names_nothing",
     .links = "lo eth0 tun0:c",
     .addresses = "eth0 192.0.2.10/24, tun0 10.8.0.1/24",
     .asker = "192.0.2.20 over eth0",
     .extra_link = "tun",
     .list = "192.0.2.10 o"},
    {.behaviour = "glob_of_everything_still_lists_no_loopback_address",
     .links = "lo eth0 tun0:c",
     .addresses = "lo 127.0.0.1/8, lo ::1/128, eth0 192.0.2.10/24, tun0 10.8.0.1/24",
     .asker = "127.0.0.1 over lo",
     .extra_link = "*",
     .list = "192.0.2.10 -, 10.8.0.1 -"},
    {.behaviour = "tentative_and_deprecated_addresses_are_left_out",
     .links = "lo eth0",
     .addresses = "eth0 2001:db8::10/64 unusable, eth0 2001:db8::11/64",
     .asker = "2001:db8::5 over eth0",
     .list = "2001:db8::11 o"},
    {.behaviour = "link_that_is_down_is_left_out",
     .links = "lo eth0 eth1:d",
     .addresses = "eth0 192.0.2.10/24, eth1 198.51.100.10/24",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.10 o"},
    {.behaviour = "naming_a_link_that_is_down_does_not_list_it",
     .links = "lo eth0 tun0:cd",
     .addresses = "eth0 192.0.2.10/24, tun0 10.8.0.1/24",
     .asker = "192.0.2.20 over eth0",
     .extra_link = "tun0",
     .list = "192.0.2.10 o"},
    {.behaviour = "address_of_an_unknown_link_is_left_out",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.10/24, gone0 198.51.100.10/24",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.10 o"},
    {.behaviour = "address_on_two_links_is_listed_once_at_its_best",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth1 192.0.2.10/24",
     .asker = "192.0.2.20 over eth1",
     .list = "192.0.2.10 o"},
    {.behaviour = "same_bytes_of_the_other_family_are_another_address",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.10/24, eth0 c000:20a::/64",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.10 o, c000:20a:: o"},
    {.behaviour = "address_with_two_prefixes_leaves_room_for_another",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/16, eth0 192.0.2.10/24, eth1 198.51.100.10/24",
     .asker = "192.0.2.20 over eth0",
     .room = 2,
     .list = "192.0.2.10 o, 198.51.100.10 -"},
    {.behaviour = "more_addresses_than_room_keeps_the_best",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth0 fe80::10/64, eth1 2001:db8::1/64, eth1 198.51.100.1/24",
     .asker = "198.51.100.20 over eth1",
     .room = 2,
     .list = "198.51.100.1 o, 192.0.2.10 -"},
    {.behaviour = "as_many_addresses_as_room_lists_all",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth1 198.51.100.1/24",
     .asker = "192.0.2.20 over eth0",
     .room = 2,
     .list = "192.0.2.10 o, 198.51.100.1 -"},
    {.behaviour = "loopback_asker_gets_the_office_addresses",
     .links = "lo eth0 docker0:c veth1a2b:c",
     .addresses = "lo 127.0.0.1/8, eth0 192.0.2.10/24, eth0 2001:db8::7/64 temporary, eth0 2001:db8::10/64, eth0 "
                  "fe80::10/64, docker0 172.17.0.1/16",
     .asker = "127.0.0.1 over lo",
     .list = "192.0.2.10 -, 2001:db8::10 -, 2001:db8::7 -"},
    {.behaviour = "asker_on_this_machine_gets_the_network_that_it_asked_on_first",
     .links = "lo eth0 eth1",
     .addresses = "lo 127.0.0.1/8, eth0 192.0.2.10/24, eth1 198.51.100.10/24",
     .asker = "198.51.100.10 over lo",
     .list = "198.51.100.10 -, 192.0.2.10 -"},
    {.behaviour = "routable_address_on_loopback_is_left_out_even_as_arrival_link",
     .links = "lo eth0",
     .addresses = "lo 198.51.100.1/32, eth0 192.0.2.10/24",
     .asker = "198.51.100.1 over lo",
     .list = "192.0.2.10 -"},
    {.behaviour = "named_loopback_link_lists_its_routable_address",
     .links = "lo eth0",
     .addresses = "lo 127.0.0.1/8, lo 198.51.100.1/32, eth0 192.0.2.10/24",
     .asker = "192.0.2.20 over eth0",
     .extra_link = "lo",
     .list = "192.0.2.10 o, 198.51.100.1 -"},
};

/* The asker, the office and the source of the answer to a multicast query; "none" when there is none. */
static const struct office sources[] = {
    {.behaviour = "source_is_of_the_arrival_interface",
     .links = "lo eth0 eth1",
     .addresses = "eth0 192.0.2.10/24, eth1 192.0.2.11/24",
     .asker = "192.0.2.20 over eth1",
     .list = "192.0.2.11"},
    {.behaviour = "source_is_in_the_askers_prefix",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.10/24, eth0 198.51.100.10/24",
     .asker = "198.51.100.20 over eth0",
     .list = "198.51.100.10"},
    {.behaviour = "source_outside_the_askers_prefix_is_better_than_none",
     .links = "lo eth0",
     .addresses = "eth0 169.254.1.1/16, eth0 192.0.2.10/24",
     .asker = "198.51.100.20 over eth0",
     .list = "192.0.2.10"},
    {.behaviour = "source_to_a_link_local_asker_is_link_local",
     .links = "lo eth0",
     .addresses = "eth0 2001:db8::10/64, eth0 fe80::10/64",
     .asker = "fe80::20 over eth0",
     .list = "fe80::10"},
    {.behaviour = "source_to_a_link_local_asker_outside_the_prefix_is_link_local",
     .links = "lo eth0",
     .addresses = "eth0 2001:db8::10/64, eth0 fe80::10/64",
     .asker = "fe80:1::20 over eth0",
     .list = "fe80::10"},
    {.behaviour = "source_to_a_link_local_asker_may_be_routable",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.10/24",
     .asker = "169.254.9.9 over eth0",
     .list = "192.0.2.10"},
    {.behaviour = "source_to_a_routable_asker_may_be_link_local",
     .links = "lo eth0",
     .addresses = "eth0 fe80::10/64",
     .asker = "2001:db8::5 over eth0",
     .list = "fe80::10"},
    {.behaviour = "source_is_stable_when_it_can_be",
     .links = "lo eth0",
     .addresses = "eth0 2001:db8::1/64 temporary, eth0 2001:db8::10/64",
     .asker = "2001:db8::5 over eth0",
     .list = "2001:db8::10"},
    {.behaviour = "source_in_the_prefix_may_be_temporary",
     .links = "lo eth0",
     .addresses = "eth0 2001:db8:1::10/64, eth0 2001:db8:2::1/64 temporary",
     .asker = "2001:db8:2::5 over eth0",
     .list = "2001:db8:2::1"},
    {.behaviour = "source_is_usable",
     .links = "lo eth0",
     .addresses = "eth0 192.0.2.10/24 unusable, eth0 192.0.2.11/24",
     .asker = "192.0.2.20 over eth0",
     .list = "192.0.2.11"},
    {.behaviour = "source_of_the_other_family_is_none",
     .links = "lo eth0 eth1",
     .addresses = "eth0 2001:db8::10/64, eth1 192.0.2.10/24",
     .asker = "192.0.2.20 over eth0",
     .list = "none"},
    {.behaviour = "source_on_loopback_is_loopback",
     .links = "lo eth0",
     .addresses = "lo 127.0.0.1/8, eth0 192.0.2.10/24",
     .asker = "127.0.0.1 over lo",
     .list = "127.0.0.1"},
};

static struct address address_of(const char *text, uint32_t ifindex)
{
    struct in_addr in;
    struct in6_addr in6;
    if (inet_pton(AF_INET, text, &in) == 1)
        return address_from_in(&in, 0, ifindex);
    assert_int_equal(inet_pton(AF_INET6, text, &in6), 1);
    return address_from_in6(&in6, 0, ifindex);
}

/* The index of a link's name; that of no link when it is not there. */
static uint32_t index_of(const struct links *links, const char *name)
{
    for (size_t i = 0; i < links->link_count; i++) {
        if (strcmp(links->links[i].name, name) == 0)
            return links->links[i].ifindex;
    }
    return LINKS_MAX + 1;
}

static void add_links(struct links *links, const char *description)
{
    char text[TEXT_MAX], *rest = NULL;
    (void)snprintf(text, sizeof text, "%s", description);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        struct link *link = &links->links[links->link_count++];
        const char *flags = strchr(word, ':');
        *link = (struct link){.ifindex = (uint32_t)links->link_count, .multicast = true};
        (void)snprintf(link->name, sizeof link->name, "%.*s", (int)strcspn(word, ":"), word);
        link->up = !(flags && strchr(flags, 'd'));
        link->kind = flags && strchr(flags, 'c') ? LINK_CONTAINER : LINK_OFFICE;
        if (strcmp(link->name, "lo") == 0)
            link->kind = LINK_LOOPBACK;
    }
}

static void add_addresses(struct links *links, const char *description)
{
    char text[TEXT_MAX], *rest = NULL;
    (void)snprintf(text, sizeof text, "%s", description);
    for (char *item = strtok_r(text, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        char link[IF_NAMESIZE], host[INET6_ADDRSTRLEN];
        unsigned prefix;
        assert_int_equal(sscanf(item, " %15s %45[^/]/%u", link, host, &prefix), 3);
        links->addresses[links->address_count++] = (struct link_address){
            .address = address_of(host, index_of(links, link)),
            .prefix = (uint8_t)prefix,
            .usable = !strstr(item, "unusable"),
            .temporary = strstr(item, "temporary"),
        };
    }
}

static void build(const struct office *office, struct links *out)
{
    *out = (struct links){.complete = true};
    add_links(out, office->links);
    add_addresses(out, office->addresses);
}

static struct addrsel_asker asker_of(const struct office *office, const struct links *links)
{
    char peer[INET6_ADDRSTRLEN], arrival[IF_NAMESIZE];
    assert_int_equal(sscanf(office->asker, "%45s over %15s", peer, arrival), 2);
    return (struct addrsel_asker){.peer = address_of(peer, 0), .arrival_ifindex = index_of(links, arrival)};
}

static void append(char *text, size_t size, const struct endpoint *endpoint)
{
    char host[INET6_ADDRSTRLEN];
    int family = endpoint->family == ENDPOINT_IPV4 ? AF_INET : AF_INET6;
    size_t length = strlen(text);
    assert_non_null(inet_ntop(family, endpoint->addr, host, sizeof host));
    assert_int_equal(endpoint->port, PORT);
    (void)snprintf(text + length, size - length, "%s%s %s%s%s", length > 0 ? ", " : "", host,
                   endpoint->flags & ENDPOINT_OWN_LINK ? "o" : "", endpoint->flags & ENDPOINT_LINK_LOCAL ? "l" : "",
                   endpoint->flags == 0 ? "-" : "");
}

static void asker_is_told(void **state)
{
    const struct office *office = *state;
    struct links links;
    struct conf_list extra_links = {0};
    struct endpoint list[LIST_MAX];
    char text[TEXT_MAX] = "";
    build(office, &links);
    struct addrsel_asker asker = asker_of(office, &links);
    if (office->extra_link) {
        extra_links.count = 2;
        (void)snprintf(extra_links.items[0], CONF_TEXT_MAX, "%s", "other");
        (void)snprintf(extra_links.items[1], CONF_TEXT_MAX, "%s", office->extra_link);
    }
    size_t room = office->room > 0 ? office->room : LIST_MAX;
    size_t count = addrsel_list(&links, &extra_links, &asker, PORT, list, room);
    assert_true(count <= room);
    for (size_t i = 0; i < count; i++)
        append(text, sizeof text, &list[i]);
    assert_string_equal(text, office->list);
}

static void source_is_chosen(void **state)
{
    const struct office *office = *state;
    struct links links;
    struct address untouched = address_of("203.0.113.99", 99), source = untouched;
    build(office, &links);
    struct addrsel_asker asker = asker_of(office, &links);
    bool chosen = addrsel_reply_source(&links, &asker, &source);
    if (strcmp(office->list, "none") == 0) {
        assert_false(chosen);
        assert_memory_equal(&source, &untouched, sizeof source);
        return;
    }
    assert_true(chosen);
    struct address expected = address_of(office->list, asker.arrival_ifindex);
    assert_true(address_equal(&source, &expected));
    assert_int_equal(source.ifindex, asker.arrival_ifindex);
}

static void no_room_lists_nothing(void **state)
{
    (void)state;
    struct links links;
    struct conf_list extra_links = {0};
    build(&offices[0], &links);
    struct addrsel_asker asker = asker_of(&offices[0], &links);
    assert_int_equal(addrsel_list(&links, &extra_links, &asker, PORT, NULL, 0), 0);
}

static void of_a_full_table_the_first_are_listed_in_its_order(void **state)
{
    (void)state;
    struct links links = {.link_count = 1, .address_count = LINK_ADDRESSES_MAX};
    struct conf_list extra_links = {0};
    struct addrsel_asker asker = {.peer = address_of("192.0.2.20", 0), .arrival_ifindex = 2};
    struct endpoint list[LIST_MAX];
    links.links[0] = (struct link){.ifindex = 2, .name = "eth0", .up = true};
    for (size_t i = 0; i < LINK_ADDRESSES_MAX; i++) {
        struct link_address *address = &links.addresses[i];
        *address = (struct link_address){.address = address_of("10.0.0.1", 2), .prefix = 32, .usable = true};
        address->address.bytes[1] = (uint8_t)(i / 256);
        address->address.bytes[2] = (uint8_t)(i % 256);
    }
    assert_int_equal(addrsel_list(&links, &extra_links, &asker, PORT, list, LIST_MAX), LIST_MAX);
    for (size_t i = 0; i < LIST_MAX; i++)
        assert_memory_equal(list[i].addr, links.addresses[i].address.bytes, sizeof list[i].addr);
}

static struct CMUnitTest test_of(const struct office *office, CMUnitTestFunction function)
{
    return (struct CMUnitTest){.name = office->behaviour, .test_func = function, .initial_state = (void *)office};
}

int main(void)
{
    enum { OFFICES = sizeof offices / sizeof *offices, SOURCES = sizeof sources / sizeof *sources };
    struct CMUnitTest tests[OFFICES + SOURCES + 2] = {
        cmocka_unit_test(no_room_lists_nothing),
        cmocka_unit_test(of_a_full_table_the_first_are_listed_in_its_order),
    };
    for (size_t i = 0; i < OFFICES; i++)
        tests[2 + i] = test_of(&offices[i], asker_is_told);
    for (size_t i = 0; i < SOURCES; i++)
        tests[2 + OFFICES + i] = test_of(&sources[i], source_is_chosen);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
