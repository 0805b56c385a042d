/* SPDX-License-Identifier: MIT
 *
 * Against the kernel, over the loopback interface (and for groups a link that leads to a wall) of an own network for
 * each case.
 */
#include "common/udp.h"
#include "tests/unit/netspace.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ARRIVAL_MS = 5000 };

static const enum endpoint_family families[] = {ENDPOINT_IPV4, ENDPOINT_IPV6};

#define EACH_FAMILY(at)                                                                                                \
    size_t at = 0;                                                                                                     \
    (at) < sizeof families / sizeof *families;                                                                         \
    (at)++

static int set_up(void **state)
{
    if (netspace_enter(state) != 0)
        return -1;
    netspace_ip("link set lo up");
    return 0;
}

static uint32_t loopback(void)
{
    return if_nametoindex("lo");
}

static int open_any(enum endpoint_family family)
{
    int fd = udp_open(family, 0);
    assert_true(fd >= 0);
    return fd;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage sa;
    socklen_t size = sizeof sa;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &size), 0);
    return address_from_sockaddr((const struct sockaddr *)&sa).port;
}

static struct address host(const char *text, uint16_t port)
{
    struct address address;
    assert_true(address_from_text(text, port, &address));
    return address;
}

static const char *loopback_text(enum endpoint_family family)
{
    return family == ENDPOINT_IPV4 ? "127.0.0.1" : "::1";
}

static bool arrives(int fd, int timeout_ms)
{
    struct pollfd descriptor = {.fd = fd, .events = POLLIN};
    return poll(&descriptor, 1, timeout_ms) == 1;
}

static void receive(int fd, struct datagram *out)
{
    memset(out, 0xa5, sizeof *out);
    assert_true(arrives(fd, ARRIVAL_MS));
    assert_true(udp_receive(fd, out));
}

static void assert_nothing(int fd)
{
    struct datagram in;
    memset(&in, 0xa5, sizeof in);
    assert_false(udp_receive(fd, &in));
}

static struct datagram datagram_to(const struct address *peer, size_t size)
{
    struct datagram out = {.peer = *peer, .size = size};
    for (size_t i = 0; i < size; i++)
        out.bytes[i] = (uint8_t)(i * 7 + 1);
    return out;
}

static void send_to(int fd, const struct address *peer, size_t size)
{
    const struct datagram out = datagram_to(peer, size);
    assert_true(udp_send(fd, &out));
}

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
    return value;
}

static void close_both(int a, int b)
{
    assert_int_equal(close(a), 0);
    assert_int_equal(close(b), 0);
}

static void a_socket_has_the_port_asked_for_or_one_of_the_kernels(void **state)
{
    (void)state;
    for (EACH_FAMILY(i)) {
        int chosen = open_any(families[i]);
        assert_int_not_equal(port_of(chosen), 0);
        int asked = udp_open(families[i], PROTO_QUERY_PORT);
        assert_int_equal(port_of(asked), PROTO_QUERY_PORT);
        close_both(chosen, asked);
    }
}

/* Both families have the port, for themselves. */
static void a_port_in_use_is_refused_and_says_why(void **state)
{
    (void)state;
    int ipv4 = udp_open(ENDPOINT_IPV4, PROTO_QUERY_PORT);
    int ipv6 = udp_open(ENDPOINT_IPV6, PROTO_QUERY_PORT);
    assert_true(ipv4 >= 0 && ipv6 >= 0);
    for (EACH_FAMILY(i)) {
        errno = 0;
        assert_int_equal(udp_open(families[i], PROTO_QUERY_PORT), -1);
        assert_int_equal(errno, EADDRINUSE);
    }
    /* Nothing was left open by that. */
    int after = dup(ipv4);
    assert_int_equal(after, (ipv4 > ipv6 ? ipv4 : ipv6) + 1);
    assert_int_equal(close(after), 0);
    close_both(ipv4, ipv6);
}

static void a_socket_neither_blocks_nor_outlives_the_program(void **state)
{
    (void)state;
    for (EACH_FAMILY(i)) {
        int fd = open_any(families[i]);
        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_nothing(fd);
        assert_int_equal(close(fd), 0);
    }
}

static void multicast_leaves_with_hop_limit_1(void **state)
{
    (void)state;
    int ipv4 = open_any(ENDPOINT_IPV4);
    int ipv6 = open_any(ENDPOINT_IPV6);
    assert_int_equal(option(ipv4, IPPROTO_IP, IP_MULTICAST_TTL), 1);
    assert_int_equal(option(ipv6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS), 1);
    close_both(ipv4, ipv6);
}

