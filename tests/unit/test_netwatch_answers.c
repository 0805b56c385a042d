/* SPDX-License-Identifier: MIT
 *
 * What netwatch makes of answers that the kernel gives rarely: they are bent on their way. Linked with
 * -Wl,--wrap=mnl_socket_recvfrom.
 */
#include "common/platform/netwatch.h"
#include "tests/unit/netspace.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What happens to the next datagram of the kernel's answer. */
enum meddling {
    PASS = 0,
    INTERRUPT = 0x100,  /* it says that the dump was interrupted */
    FAIL = 0x200,       /* it is not received: ENOBUFS */
    HIDE_FLAGS = 0x400, /* addresses come without IFA_FLAGS */
    SET_FLAGS = 0x800,  /* IPv6 addresses carry the IFA_F_* of the lower eight bits */
};

ssize_t __real_mnl_socket_recvfrom(const struct mnl_socket *socket, void *buffer, size_t size);
ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *socket, void *buffer, size_t size);

static int bend_flags(const struct nlattr *attribute, void *data)
{
    const unsigned *meddling = data;
    uint32_t flags = *meddling & 0xff;
    if (mnl_attr_get_type(attribute) != IFA_FLAGS)
        return MNL_CB_OK;
    if (*meddling & HIDE_FLAGS)
        ((struct nlattr *)attribute)->nla_type = IFA_MAX + 1;
    else
        memcpy(mnl_attr_get_payload(attribute), &flags, sizeof flags);
    return MNL_CB_OK;
}

static void bend_addresses(void *buffer, int size, unsigned meddling)
{
    for (struct nlmsghdr *header = buffer; mnl_nlmsg_ok(header, size); header = mnl_nlmsg_next(header, &size)) {
        const struct ifaddrmsg *info = mnl_nlmsg_get_payload(header);
        if (header->nlmsg_type == RTM_NEWADDR && info->ifa_family == AF_INET6)
            mnl_attr_parse(header, sizeof *info, bend_flags, &meddling);
    }
}

ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *socket, void *buffer, size_t size)
{
    unsigned meddling = mock_type(unsigned);
    if (meddling & FAIL) {
        errno = ENOBUFS;
        return -1;
    }
    ssize_t received = __real_mnl_socket_recvfrom(socket, buffer, size);
    if (received > 0 && (meddling & INTERRUPT))
        ((struct nlmsghdr *)buffer)->nlmsg_flags |= NLM_F_DUMP_INTR;
    if (received > 0 && (meddling & (HIDE_FLAGS | SET_FLAGS)))
        bend_addresses(buffer, (int)received, meddling);
    return received;
}

/* What happens to all datagrams after those that were queued before. */
static struct netwatch *watch_new(unsigned meddling)
{
    will_return_maybe(__wrap_mnl_socket_recvfrom, meddling);
    struct netwatch *watch = netwatch_new();
    assert_non_null(watch);
    return watch;
}

/* The network of each case has the addresses only that the case adds. */
static void read_links(struct netwatch *watch, size_t address_count, struct links *out)
{
    assert_true(netwatch_read(watch, out));
    assert_true(out->link_count > 0);
    assert_int_equal(out->address_count, address_count);
    assert_true(out->complete);
}

/* What flags make of an address, as the kernel would set them. */
struct flagged {
    const char *behaviour;
    unsigned flags;
    bool usable;
    bool temporary;
};

static const struct flagged flagged[] = {
    {"address_without_flags_is_usable", 0, true, false},
    {"tentative_address_is_not_usable", IFA_F_TENTATIVE, false, false},
    {"optimistic_address_is_usable", IFA_F_TENTATIVE | IFA_F_OPTIMISTIC, true, false},
    {"optimistic_address_of_another_host_is_not_usable", IFA_F_OPTIMISTIC | IFA_F_DADFAILED, false, false},
    {"optimistic_address_that_is_deprecated_is_not_usable", IFA_F_OPTIMISTIC | IFA_F_DEPRECATED, false, false},
    {"privacy_address_is_temporary", IFA_F_TEMPORARY, true, true},
    {"deprecated_privacy_address_is_not_usable", IFA_F_TEMPORARY | IFA_F_DEPRECATED, false, true},
};

