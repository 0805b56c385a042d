/* SPDX-License-Identifier: MIT
 *
 * Against the kernel, in an own network for each case.
 */
#include "common/platform/netwatch.h"
#include "tests/unit/netspace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { CHANGE_TIMEOUT_MS = 5000, CHANGES_MAX = 50, DESCRIPTORS = 64 };

static struct netwatch *watch_new(void)
{
    struct netwatch *watch = netwatch_new();
    assert_non_null(watch);
    return watch;
}

static void read_links(struct netwatch *watch, struct links *out)
{
    assert_true(netwatch_read(watch, out));
}

static bool is_readable(const struct netwatch *watch, int timeout_ms)
{
    struct pollfd descriptor = {.fd = netwatch_fd(watch), .events = POLLIN};
    return poll(&descriptor, 1, timeout_ms) == 1;
}

/* A change is announced, and then it can be read. */
static void see_change(struct netwatch *watch, struct links *out)
{
    assert_true(is_readable(watch, CHANGE_TIMEOUT_MS));
    assert_true(netwatch_drain(watch));
    read_links(watch, out);
}

static const struct link *link_named(const struct links *links, const char *name)
{
    for (size_t i = 0; i < links->link_count; i++) {
        if (strcmp(links->links[i].name, name) == 0)
            return &links->links[i];
    }
    return NULL;
}

static enum link_kind kind_of(const struct links *links, const char *name)
{
    const struct link *link = link_named(links, name);
    assert_non_null(link);
    return link->kind;
}

/* NULL when there is none. */
static const struct link_address *address_of(const struct links *links, const char *text)
{
    char other[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < links->address_count; i++) {
        struct address address = links->addresses[i].address;
        assert_int_not_equal(address.ifindex, 0);
        address.ifindex = 0;
        address_to_text(&address, other);
        if (strcmp(other, text) == 0)
            return &links->addresses[i];
    }
    return NULL;
}

static const struct link_address *some_address_of(const struct links *links, const char *text)
{
    const struct link_address *address = address_of(links, text);
    if (!address)
        fail_msg("%s is not there", text);
    return address;
}

/* The kernel may take a second to tell of a carrier. */
static void await_up(struct netwatch *watch, const char *name, bool up)
{
    struct links links;
    for (int i = 0; i < CHANGES_MAX; i++) {
        see_change(watch, &links);
        const struct link *link = link_named(&links, name);
        assert_non_null(link);
        if (link->up == up)
            return;
    }
    fail_msg("%s does not go %s", name, up ? "up" : "down");
}

static void physical_like_and_virtual_links_are_told_apart(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("link add va type veth peer name vb");
    netspace_ip("link add mv link va type macvlan mode bridge");
    netspace_ip("link add vx type vxlan id 5 dstport 4789 dev va");
    read_links(watch, &links);
    assert_int_equal(kind_of(&links, "lo"), LINK_LOOPBACK);
    assert_int_equal(kind_of(&links, "va"), LINK_CONTAINER);
    assert_int_equal(kind_of(&links, "vb"), LINK_CONTAINER);
    assert_int_equal(kind_of(&links, "mv"), LINK_OFFICE);
    assert_int_equal(kind_of(&links, "vx"), LINK_CONTAINER);
    assert_true(links.complete);
    netwatch_free(watch);
}

static void tun_and_tap_are_container_links(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("tuntap add mode tun name tun0");
    netspace_ip("tuntap add mode tap name tap0");
    read_links(watch, &links);
    assert_int_equal(kind_of(&links, "tun0"), LINK_CONTAINER);
    assert_int_equal(kind_of(&links, "tap0"), LINK_CONTAINER);
    netwatch_free(watch);
}

static void bridge_of_containers_is_a_container_link(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("link add empty type bridge");
    netspace_ip("link add docker0 type bridge");
    netspace_ip("link add va type veth peer name vb");
    netspace_ip("link set va master docker0");
    read_links(watch, &links);
    assert_int_equal(kind_of(&links, "empty"), LINK_CONTAINER);
    assert_int_equal(kind_of(&links, "docker0"), LINK_CONTAINER);
    assert_int_equal(kind_of(&links, "va"), LINK_CONTAINER);
    netwatch_free(watch);
}

