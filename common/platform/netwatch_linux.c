/* SPDX-License-Identifier: MIT */
#include "common/platform/netwatch.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum {
    DUMP_SIZE = 32768,  /* as much as the kernel ever puts into one datagram of a dump */
    READ_ATTEMPTS = 16, /* how often a dump that a change interrupted is asked for */
    FORGET_MAX = 4096,  /* datagrams; more than the dump of any machine has */
    NOTICE_SIZE = 512,  /* change notices are counted, not read: cutting them is fine */
    ATTRIBUTES = 32,    /* above every attribute type that is read here */
};

/* What one reading gathers. A bridge may come before its ports, so it is judged when all are known. */
struct reading {
    struct links links;
    uint32_t masters[LINKS_MAX]; /* by position in links.links: the interface that this one is enslaved to, or 0 */
};

struct netwatch {
    struct mnl_socket *changes;
    struct mnl_socket *questions;
    unsigned sequence;
    struct reading reading;
    alignas(struct nlmsghdr) uint8_t buffer[DUMP_SIZE];
};

/* Neither socket waits: when sendto() has returned, the first part of the kernel's answer is there to read. */
static struct mnl_socket *open_socket(unsigned groups)
{
    struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (!socket || mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID) == 0)
        return socket;
    int cause = errno;
    mnl_socket_close(socket);
    errno = cause;
    return NULL;
}