static void flags_are_understood(void **state)
{
    const struct flagged *given = *state;
    struct links links;
    netspace_ip("addr add 2001:db8::1/64 dev lo nodad");
    struct netwatch *watch = watch_new(SET_FLAGS | given->flags);
    read_links(watch, 1, &links);
    assert_int_equal(links.addresses[0].usable, given->usable);
    assert_int_equal(links.addresses[0].temporary, given->temporary);
    netwatch_free(watch);
}

static void kernel_without_wide_flags_is_understood(void **state)
{
    (void)state;
    struct links links;
    netspace_ip("addr add 2001:db8::1/64 dev lo nodad");
    netspace_ip("addr add 2001:db8::2/64 dev lo nodad preferred_lft 0");
    struct netwatch *watch = watch_new(HIDE_FLAGS);
    read_links(watch, 2, &links);
    assert_true(links.addresses[0].usable);
    assert_false(links.addresses[1].usable);
    netwatch_free(watch);
}

static void interrupted_dump_is_asked_for_again(void **state)
{
    (void)state;
    struct links links;
    netspace_ip("addr add 192.0.2.10/24 dev lo");
    will_return(__wrap_mnl_socket_recvfrom, INTERRUPT);
    will_return_count(__wrap_mnl_socket_recvfrom, PASS, 5);
    will_return(__wrap_mnl_socket_recvfrom, INTERRUPT);
    struct netwatch *watch = watch_new(PASS);
    for (int i = 0; i < 3; i++)
        read_links(watch, 1, &links);
    netwatch_free(watch);
}

static void dump_that_is_always_interrupted_is_given_up(void **state)
{
    (void)state;
    struct links links = {.link_count = 99}, untouched = links;
    struct netwatch *watch = watch_new(INTERRUPT);
    assert_false(netwatch_read(watch, &links));
    assert_int_equal(errno, EINTR);
    assert_true(links_equal(&links, &untouched));
    netwatch_free(watch);
}

static void failed_reading_leaves_the_next_one_whole(void **state)
{
    (void)state;
    struct links links = {.link_count = 99}, untouched = links;
    netspace_ip("addr add 192.0.2.10/24 dev lo");
    will_return(__wrap_mnl_socket_recvfrom, PASS);
    will_return(__wrap_mnl_socket_recvfrom, FAIL);
    struct netwatch *watch = watch_new(PASS);
    assert_false(netwatch_read(watch, &links));
    assert_int_equal(errno, ENOBUFS);
    assert_true(links_equal(&links, &untouched));
    read_links(watch, 1, &links);
    netwatch_free(watch);
}

#define IN_OWN_NETWORK(test) cmocka_unit_test_setup(test, netspace_enter)

int main(void)
{
    enum { FLAGGED = sizeof flagged / sizeof *flagged, OTHERS = 4 };
    struct CMUnitTest tests[FLAGGED + OTHERS] = {
        IN_OWN_NETWORK(kernel_without_wide_flags_is_understood),
        IN_OWN_NETWORK(interrupted_dump_is_asked_for_again),
        IN_OWN_NETWORK(dump_that_is_always_interrupted_is_given_up),
        IN_OWN_NETWORK(failed_reading_leaves_the_next_one_whole),
    };
    for (size_t i = 0; i < FLAGGED; i++)
        tests[OTHERS + i] = (struct CMUnitTest){.name = flagged[i].behaviour,
                                                .test_func = flags_are_understood,
                                                .setup_func = netspace_enter,
                                                .initial_state = (void *)&flagged[i]};
    return cmocka_run_group_tests(tests, netspace_become_root, NULL);
}