static void bridge_with_an_office_port_is_an_office_link_while_it_has_it(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("link add before type bridge");
    netspace_ip("link add va type veth peer name vb");
    netspace_ip("link add mv1 link va type macvlan mode bridge");
    netspace_ip("link add mv2 link va type macvlan mode bridge");
    netspace_ip("link add after type bridge");
    netspace_ip("link set mv1 master before");
    netspace_ip("link set mv2 master after");
    netspace_ip("link set vb master after");
    read_links(watch, &links);
    assert_int_equal(kind_of(&links, "before"), LINK_OFFICE);
    assert_int_equal(kind_of(&links, "after"), LINK_OFFICE);
    assert_int_equal(kind_of(&links, "mv1"), LINK_OFFICE);
    assert_int_equal(kind_of(&links, "vb"), LINK_CONTAINER);
    netspace_ip("link set mv2 nomaster");
    read_links(watch, &links);
    assert_int_equal(kind_of(&links, "before"), LINK_OFFICE);
    assert_int_equal(kind_of(&links, "after"), LINK_CONTAINER);
    netwatch_free(watch);
}

static void link_is_up_with_both_will_and_carrier(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("link add va type veth peer name vb");
    read_links(watch, &links);
    assert_false(link_named(&links, "va")->up);
    assert_true(link_named(&links, "va")->multicast);
    assert_false(link_named(&links, "lo")->up);
    assert_false(link_named(&links, "lo")->multicast);
    netspace_ip("link set lo up");
    netspace_ip("link set va up");
    read_links(watch, &links);
    assert_true(link_named(&links, "lo")->up); /* its operational state is "unknown" */
    assert_false(link_named(&links, "va")->up);
    netspace_ip("link set vb up");
    await_up(watch, "va", true);
    netwatch_free(watch);
}

static void carrier_loss_is_seen(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    netspace_ip("link add va type veth peer name vb");
    netspace_ip("link set va up");
    netspace_ip("link set vb up");
    await_up(watch, "va", true);
    netspace_ip("link set vb down");
    await_up(watch, "va", false);
    netwatch_free(watch);
}

static void nothing_changed_is_nothing_to_read(void **state)
{
    (void)state;
    netspace_ip("link set lo up");
    struct netwatch *watch = watch_new();
    struct links first, second;
    assert_false(netwatch_drain(watch));
    read_links(watch, &first);
    read_links(watch, &second);
    assert_true(links_equal(&first, &second));
    assert_false(is_readable(watch, 0));
    assert_false(netwatch_drain(watch));
    netwatch_free(watch);
}

static void added_and_removed_link_is_seen(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("link add br0 type bridge");
    see_change(watch, &links);
    assert_non_null(link_named(&links, "br0"));
    netspace_ip("link del br0");
    see_change(watch, &links);
    assert_null(link_named(&links, "br0"));
    netwatch_free(watch);
}

static void rename_is_seen(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("link add br0 type bridge");
    see_change(watch, &links);
    uint32_t index = link_named(&links, "br0")->ifindex;
    netspace_ip("link set br0 name fifteen-letters");
    see_change(watch, &links);
    assert_null(link_named(&links, "br0"));
    assert_string_equal(links_by_index(&links, index)->name, "fifteen-letters");
    netwatch_free(watch);
}

static void see_address_come_and_go(const char *text, uint8_t prefix)
{
    struct netwatch *watch = watch_new();
    struct links links;
    char command[64];
    (void)snprintf(command, sizeof command, "addr add %s/%u dev lo", text, (unsigned)prefix);
    netspace_ip(command);
    see_change(watch, &links);
    const struct link_address *address = some_address_of(&links, text);
    assert_int_equal(address->prefix, prefix);
    assert_int_equal(address->address.ifindex, link_named(&links, "lo")->ifindex);
    assert_int_equal(address->address.port, 0);
    (void)snprintf(command, sizeof command, "addr del %s/%u dev lo", text, (unsigned)prefix);
    netspace_ip(command);
    see_change(watch, &links);
    assert_null(address_of(&links, text));
    netwatch_free(watch);
}

static void added_and_removed_address_is_seen(void **state)
{
    (void)state;
    see_address_come_and_go("192.0.2.10", 24);
    see_address_come_and_go("2001:db8::10", 64);
}

static void second_ipv4_address_of_a_network_is_not_temporary(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("addr add 192.0.2.10/24 dev lo");
    netspace_ip("addr add 192.0.2.11/24 dev lo");
    read_links(watch, &links);
    assert_false(some_address_of(&links, "192.0.2.11")->temporary);
    netwatch_free(watch);
}

