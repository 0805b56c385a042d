/* SPDX-License-Identifier: MIT */
#include "common/platform/dnssd_library.h"

#include <avahi-common/malloc.h>
#include <stdlib.h>

static void *zeroed(size_t size)
{
    return calloc(1, size);
}

/* Avahi's DNSServiceRef has a callback for each kind of operation, sets the one that it needs, and when the daemon goes
 * away calls the first that is not NULL: new memory has to be zero. And it would print a warning at the first call. */
void dnssd_library_prepare(void)
{
    static const AvahiAllocator allocator = {zeroed, free, realloc, calloc};
    avahi_set_allocator(&allocator);
    (void)setenv("AVAHI_COMPAT_NOWARN", "1", 1);
}