static void a_datagram_arrives_with_peer_and_place_of_arrival(void **state)
{
    (void)state;
    for (EACH_FAMILY(i)) {
        struct datagram in;
        int from = open_any(families[i]);
        int to = open_any(families[i]);
        const struct address here = host(loopback_text(families[i]), port_of(to));
        const struct address peer = host(loopback_text(families[i]), port_of(from));
        const struct datagram sent = datagram_to(&here, 512);
        assert_true(udp_send(from, &sent));
        receive(to, &in);
        assert_int_equal(in.size, 512);
        assert_memory_equal(in.bytes, sent.bytes, 512);
        assert_true(address_equal(&in.peer, &peer));
        assert_int_equal(in.peer.ifindex, loopback());
        assert_true(address_same_host(&in.local, &here));
        assert_int_equal(in.local.ifindex, loopback());
        assert_int_equal(in.local.port, 0);
        assert_false(in.to_group);
        assert_nothing(to);
        close_both(from, to);
    }
}

/* The kernel delivers to an address that ip(8) has added only a moment later: sends until it does. */
static void send_until_delivered(int from, int to, const struct address *peer)
{
    for (int i = 0; i < ARRIVAL_MS / 50; i++) {
        send_to(from, peer, 1);
        if (arrives(to, 50))
            return;
    }
    fail_msg("nothing was delivered");
}

/* All of 127.0.0.0/8 is here: the reply has to come from the address that was asked. */
static void a_reply_leaves_from_where_the_datagram_arrived(void **state)
{
    (void)state;
    static const char *const asked[] = {"127.0.0.77", "fd77::77"};
    netspace_ip("addr add fd77::77/64 dev lo nodad");
    for (EACH_FAMILY(i)) {
        struct datagram in;
        int asker = open_any(families[i]);
        int server = open_any(families[i]);
        const struct address target = host(asked[i], port_of(server));
        send_until_delivered(asker, server, &target);
        receive(server, &in);
        assert_true(address_same_host(&in.local, &target));
        assert_false(in.to_group);
        assert_true(udp_send(server, &in));
        receive(asker, &in);
        assert_true(address_equal(&in.peer, &target));
        close_both(asker, server);
    }
}

static void an_address_that_is_not_ours_cannot_send(void **state)
{
    (void)state;
    static const char *const foreign[] = {"192.0.2.1", "2001:db8::1"};
    for (EACH_FAMILY(i)) {
        int fd = open_any(families[i]);
        const struct address here = host(loopback_text(families[i]), port_of(fd));
        struct datagram out = datagram_to(&here, 1);
        out.local = host(foreign[i], 0);
        errno = 0;
        assert_false(udp_send(fd, &out));
        assert_int_not_equal(errno, 0);
        assert_nothing(fd);
        assert_int_equal(close(fd), 0);
    }
}

static void what_the_system_refuses_to_send_is_told(void **state)
{
    (void)state;
    static const char *const unreachable[] = {"192.0.2.1", "2001:db8::1"};
    for (EACH_FAMILY(i)) {
        int fd = open_any(families[i]);
        const struct address nowhere = host(unreachable[i], 9);
        const struct datagram out = datagram_to(&nowhere, 1);
        errno = 0;
        assert_false(udp_send(fd, &out));
        assert_int_equal(errno, ENETUNREACH);
        assert_int_equal(close(fd), 0);
    }
}

static void an_empty_datagram_is_received_with_size_0(void **state)
{
    (void)state;
    for (EACH_FAMILY(i)) {
        struct datagram in;
        int from = open_any(families[i]);
        int to = open_any(families[i]);
        const struct address here = host(loopback_text(families[i]), port_of(to));
        send_to(from, &here, 0);
        receive(to, &in);
        assert_int_equal(in.size, 0);
        assert_int_equal(in.peer.port, port_of(from));
        assert_nothing(to);
        close_both(from, to);
    }
}

/* Sends size bytes past udp_send(), which has no room for so many. */
static void send_long(int fd, const struct address *peer, size_t size)
{
    static const uint8_t bytes[2 * PROTO_DATAGRAM_MAX] = {1};
    struct sockaddr_storage sa;
    socklen_t sa_size = address_to_sockaddr(peer, &sa);
    assert_true(size <= sizeof bytes);
    assert_int_equal(sendto(fd, bytes, size, 0, (const struct sockaddr *)&sa, sa_size), size);
}