struct netwatch *netwatch_new(void)
{
    struct netwatch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    watch->changes = open_socket(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
    if (watch->changes)
        watch->questions = open_socket(0);
    if (watch->questions)
        return watch;
    int cause = errno;
    netwatch_free(watch);
    errno = cause;
    return NULL;
}

void netwatch_free(struct netwatch *watch)
{
    if (!watch)
        return;
    if (watch->questions)
        mnl_socket_close(watch->questions);
    if (watch->changes)
        mnl_socket_close(watch->changes);
    free(watch);
}

int netwatch_fd(const struct netwatch *watch)
{
    return mnl_socket_get_fd(watch->changes);
}

bool netwatch_drain(struct netwatch *watch)
{
    uint8_t notice[NOTICE_SIZE];
    bool changed = false;
    for (;;) {
        ssize_t size = recv(netwatch_fd(watch), notice, sizeof notice, MSG_DONTWAIT);
        if (size >= 0 || errno == ENOBUFS) /* ENOBUFS: notices were lost, so anything may have changed */
            changed = true;
        else if (errno != EINTR)
            return changed;
    }
}

/* The attributes of one message by their type, NULL where there is none. */
struct attributes {
    const struct nlattr *of[ATTRIBUTES];
};

static int take_attribute(const struct nlattr *attribute, void *data)
{
    struct attributes *attributes = data;
    uint16_t type = mnl_attr_get_type(attribute);
    if (type < ATTRIBUTES)
        attributes->of[type] = attribute;
    return MNL_CB_OK;
}

/* "" when there is none. */
static const char *text_of(const struct nlattr *attribute)
{
    if (!attribute || mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0)
        return "";
    return mnl_attr_get_str(attribute);
}

static uint32_t number_of(const struct nlattr *attribute, uint32_t otherwise)
{
    if (!attribute || mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
        return otherwise;
    return mnl_attr_get_u32(attribute);
}

/* What driver made the interface; "" for a physical one. */
static const char *info_kind(const struct nlattr *linkinfo)
{
    struct attributes info = {0};
    if (linkinfo)
        mnl_attr_parse_nested(linkinfo, take_attribute, &info);
    return text_of(info.of[IFLA_INFO_KIND]);
}

/* Interfaces that lead to containers, virtual machines or through a tunnel, never straight into the office. "tun" is
 * the driver of tap interfaces, too. */
static bool is_container_kind(const char *kind)
{
    static const char *const kinds[] = {
        "veth",   "netkit", "tun",    "wireguard", "ovpn",      "ppp",    "ipip", "sit",   "gre",
        "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan", "ip6tnl", "vti",  "vti6",  "xfrm",
        "vxlan",  "geneve", "gtp",    "bareudp",   "amt",       "dummy",  "ifb",  "nlmon",
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    }
    return false;
}

/* A bridge counts as a container's until a port of it proves to lead into the office. */
static enum link_kind kind_of(unsigned flags, const char *kind)
{
    if (flags & IFF_LOOPBACK)
        return LINK_LOOPBACK;
    return strcmp(kind, "bridge") == 0 || is_container_kind(kind) ? LINK_CONTAINER : LINK_OFFICE;
}

static struct link link_of(const struct ifinfomsg *info, const char *name, const char *kind)
{
    struct link link = {
        .ifindex = (uint32_t)info->ifi_index,
        .kind = kind_of(info->ifi_flags, kind),
        /* Says that the interface is administratively up and its operational state up, or unknown where the driver
         * cannot tell. */
        .up = info->ifi_flags & IFF_RUNNING,
        .multicast = info->ifi_flags & IFF_MULTICAST,
    };
    strncpy(link.name, name, sizeof link.name - 1);
    return link;
}

static int take_link(const struct nlmsghdr *header, void *data)
{
    struct reading *reading = data;
    struct links *links = &reading->links;
    struct attributes attributes = {0};
    struct ifinfomsg info;
    if (header->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(header) < sizeof info)
        return MNL_CB_OK;
    if (links->link_count == LINKS_MAX) {
        links->complete = false;
        return MNL_CB_OK;
    }
    memcpy(&info, mnl_nlmsg_get_payload(header), sizeof info);
    mnl_attr_parse(header, sizeof info, take_attribute, &attributes);
    size_t at = links->link_count++;
    links->links[at] = link_of(&info, text_of(attributes.of[IFLA_IFNAME]), info_kind(attributes.of[IFLA_LINKINFO]));
    reading->masters[at] = number_of(attributes.of[IFLA_MASTER], 0);
    return MNL_CB_OK;
}

/* Tentative means that another host may have the address still, but for optimistic ones (RFC 4429). */
static bool is_usable(uint32_t flags)
{
    if (flags & (IFA_F_DADFAILED | IFA_F_DEPRECATED))
        return false;
    return !(flags & IFA_F_TENTATIVE) || (flags & IFA_F_OPTIMISTIC);
}

/* No address when the attribute is missing or too short for the family. */
static struct address address_of(const struct ifaddrmsg *info, const struct nlattr *attribute)
{
    size_t size = attribute ? mnl_attr_get_payload_len(attribute) : 0;
    struct in_addr in;
    struct in6_addr in6;
    if (info->ifa_family == AF_INET && size == sizeof in) {
        memcpy(&in, mnl_attr_get_payload(attribute), sizeof in);
        return address_from_in(&in, 0, info->ifa_index);
    }
    if (info->ifa_family == AF_INET6 && size == sizeof in6) {
        memcpy(&in6, mnl_attr_get_payload(attribute), sizeof in6);
        return address_from_in6(&in6, 0, info->ifa_index);
    }
    return (struct address){.family = ENDPOINT_NONE};
}

static int take_address(const struct nlmsghdr *header, void *data)
{
    struct links *links = &((struct reading *)data)->links;
    struct attributes attributes = {0};
    struct ifaddrmsg info;
    if (header->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(header) < sizeof info)
        return MNL_CB_OK;
    memcpy(&info, mnl_nlmsg_get_payload(header), sizeof info);
    mnl_attr_parse(header, sizeof info, take_attribute, &attributes);
    /* The header has room for eight flags only. */
    uint32_t flags = number_of(attributes.of[IFA_FLAGS], info.ifa_flags);
    /* On a point-to-point link IFA_ADDRESS is the other end. */
    const struct nlattr *own = attributes.of[attributes.of[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS];
    struct link_address address = {
        .address = address_of(&info, own),
        .prefix = info.ifa_prefixlen,
        .usable = is_usable(flags),
        /* Of an IPv4 address the same bit says "secondary", and that lasts. */
        .temporary = info.ifa_family == AF_INET6 && (flags & IFA_F_TEMPORARY),
    };
    if (address.address.family == ENDPOINT_NONE)
        return MNL_CB_OK;
    if (links->address_count < LINK_ADDRESSES_MAX)
        links->addresses[links->address_count++] = address;
    else
        links->complete = false;
    return MNL_CB_OK;
}

/* Asks for all links or all addresses. False with EINTR when they changed meanwhile: such an answer may lack
 * what was there all the time. */
static bool dump(struct netwatch *watch, uint16_t type, mnl_cb_t take)
{
    struct nlmsghdr *question = mnl_nlmsg_put_header(watch->buffer);
    question->nlmsg_type = type;
    question->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    question->nlmsg_seq = ++watch->sequence;
    mnl_nlmsg_put_extra_header(question, sizeof(struct rtgenmsg)); /* zero: of every family */
    if (mnl_socket_sendto(watch->questions, question, question->nlmsg_len) < 0)
        return false;
    int state = MNL_CB_OK;
    while (state > MNL_CB_STOP) {
        ssize_t size = mnl_socket_recvfrom(watch->questions, watch->buffer, sizeof watch->buffer);
        if (size < 0)
            return false;
        state = mnl_cb_run(watch->buffer, (size_t)size, watch->sequence, mnl_socket_get_portid(watch->questions), take,
                           &watch->reading);
    }
    return state == MNL_CB_STOP;
}

/* Throws away what is left of a dump that was given up: the kernel starts no other before its end. */
static void forget(struct netwatch *watch)
{
    int cause = errno;
    for (int i = 0; i < FORGET_MAX; i++) {
        ssize_t size = mnl_socket_recvfrom(watch->questions, watch->buffer, sizeof watch->buffer);
        if (size < 0 && errno == EAGAIN)
            break;
    }
    errno = cause;
}

/* A bridge with a port that leads into the office does so itself; other masters, such as bonds, are office links
 * anyway. */
static void judge_bridges(struct reading *reading)
{
    struct links *links = &reading->links;
    for (size_t port = 0; port < links->link_count; port++) {
        if (links->links[port].kind != LINK_OFFICE)
            continue;
        for (size_t i = 0; i < links->link_count; i++) {
            if (links->links[i].ifindex == reading->masters[port])
                links->links[i].kind = LINK_OFFICE;
        }
    }
}

static int order(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int order_links(const void *left, const void *right)
{
    const struct link *a = left, *b = right;
    return order(a->ifindex, b->ifindex);
}

/* By prefix at the end: the kernel lets an interface have one IPv4 address with several. */
static int order_addresses(const void *left, const void *right)
{
    const struct link_address *a = left, *b = right;
    int result = order(a->address.ifindex, b->address.ifindex);
    if (result == 0)
        result = order(a->address.family, b->address.family);
    if (result == 0)
        result = memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);
    return result != 0 ? result : order(a->prefix, b->prefix);
}

static bool gather(struct netwatch *watch)
{
    struct links *links = &watch->reading.links;
    links->link_count = 0;
    links->address_count = 0;
    links->complete = true;
    return dump(watch, RTM_GETLINK, take_link) && dump(watch, RTM_GETADDR, take_address);
}

bool netwatch_read(struct netwatch *watch, struct links *out)
{
    struct links *links = &watch->reading.links;
    bool whole = gather(watch);
    for (int attempt = 1; !whole && errno == EINTR && attempt < READ_ATTEMPTS; attempt++) {
        forget(watch);
        whole = gather(watch);
    }
    if (!whole) {
        forget(watch);
        return false;
    }
    judge_bridges(&watch->reading);
    qsort(links->links, links->link_count, sizeof *links->links, order_links);
    qsort(links->addresses, links->address_count, sizeof *links->addresses, order_addresses);
    *out = *links;
    return true;
}
