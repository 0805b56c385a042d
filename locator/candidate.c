/* SPDX-License-Identifier: MIT */
#include "locator/candidate.h"

const char *source_name(enum source source)
{
    switch (source) {
    case SOURCE_CACHE:
        return "cache";
    case SOURCE_MULTICAST:
        return "multicast";
    case SOURCE_BROADCAST:
        return "broadcast";
    case SOURCE_DNSSD:
        return "dnssd";
    case SOURCE_DNS:
        return "dns";
    case SOURCE_SWEEP:
        return "sweep";
    case SOURCE_CONFIGURED:
        return "configured";
    }
    return "unknown";
}
