/* SPDX-License-Identifier: MIT
 *
 * proto_fixture.h: keys from fixed seeds, one valid message of each kind, and a receiver who judges a
 * message. Knows no test framework: the fuzz targets use it as well.
 */
#ifndef TESTS_PROTO_FIXTURE_H
#define TESTS_PROTO_FIXTURE_H

#include "proto/announce.h"
#include "proto/answer.h"
#include "proto/enrol.h"
#include "proto/query.h"
#include "proto/seal.h"
#include "proto/token.h"

enum message_kind { KIND_QUERY, KIND_ANSWER, KIND_ANNOUNCEMENT, KIND_ENROL_REQUEST, KIND_ENROL_REPLY };

enum { PACKET_MAX = PROTO_DATAGRAM_MAX + 64 }; /* above what is valid, so that too long ones can be made */

struct packet {
    uint8_t bytes[PACKET_MAX];
    size_t size;
};

struct server_keys {
    struct server_id id;
    struct server_secret secret;
};

struct workstation_keys {
    struct workstation_public public_key;
    struct workstation_secret secret;
};

struct fixture {
    struct server_keys server;
    struct workstation_keys workstation;
    struct token_secret secret;
    struct message_hash query;   /* of the valid query, to which the valid answer is bound */
    struct message_hash request; /* of the valid request, to which the valid reply is bound */
};

void fixture_init(struct fixture *out);
void fixture_server(uint8_t seed, struct server_keys *out);
void fixture_workstation(uint8_t seed, struct workstation_keys *out);

/* The fields of the valid messages. */
void fixture_fill(uint8_t *out, size_t size, uint8_t first);
void fixture_endpoint(uint8_t number, struct endpoint *out);
void fixture_query(struct query *out);
void fixture_answer(uint8_t count, struct answer *out);
void fixture_announcement(struct announcement *out);
void fixture_enrol_request(const struct fixture *fixture, struct enrol_request *out);
void fixture_enrol_reply(const struct fixture *fixture, struct enrol_reply *out);
void fixture_token(const struct fixture *fixture, uint8_t count, struct token *out);

/* The valid message of a kind, made by proto/. */
void fixture_encode(const struct fixture *fixture, enum message_kind kind, struct packet *out);

/* What a receiver makes of bytes in a buffer of exactly their size. */
struct verdict {
    enum proto_result result; /* of decoding and, when that succeeds, of the proofs; the gate is not looked at */
    bool untouched;           /* no output was written */
};
struct verdict fixture_judge(const struct fixture *fixture, enum message_kind kind, const struct packet *packet);

/* Comparison by fields; endpoints and names beyond the used ones do not count. */
bool fixture_same_endpoint(const struct endpoint *a, const struct endpoint *b);
bool fixture_same_query(const struct query *a, const struct query *b);
bool fixture_same_answer(const struct answer *a, const struct answer *b);
bool fixture_same_announcement(const struct announcement *a, const struct announcement *b);
bool fixture_same_request(const struct enrol_request *a, const struct enrol_request *b);
bool fixture_same_reply(const struct enrol_reply *a, const struct enrol_reply *b);
bool fixture_same_token(const struct token *a, const struct token *b);

#endif
