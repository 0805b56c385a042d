/* SPDX-License-Identifier: MIT
 *
 * message.h: what all messages share: the header in front and the optional fields (TLVs) behind the fixed part.
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include "proto/result.h"
#include "proto/types.h"
#include "proto/wire.h"

/* Bit 7 marks a reply: nothing that has it is ever replied to, so two programs cannot bounce datagrams for ever. */
enum message_type {
    MESSAGE_QUERY = 0x01,
    MESSAGE_ANSWER = 0x81,
    MESSAGE_ANNOUNCEMENT = 0x03,
    MESSAGE_ENROL_REQUEST = 0x05,
    MESSAGE_ENROL_REPLY = 0x85,
};

enum message_auth {
    AUTH_NONE = 0,
    AUTH_SIGNATURE = 1,
    AUTH_RESUMPTION = 2,
    AUTH_TOKEN = 3,
    AUTH_CPACE = 4,
};

enum {
    MESSAGE_FLAGS_CRITICAL = 0xf0, /* of the flags byte: whoever does not know one of these drops the datagram */
    MESSAGE_GATE_AT = 16,          /* where the gate stands, and how long it is */
    MESSAGE_GATE_SIZE = 16,
};

struct header {
    uint8_t type; /* enum message_type, or unknown */
    uint8_t auth; /* enum message_auth, or unknown */
    struct hint hint;
};

/* Size, magic, version and flags of any datagram. *out is written on success only. */
enum proto_result header_decode(const uint8_t *bytes, size_t size, struct header *out) MUST_CHECK;

/* header_decode() and the demand for one type and one kind of authentication; the cursor stands behind the header. */
enum proto_result message_open(struct wire_reader *reader, enum message_type type, enum message_auth auth) MUST_CHECK;

/* The header, with a gate of zeros that seal_gate_close() fills in when the rest stands. */
void header_write(struct wire_writer *writer, const struct header *header);

enum field_type {
    FIELD_HOST_NAME = 1,
    FIELD_PRACTICE_NAME = 2,
    FIELD_WORKSTATION_NAME = 3,
    FIELD_ROSTER_GENERATION = 4,
    FIELD_CRITICAL = 0x80, /* bit 7: whoever does not know the type drops the message */
    FIELD_ENROL_RESULT = 0x81,
};

/* One optional field; the value is borrowed from the datagram. */
struct field {
    uint8_t type;
    struct wire_reader value;
};

/* The next optional field, false at the end or at one that is cut off; wire_read_failed(fields) then tells which. */
bool field_next(struct wire_reader *fields, struct field *out);

/* Takes the next size bytes as a cursor of their own; a cursor that has failed when there are not so many. */
struct wire_reader wire_sub_reader(struct wire_reader *reader, size_t size);

/* The whole value as a name. */
enum proto_result field_name(const struct field *field, struct name *out) MUST_CHECK;

/* Result for a field of a type that the message does not know. */
enum proto_result field_unknown(const struct field *field) MUST_CHECK;

/* Writes a name as a field; an empty name is left out. */
void field_write_name(struct wire_writer *writer, enum field_type type, const struct name *name);

/* How many bytes field_write_name() takes. */
size_t field_name_size(const struct name *name);

#endif
