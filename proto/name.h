/* SPDX-License-Identifier: MIT
 *
 * name.h: names of practices, workstations and hosts, safe to show to people.
 */
#ifndef PROTO_NAME_H
#define PROTO_NAME_H

#include "proto/types.h"

/* Takes 1 to PROTO_NAME_MAX bytes of UTF-8 (RFC 3629) without control characters. False, and *out untouched,
 * otherwise. */
bool name_set(struct name *out, const uint8_t *bytes, size_t size) MUST_CHECK;

/* The same for a string. */
bool name_from_text(struct name *out, const char *text) MUST_CHECK;

#endif