static void point_to_point_address_is_this_end(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("link set lo up");
    netspace_ip("addr add 192.0.2.1 peer 192.0.2.2/32 dev lo");
    netspace_ip("addr add 2001:db8::1 peer 2001:db8::2/128 dev lo");
    read_links(watch, &links);
    assert_non_null(address_of(&links, "192.0.2.1"));
    assert_null(address_of(&links, "192.0.2.2"));
    assert_non_null(address_of(&links, "2001:db8::1"));
    assert_null(address_of(&links, "2001:db8::2"));
    netwatch_free(watch);
}

static void tentative_and_deprecated_addresses_are_not_usable(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("link add va type veth peer name vb");
    netspace_ip("addr add 2001:db8::1/64 dev va"); /* tentative as long as the link is down */
    netspace_ip("addr add 2001:db8::2/64 dev va nodad");
    netspace_ip("addr add 2001:db8::3/64 dev va nodad preferred_lft 0");
    netspace_ip("addr add 192.0.2.1/24 dev va preferred_lft 0");
    read_links(watch, &links);
    assert_false(some_address_of(&links, "2001:db8::1")->usable);
    assert_true(some_address_of(&links, "2001:db8::2")->usable);
    assert_false(some_address_of(&links, "2001:db8::3")->usable);
    assert_false(some_address_of(&links, "192.0.2.1")->usable);
    netwatch_free(watch);
}

static int order_of(const struct link_address *a, const struct link_address *b)
{
    if (a->address.ifindex != b->address.ifindex)
        return a->address.ifindex < b->address.ifindex ? -1 : 1;
    if (a->address.family != b->address.family)
        return a->address.family < b->address.family ? -1 : 1;
    int order = memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);
    return order != 0 ? order : a->prefix - b->prefix;
}

static void order_of_making_does_not_matter(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links first, second;
    netspace_ip("link add br0 type bridge");
    netspace_ip_each("addr add 192.0.#/32 dev br0", 0, 5);
    netspace_ip_each("addr add 2001:db8::10.0.#/64 dev br0 nodad", 1, 5);
    netspace_ip_each("addr add 192.0.#/32 dev lo", 8, 5);
    netspace_ip("addr add 192.0.0.3/31 dev br0");
    netspace_ip("addr add 192.0.0.3/30 dev br0");
    read_links(watch, &first);
    assert_true(first.address_count >= 17);
    for (size_t i = 1; i < first.address_count; i++)
        assert_true(order_of(&first.addresses[i - 1], &first.addresses[i]) < 0);
    for (size_t i = 1; i < first.link_count; i++)
        assert_true(first.links[i - 1].ifindex < first.links[i].ifindex);
    netspace_ip("addr del 192.0.0.1/32 dev br0");
    netspace_ip("addr add 192.0.0.1/32 dev br0");
    read_links(watch, &second);
    assert_true(links_equal(&first, &second));
    netwatch_free(watch);
}

static void address_above_the_limit_is_left_out_and_said_so(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    read_links(watch, &links);
    assert_true(links.complete);
    unsigned missing = LINK_ADDRESSES_MAX - (unsigned)links.address_count;
    netspace_ip_each("addr add 10.0.#/32 dev lo", 0, missing);
    read_links(watch, &links);
    assert_int_equal(links.address_count, LINK_ADDRESSES_MAX);
    assert_true(links.complete);
    netspace_ip_each("addr add 10.0.#/32 dev lo", missing, 1);
    read_links(watch, &links);
    assert_int_equal(links.address_count, LINK_ADDRESSES_MAX);
    assert_false(links.complete);
    netwatch_free(watch);
}

static void link_above_the_limit_is_left_out_and_said_so(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    netspace_ip("link add va type veth peer name vb");
    read_links(watch, &links);
    unsigned missing = LINKS_MAX - (unsigned)links.link_count;
    netspace_ip_each("link add mv# link va type macvlan mode bridge", 0, missing);
    read_links(watch, &links);
    assert_int_equal(links.link_count, LINKS_MAX);
    assert_true(links.complete);
    netspace_ip_each("link add mv# link va type macvlan mode bridge", missing, 1);
    read_links(watch, &links);
    assert_int_equal(links.link_count, LINKS_MAX);
    assert_false(links.complete);
    netwatch_free(watch);
}

