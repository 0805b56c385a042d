/* SPDX-License-Identifier: MIT */
#include "common/links.h"

#include <string.h>

const struct link *links_by_index(const struct links *links, uint32_t ifindex)
{
    for (size_t i = 0; i < links->link_count; i++) {
        if (links->links[i].ifindex == ifindex)
            return &links->links[i];
    }
    return NULL;
}

static bool same_link(const struct link *a, const struct link *b)
{
    return a->ifindex == b->ifindex && strcmp(a->name, b->name) == 0 && a->kind == b->kind && a->up == b->up &&
           a->multicast == b->multicast;
}

/* Stricter than address_equal(), to which the interface is a remark: an address that moved is a change. */
static bool same_address(const struct link_address *a, const struct link_address *b)
{
    return address_equal(&a->address, &b->address) && a->address.ifindex == b->address.ifindex &&
           a->prefix == b->prefix && a->usable == b->usable && a->temporary == b->temporary;
}

bool links_equal(const struct links *a, const struct links *b)
{
    if (a->link_count != b->link_count || a->address_count != b->address_count || a->complete != b->complete)
        return false;
    for (size_t i = 0; i < a->link_count; i++) {
        if (!same_link(&a->links[i], &b->links[i]))
            return false;
    }
    for (size_t i = 0; i < a->address_count; i++) {
        if (!same_address(&a->addresses[i], &b->addresses[i]))
            return false;
    }
    return true;
}

bool links_have_address(const struct links *links, const struct address *address)
{
    for (size_t i = 0; i < links->address_count; i++)
        if (address_same_host(&links->addresses[i].address, address))
            return true;
    return false;
}