static void the_longest_datagram_is_whole_and_a_longer_one_seen_to_be_so(void **state)
{
    (void)state;
    static const size_t longer[] = {PROTO_DATAGRAM_MAX + 1, PROTO_DATAGRAM_MAX + 2, 2 * PROTO_DATAGRAM_MAX};
    for (EACH_FAMILY(i)) {
        struct datagram in;
        int from = open_any(families[i]);
        int to = open_any(families[i]);
        const struct address here = host(loopback_text(families[i]), port_of(to));
        const struct datagram sent = datagram_to(&here, PROTO_DATAGRAM_MAX);
        assert_true(udp_send(from, &sent));
        receive(to, &in);
        assert_int_equal(in.size, PROTO_DATAGRAM_MAX);
        assert_memory_equal(in.bytes, sent.bytes, PROTO_DATAGRAM_MAX);
        for (size_t k = 0; k < sizeof longer / sizeof *longer; k++) {
            send_long(from, &here, longer[k]);
            receive(to, &in);
            assert_int_equal(in.size, PROTO_DATAGRAM_MAX + 1);
        }
        assert_nothing(to);
        close_both(from, to);
    }
}

static void datagrams_are_taken_one_by_one_in_order(void **state)
{
    (void)state;
    struct datagram in;
    int from = open_any(ENDPOINT_IPV4);
    int to = open_any(ENDPOINT_IPV4);
    const struct address here = host("127.0.0.1", port_of(to));
    for (size_t size = 1; size <= 5; size++)
        send_to(from, &here, size);
    for (size_t size = 1; size <= 5; size++) {
        receive(to, &in);
        assert_int_equal(in.size, size);
    }
    assert_nothing(to);
    close_both(from, to);
}

/* The error of a datagram that nobody took stands in front of one that came in. */
static void a_broken_delivery_is_skipped(void **state)
{
    (void)state;
    for (EACH_FAMILY(i)) {
        struct datagram in;
        struct sockaddr_storage sa;
        int asker = open_any(families[i]);
        int server = open_any(families[i]);
        const struct address there = host(loopback_text(families[i]), port_of(server));
        const struct address back = host(loopback_text(families[i]), port_of(asker));
        socklen_t size = address_to_sockaddr(&there, &sa);
        assert_int_equal(connect(asker, (const struct sockaddr *)&sa, size), 0);
        assert_int_equal(close(server), 0);
        assert_int_equal(send(asker, "x", 1, 0), 1);
        struct pollfd error = {.fd = asker};
        assert_int_equal(poll(&error, 1, ARRIVAL_MS), 1);
        assert_true(error.revents & POLLERR);
        server = udp_open(families[i], there.port);
        assert_true(server >= 0);
        send_to(server, &back, 3);
        assert_true(udp_receive(asker, &in));
        assert_int_equal(in.size, 3);
        close_both(asker, server);
    }
}

static void the_error_of_a_broken_delivery_alone_is_no_datagram(void **state)
{
    (void)state;
    struct sockaddr_storage sa;
    int asker = open_any(ENDPOINT_IPV4);
    int server = open_any(ENDPOINT_IPV4);
    const struct address there = host("127.0.0.1", port_of(server));
    socklen_t size = address_to_sockaddr(&there, &sa);
    assert_int_equal(connect(asker, (const struct sockaddr *)&sa, size), 0);
    assert_int_equal(close(server), 0);
    assert_int_equal(send(asker, "x", 1, 0), 1);
    assert_true(arrives(asker, ARRIVAL_MS));
    assert_nothing(asker);
    assert_false(arrives(asker, 0));
    assert_int_equal(close(asker), 0);
}

static void what_is_no_socket_gives_nothing(void **state)
{
    (void)state;
    assert_nothing(-1);
}

static void the_group_is_the_protocols_on_one_interface(void **state)
{
    (void)state;
    static const char *const texts[] = {PROTO_GROUP_IPV4, PROTO_GROUP_IPV6};
    for (EACH_FAMILY(i)) {
        const struct address group = udp_group(families[i], PROTO_QUERY_PORT, 7);
        struct address expected = host(texts[i], PROTO_QUERY_PORT);
        expected.ifindex = 7;
        assert_true(address_equal(&group, &expected));
        assert_int_equal(group.family, families[i]);
        assert_int_equal(group.ifindex, 7);
        assert_true(address_is_multicast(&group));
    }
}

static void joining_twice_is_fine_and_joining_nowhere_is_not(void **state)
{
    (void)state;
    for (EACH_FAMILY(i)) {
        int fd = open_any(families[i]);
        assert_true(udp_join(fd, families[i], loopback()));
        assert_true(udp_join(fd, families[i], loopback()));
        assert_false(udp_join(fd, families[i], 4711));
        assert_int_equal(close(fd), 0);
    }
}