static void lost_notices_count_as_a_change(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    struct links links;
    int least = 1; /* the kernel makes it some 2 kB: two notices */
    assert_int_equal(setsockopt(netwatch_fd(watch), SOL_SOCKET, SO_RCVBUF, &least, sizeof least), 0);
    netspace_ip_each("addr add 10.0.#/32 dev lo", 0, 20);
    see_change(watch, &links);
    assert_int_equal(links.address_count, 20);
    assert_false(is_readable(watch, 0));
    netwatch_free(watch);
}

static void drain_takes_all_that_is_there(void **state)
{
    (void)state;
    struct netwatch *watch = watch_new();
    netspace_ip_each("addr add 10.0.#/32 dev lo", 0, 20);
    assert_true(netwatch_drain(watch));
    assert_false(is_readable(watch, 0));
    assert_false(netwatch_drain(watch));
    netwatch_free(watch);
}

/* How many netlink sockets are open, all of them non-blocking and closed on exec. */
static size_t count_sockets(void)
{
    size_t count = 0;
    for (int descriptor = 0; descriptor < DESCRIPTORS; descriptor++) {
        int domain = 0;
        socklen_t size = sizeof domain;
        if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_NETLINK)
            continue;
        assert_true(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
        assert_true(fcntl(descriptor, F_GETFL) & O_NONBLOCK);
        count++;
    }
    return count;
}

static void sockets_end_on_exec_and_with_the_watch(void **state)
{
    (void)state;
    netwatch_free(NULL);
    size_t before = count_sockets();
    struct netwatch *watch = watch_new();
    assert_int_equal(count_sockets(), before + 2);
    netwatch_free(watch);
    assert_int_equal(count_sockets(), before);
}

static void lack_of_descriptors_is_told_and_leaves_nothing_open(void **state)
{
    (void)state;
    struct rlimit usual, few;
    size_t before = count_sockets();
    int lowest_free = dup(STDIN_FILENO);
    assert_true(lowest_free >= 0);
    close(lowest_free);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    for (rlim_t room = 0; room < 2; room++) {
        few = (struct rlimit){.rlim_cur = (rlim_t)lowest_free + room, .rlim_max = usual.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        errno = 0;
        struct netwatch *watch = netwatch_new();
        int cause = errno;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
        assert_null(watch);
        assert_int_equal(cause, EMFILE);
        assert_int_equal(count_sockets(), before);
    }
}

#define IN_OWN_NETWORK(test) cmocka_unit_test_setup(test, netspace_enter)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_OWN_NETWORK(physical_like_and_virtual_links_are_told_apart),
        IN_OWN_NETWORK(tun_and_tap_are_container_links),
        IN_OWN_NETWORK(bridge_of_containers_is_a_container_link),
        IN_OWN_NETWORK(bridge_with_an_office_port_is_an_office_link_while_it_has_it),
        IN_OWN_NETWORK(link_is_up_with_both_will_and_carrier),
        IN_OWN_NETWORK(carrier_loss_is_seen),
        IN_OWN_NETWORK(nothing_changed_is_nothing_to_read),
        IN_OWN_NETWORK(added_and_removed_link_is_seen),
        IN_OWN_NETWORK(rename_is_seen),
        IN_OWN_NETWORK(added_and_removed_address_is_seen),
        IN_OWN_NETWORK(second_ipv4_address_of_a_network_is_not_temporary),
        IN_OWN_NETWORK(point_to_point_address_is_this_end),
        IN_OWN_NETWORK(tentative_and_deprecated_addresses_are_not_usable),
        IN_OWN_NETWORK(order_of_making_does_not_matter),
        IN_OWN_NETWORK(address_above_the_limit_is_left_out_and_said_so),
        IN_OWN_NETWORK(link_above_the_limit_is_left_out_and_said_so),
        IN_OWN_NETWORK(lost_notices_count_as_a_change),
        IN_OWN_NETWORK(drain_takes_all_that_is_there),
        IN_OWN_NETWORK(sockets_end_on_exec_and_with_the_watch),
        IN_OWN_NETWORK(lack_of_descriptors_is_told_and_leaves_nothing_open),
    };
    return cmocka_run_group_tests(tests, netspace_become_root, NULL);
}
