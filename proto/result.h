/* SPDX-License-Identifier: MIT
 *
 * result.h: why bytes were not taken. Every rejected datagram has exactly one of these reasons.
 */
#ifndef PROTO_RESULT_H
#define PROTO_RESULT_H

enum proto_result {
    PROTO_OK = 0,
    PROTO_SHORT, /* ends before its fixed part does, or a request below the least size */
    PROTO_LONG,  /* above PROTO_DATAGRAM_MAX */
    PROTO_MAGIC, /* not our protocol */
    PROTO_VERSION_UNKNOWN,
    PROTO_TYPE,      /* unknown, or not the type asked for */
    PROTO_FLAGS,     /* a flag that must be understood is not */
    PROTO_AUTH,      /* authenticated in a way that this type does not have */
    PROTO_HINT,      /* for another server's key */
    PROTO_GATE,      /* made by somebody who does not know the server's public key, or damaged */
    PROTO_LENGTH,    /* the lengths inside do not add up to the datagram's */
    PROTO_FIELD,     /* a value that its field cannot have */
    PROTO_TLV,       /* an optional field is cut off or malformed */
    PROTO_CRITICAL,  /* an optional field that must be understood is not */
    PROTO_PADDING,   /* padding other than zeros */
    PROTO_MAC,       /* the sender does not know the invitation's secret */
    PROTO_SIGNATURE, /* not signed by the key that it had to be signed by */
    PROTO_SPACE,     /* encoding only: does not fit the room given */
};

enum { PROTO_RESULT_COUNT = PROTO_SPACE + 1 };

/* A short lower-case English name, such as "wrong gate"; never NULL. */
const char *proto_result_name(enum proto_result result);

#endif