/* A link of the own network's, at whose other end nobody is. */
static uint32_t make_office(void)
{
    netspace_ip("link add office type veth peer name wall");
    netspace_ip("link set wall up");
    netspace_ip("link set office up");
    netspace_ip("addr add 10.77.0.10/24 broadcast 10.77.0.255 dev office");
    netspace_ip("addr add fe80::77/64 dev office nodad");
    return if_nametoindex("office");
}

static void a_group_that_was_left_is_not_heard_until_it_is_joined_again(void **state)
{
    (void)state;
    const uint32_t office = make_office();
    for (EACH_FAMILY(i)) {
        struct datagram in;
        int from = open_any(families[i]);
        int to = open_any(families[i]);
        const struct address group = udp_group(families[i], port_of(to), office);
        assert_true(udp_join(to, families[i], office));
        udp_leave(to, families[i], office);
        udp_leave(to, families[i], office);
        udp_leave(to, families[i], 4711);
        send_to(from, &group, 1);
        assert_nothing(to);
        assert_true(udp_join(to, families[i], office));
        assert_true(udp_join(to, families[i], office));
        send_to(from, &group, 2);
        receive(to, &in);
        assert_int_equal(in.size, 2);
        close_both(from, to);
    }
}

static void a_broadcast_is_sent_and_seen_to_be_one(void **state)
{
    (void)state;
    struct datagram in;
    (void)make_office();
    int from = open_any(ENDPOINT_IPV4);
    int to = open_any(ENDPOINT_IPV4);
    const struct address everybody = host("10.77.0.255", port_of(to));
    const struct address one = host("10.77.0.10", port_of(to));
    send_to(from, &everybody, 5);
    receive(to, &in);
    assert_int_equal(in.size, 5);
    assert_true(address_same_host(&in.local, &everybody));
    assert_true(in.to_group);
    send_to(from, &one, 6);
    receive(to, &in);
    assert_int_equal(in.size, 6);
    assert_false(in.to_group);
    close_both(from, to);
}

/* Another program on this machine has joined: that must not make us hear the group. */
static void the_group_is_heard_by_those_alone_that_joined(void **state)
{
    (void)state;
    const uint32_t office = make_office();
    for (EACH_FAMILY(i)) {
        struct datagram in;
        int from = open_any(families[i]);
        int joined = udp_open(families[i], 0);
        const struct address group = udp_group(families[i], port_of(joined), office);
        assert_true(udp_join(joined, families[i], office));
        send_to(from, &group, 4);
        receive(joined, &in);
        assert_int_equal(in.size, 4);
        assert_true(address_same_host(&in.local, &group));
        assert_true(in.to_group);
        assert_int_equal(in.peer.port, port_of(from));
        const struct address other = udp_group(families[i], port_of(from), office);
        send_to(joined, &other, 4);
        send_to(joined, &group, 1); /* whatever was sent before it has been delivered by then */
        receive(joined, &in);
        assert_nothing(from);
        close_both(from, joined);
    }
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_socket_has_the_port_asked_for_or_one_of_the_kernels),
        CASE(a_port_in_use_is_refused_and_says_why),
        CASE(a_socket_neither_blocks_nor_outlives_the_program),
        CASE(multicast_leaves_with_hop_limit_1),
        CASE(a_datagram_arrives_with_peer_and_place_of_arrival),
        CASE(a_reply_leaves_from_where_the_datagram_arrived),
        CASE(an_address_that_is_not_ours_cannot_send),
        CASE(what_the_system_refuses_to_send_is_told),
        CASE(an_empty_datagram_is_received_with_size_0),
        CASE(the_longest_datagram_is_whole_and_a_longer_one_seen_to_be_so),
        CASE(datagrams_are_taken_one_by_one_in_order),
        CASE(a_broken_delivery_is_skipped),
        CASE(the_error_of_a_broken_delivery_alone_is_no_datagram),
        CASE(what_is_no_socket_gives_nothing),
        CASE(the_group_is_the_protocols_on_one_interface),
        CASE(joining_twice_is_fine_and_joining_nowhere_is_not),
        CASE(a_group_that_was_left_is_not_heard_until_it_is_joined_again),
        CASE(a_broadcast_is_sent_and_seen_to_be_one),
        CASE(the_group_is_heard_by_those_alone_that_joined),
    };
    return cmocka_run_group_tests(tests, netspace_become_root, NULL);
}
