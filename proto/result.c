/* SPDX-License-Identifier: MIT */
#include "proto/result.h"

const char *proto_result_name(enum proto_result result)
{
    switch (result) {
    case PROTO_OK:
        return "fine";
    case PROTO_SHORT:
        return "too short";
    case PROTO_LONG:
        return "too long";
    case PROTO_MAGIC:
        return "not our protocol";
    case PROTO_VERSION_UNKNOWN:
        return "unknown version";
    case PROTO_TYPE:
        return "unexpected type";
    case PROTO_FLAGS:
        return "unknown critical flag";
    case PROTO_AUTH:
        return "unknown authentication";
    case PROTO_HINT:
        return "for another server";
    case PROTO_GATE:
        return "wrong gate";
    case PROTO_LENGTH:
        return "lengths do not add up";
    case PROTO_FIELD:
        return "impossible value";
    case PROTO_TLV:
        return "malformed optional field";
    case PROTO_CRITICAL:
        return "unknown critical field";
    case PROTO_PADDING:
        return "padding is not zero";
    case PROTO_MAC:
        return "wrong proof of the invitation";
    case PROTO_SIGNATURE:
        return "wrong signature";
    case PROTO_SPACE:
        return "no room";
    }
    return "unknown";
}
