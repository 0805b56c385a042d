/* SPDX-License-Identifier: MIT
 *
 * The vectors of docs/protocol.md, section 18, made by an independent implementation. Each message is encoded from its
 * vector's values, decoded, and encoded again from what was decoded: the first time shows that the encoder is right,
 * and then the second that every value was decoded as it was given. VECTORS_FILE is the path of vectors.txt.
 */
#include "proto/announce.h"
#include "proto/answer.h"
#include "proto/enrol.h"
#include "proto/name.h"
#include "proto/query.h"
#include "proto/seal.h"
#include "proto/token.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

enum { PAIRS_MAX = 64, SEED_SIZE = 32 };

struct pair {
    const char *key;
    const char *value;
    bool used; /* a pair that nobody asks for is a mistake in the file or in this test */
};

struct vector {
    const char *name; /* in its brackets */
    struct pair pairs[PAIRS_MAX];
    size_t count;
    size_t mismatches;
};

/* Bytes in a heap block of exactly their size, so that the sanitizer sees a step behind it. */
struct blob {
    uint8_t *bytes;
    size_t size;
};

/* One message vector under test. */
struct trial {
    struct vector *vector;
    struct server_id server;
    struct server_secret server_secret;
    struct workstation_public workstation;
    struct workstation_secret workstation_secret;
    struct token_secret secret;
    struct blob wanted;
    struct blob room; /* to encode into */
};

static char *read_file(void)
{
    FILE *stream = fopen(VECTORS_FILE, "r");
    if (!stream)
        fail_msg("cannot open %s", VECTORS_FILE);
    char *text = NULL;
    size_t capacity = 0;
    ssize_t length = getdelim(&text, &capacity, '\0', stream);
    (void)fclose(stream);
    if (length <= 0 || strlen(text) != (size_t)length)
        fail_msg("%s is empty or no text", VECTORS_FILE);
    return text;
}

static void read_pair(struct vector *vector, char *line)
{
    if (line[0] == '\0' || line[0] == '#')
        return;
    char *equals = strstr(line, " = ");
    if (!equals || vector->count == PAIRS_MAX) {
        fail_msg("%s: no \"key = value\", or one too many: %s", vector->name, line);
        return;
    }
    *equals = '\0';
    vector->pairs[vector->count++] = (struct pair){.key = line, .value = equals + 3};
}

/* Cuts the next vector off the text; false at its end. */
static bool vector_next(char **rest, struct vector *out)
{
    char *line = NULL;
    do
        line = strsep(rest, "\n");
    while (line && (line[0] == '\0' || line[0] == '#'));
    if (!line)
        return false;
    if (line[0] != '[' || line[strlen(line) - 1] != ']')
        fail_msg("no \"[name]\": %s", line);
    *out = (struct vector){.name = line};
    while (*rest && **rest != '[')
        read_pair(out, strsep(rest, "\n"));
    return true;
}

static void check(struct vector *vector, bool holds, const char *what)
{
    if (holds)
        return;
    print_error("%s: %s\n", vector->name, what);
    vector->mismatches++;
}

/* NULL when there is none. */
static const char *find(struct vector *vector, const char *key)
{
    size_t i = 0;
    while (i < vector->count && strcmp(vector->pairs[i].key, key) != 0)
        i++;
    if (i == vector->count)
        return NULL;
    vector->pairs[i].used = true;
    return vector->pairs[i].value;
}

static const char *text_of(struct vector *vector, const char *key)
{
    const char *value = find(vector, key);
    if (!value)
        fail_msg("%s: no \"%s\"", vector->name, key);
    return value;
}

static uint64_t number_of(struct vector *vector, const char *key, uint64_t max)
{
    const char *text = text_of(vector, key);
    char *end = NULL;
    uint64_t value = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || value > max)
        fail_msg("%s: \"%s\" is no number up to %" PRIu64, vector->name, key, max);
    return value;
}

static struct blob blob_new(size_t size)
{
    struct blob blob = {.bytes = malloc(size), .size = size};
    assert_non_null(blob.bytes);
    return blob;
}

static void unhex(struct vector *vector, const char *hex, uint8_t *out, size_t size)
{
    size_t length = 0;
    int failed = sodium_hex2bin(out, size, hex, strlen(hex), NULL, &length, NULL);
    if (failed || length != size)
        fail_msg("%s: not %zu bytes in hexadecimal: %s", vector->name, size, hex);
}

static void bytes_of(struct vector *vector, const char *key, uint8_t *out, size_t size)
{
    unhex(vector, text_of(vector, key), out, size);
}

static struct blob blob_of(struct vector *vector, const char *key)
{
    struct blob blob = blob_new(strlen(text_of(vector, key)) / 2);
    bytes_of(vector, key, blob.bytes, blob.size);
    return blob;
}

static void name_of(struct vector *vector, const char *key, struct name *out)
{
    const char *text = find(vector, key);
    *out = (struct name){0};
    if (text && !name_from_text(out, text))
        fail_msg("%s: \"%s\" is no name", vector->name, key);
}

static void parse_endpoint(struct vector *vector, const char *text, struct endpoint *out)
{
    unsigned family = 0;
    unsigned flags = 0;
    unsigned port = 0;
    int hex_at = 0;
    int fields = sscanf(text, "%3u %3u %5u %n", &family, &flags, &port, &hex_at);
    if (fields != 3 || family > UINT8_MAX || flags > UINT8_MAX || port > UINT16_MAX)
        fail_msg("%s: no endpoint: %s", vector->name, text);
    *out = (struct endpoint){.family = (uint8_t)family, .flags = (uint8_t)flags, .port = (uint16_t)port};
    unhex(vector, text + hex_at, out->addr, sizeof out->addr);
}

static uint8_t endpoints_of(struct vector *vector, struct endpoint *out, size_t max)
{
    uint8_t count = 0;
    for (size_t i = 0; i < vector->count && count < max; i++) {
        struct pair *pair = &vector->pairs[i];
        if (strcmp(pair->key, "endpoint") == 0) {
            parse_endpoint(vector, pair->value, &out[count++]);
            pair->used = true;
        }
    }
    return count;
}

static void check_output(struct vector *vector, const char *key, const uint8_t *made, size_t size)
{
    char hex[2 * PROTO_DATAGRAM_MAX + 1];
    const char *wanted = text_of(vector, key);
    size_t at = 0;
    sodium_bin2hex(hex, sizeof hex, made, size);
    while (hex[at] != '\0' && hex[at] == wanted[at])
        at++;
    if (hex[at] == wanted[at])
        return;
    print_error("%s: %s of %zu bytes is wanted, of %zu was made; they differ at %zu\n", vector->name, key,
                strlen(wanted) / 2, size, at / 2);
    vector->mismatches++;
}

static void server_of(struct trial *trial, const char *key)
{
    uint8_t seed[SEED_SIZE];
    struct server_public public_key;
    bytes_of(trial->vector, key, seed, sizeof seed);
    (void)crypto_sign_ed25519_seed_keypair(public_key.bytes, trial->server_secret.bytes, seed);
    seal_server_id(&public_key, &trial->server);
}

static void workstation_of(struct trial *trial, const char *key)
{
    uint8_t seed[SEED_SIZE];
    bytes_of(trial->vector, key, seed, sizeof seed);
    (void)crypto_sign_ed25519_seed_keypair(trial->workstation.bytes, trial->workstation_secret.bytes, seed);
}

static void trial_init(struct trial *trial, struct vector *vector, size_t room)
{
    *trial = (struct trial){.vector = vector, .wanted = blob_of(vector, "datagram"), .room = blob_new(room)};
    server_of(trial, "server_seed");
    bool gate = seal_gate_check(&trial->server.gate_key, trial->wanted.bytes, trial->wanted.size);
    check(vector, gate, "gate is wrong");
}

static void trial_fini(struct trial *trial)
{
    free(trial->wanted.bytes);
    free(trial->room.bytes);
}

static void check_server(struct vector *vector)
{
    struct trial trial = {.vector = vector};
    const struct server_id *id = &trial.server;
    server_of(&trial, "seed");
    check_output(vector, "public", id->public_key.bytes, sizeof id->public_key.bytes);
    check_output(vector, "gate_key", id->gate_key.bytes, sizeof id->gate_key.bytes);
    check_output(vector, "hint", id->hint.bytes, sizeof id->hint.bytes);
    check_output(vector, "fingerprint", id->fingerprint.bytes, sizeof id->fingerprint.bytes);
}

static void check_workstation(struct vector *vector)
{
    struct trial trial = {.vector = vector};
    struct workstation_id id;
    workstation_of(&trial, "seed");
    seal_workstation_id(&trial.workstation, &id);
    check_output(vector, "public", trial.workstation.bytes, sizeof trial.workstation.bytes);
    check_output(vector, "id", id.bytes, sizeof id.bytes);
}

static void encode_query(struct trial *trial, const struct query *query)
{
    const struct blob *room = &trial->room;
    enum proto_result result =
        query_encode(query, &trial->server, &trial->workstation_secret, room->bytes, room->size);
    check(trial->vector, result == PROTO_OK, "is not encoded");
    check_output(trial->vector, "datagram", room->bytes, result == PROTO_OK ? room->size : 0);
}

static void decode_query(struct trial *trial)
{
    const struct blob *wanted = &trial->wanted;
    const struct server_public *server = &trial->server.public_key;
    struct query query;
    struct query_layout layout;
    struct message_hash hash;
    if (query_decode(wanted->bytes, wanted->size, &query, &layout) != PROTO_OK) {
        check(trial->vector, false, "is not decoded");
        return;
    }
    encode_query(trial, &query);
    bool proven = query_verify(wanted->bytes, wanted->size, &layout, server, &trial->workstation);
    check(trial->vector, proven, "signature is wrong");
    query_hash(wanted->bytes, &layout, &hash);
    check_output(trial->vector, "hash", hash.bytes, sizeof hash.bytes);
}

static void check_query(struct vector *vector)
{
    struct trial trial;
    struct query query;
    trial_init(&trial, vector, number_of(vector, "size", PROTO_DATAGRAM_MAX));
    workstation_of(&trial, "workstation_seed");
    seal_workstation_id(&trial.workstation, &query.workstation);
    bytes_of(vector, "cookie", query.cookie.bytes, sizeof query.cookie.bytes);
    bytes_of(vector, "nonce", query.nonce.bytes, sizeof query.nonce.bytes);
    query.probe = (uint32_t)number_of(vector, "probe", UINT32_MAX);
    query.roster_generation_seen = (uint32_t)number_of(vector, "roster_generation_seen", UINT32_MAX);
    encode_query(&trial, &query);
    decode_query(&trial);
    trial_fini(&trial);
}

static void answer_of(struct vector *vector, struct answer *out)
{
    bytes_of(vector, "nonce", out->nonce.bytes, sizeof out->nonce.bytes);
    bytes_of(vector, "instance", out->instance.bytes, sizeof out->instance.bytes);
    out->probe = (uint32_t)number_of(vector, "probe", UINT32_MAX);
    out->roster_generation = (uint32_t)number_of(vector, "roster_generation", UINT32_MAX);
    out->serial = number_of(vector, "serial", UINT64_MAX);
    out->trust_s = (uint32_t)number_of(vector, "trust_s", UINT32_MAX);
    out->status = (uint8_t)number_of(vector, "status", UINT8_MAX);
    out->order = (uint8_t)number_of(vector, "order", UINT8_MAX);
    out->port = (uint16_t)number_of(vector, "port", UINT16_MAX);
    parse_endpoint(vector, text_of(vector, "arrived"), &out->arrived);
    parse_endpoint(vector, text_of(vector, "seen"), &out->seen);
    out->more = number_of(vector, "more", 1) != 0;
    out->count = endpoints_of(vector, out->endpoints, PROTO_ENDPOINTS_MAX);
    name_of(vector, "host", &out->host);
}

static void encode_answer(struct trial *trial, const struct answer *answer, const struct answer_context *context)
{
    const struct blob *room = &trial->room;
    size_t size = answer_encode(answer, context, &trial->server_secret, room->bytes, room->size);
    check_output(trial->vector, "datagram", room->bytes, size);
}

static void check_answer(struct vector *vector)
{
    struct trial trial;
    struct answer answer;
    trial_init(&trial, vector, number_of(vector, "room", PROTO_DATAGRAM_MAX));
    struct answer_context context = {.server = &trial.server};
    bytes_of(vector, "request_hash", context.query.bytes, sizeof context.query.bytes);
    answer_of(vector, &answer);
    encode_answer(&trial, &answer, &context);
    enum proto_result result = answer_decode(trial.wanted.bytes, trial.wanted.size, &answer);
    check(vector, result == PROTO_OK, "is not decoded");
    if (result == PROTO_OK) {
        encode_answer(&trial, &answer, &context);
        bool proven = answer_verify(trial.wanted.bytes, trial.wanted.size, &context);
        check(vector, proven, "signature is wrong");
    }
    trial_fini(&trial);
}

static void encode_announcement(struct trial *trial, const struct announcement *announcement)
{
    announcement_encode(announcement, &trial->server, &trial->server_secret, trial->room.bytes);
    check_output(trial->vector, "datagram", trial->room.bytes, trial->room.size);
}

static void check_announcement(struct vector *vector)
{
    struct trial trial;
    struct announcement announcement;
    trial_init(&trial, vector, ANNOUNCEMENT_SIZE);
    bytes_of(vector, "instance", announcement.instance.bytes, sizeof announcement.instance.bytes);
    announcement.serial = number_of(vector, "serial", UINT64_MAX);
    announcement.reason = (uint8_t)number_of(vector, "reason", UINT8_MAX);
    encode_announcement(&trial, &announcement);
    enum proto_result result = announcement_decode(trial.wanted.bytes, trial.wanted.size, &announcement);
    check(vector, result == PROTO_OK, "is not decoded");
    if (result == PROTO_OK) {
        encode_announcement(&trial, &announcement);
        check(vector, announcement_verify(trial.wanted.bytes, &trial.server), "signature is wrong");
    }
    trial_fini(&trial);
}

static void encode_request(struct trial *trial, const struct enrol_request *request)
{
    const struct blob *room = &trial->room;
    enum proto_result result = enrol_request_encode(request, &trial->server, &trial->secret,
                                                    &trial->workstation_secret, room->bytes, room->size);
    check(trial->vector, result == PROTO_OK, "is not encoded");
    check_output(trial->vector, "datagram", room->bytes, result == PROTO_OK ? room->size : 0);
}

static void decode_request(struct trial *trial)
{
    const struct blob *wanted = &trial->wanted;
    struct enrol_request request;
    struct enrol_layout layout;
    struct message_hash hash;
    if (enrol_request_decode(wanted->bytes, wanted->size, &request, &layout) != PROTO_OK) {
        check(trial->vector, false, "is not decoded");
        return;
    }
    encode_request(trial, &request);
    enum proto_result proven = enrol_request_verify(wanted->bytes, wanted->size, &layout, &trial->server,
                                                    &trial->secret, &request.workstation);
    check(trial->vector, proven == PROTO_OK, "MAC or signature is wrong");
    enrol_request_hash(wanted->bytes, &layout, &hash);
    check_output(trial->vector, "hash", hash.bytes, sizeof hash.bytes);
}

static void check_enrol_request(struct vector *vector)
{
    struct trial trial;
    struct enrol_request request;
    trial_init(&trial, vector, number_of(vector, "size", PROTO_DATAGRAM_MAX));
    workstation_of(&trial, "workstation_seed");
    bytes_of(vector, "secret", trial.secret.bytes, sizeof trial.secret.bytes);
    bytes_of(vector, "cookie", request.cookie.bytes, sizeof request.cookie.bytes);
    bytes_of(vector, "selector", request.selector.bytes, sizeof request.selector.bytes);
    bytes_of(vector, "transaction", request.transaction.bytes, sizeof request.transaction.bytes);
    request.workstation = trial.workstation;
    name_of(vector, "host", &request.host);
    encode_request(&trial, &request);
    decode_request(&trial);
    trial_fini(&trial);
}

static void encode_reply(struct trial *trial, const struct enrol_reply *reply, const struct enrol_context *context)
{
    const struct blob *room = &trial->room;
    size_t size = enrol_reply_encode(reply, context, &trial->server_secret, room->bytes, room->size);
    check_output(trial->vector, "datagram", room->bytes, size);
}

static void decode_reply(struct trial *trial, const struct enrol_context *context)
{
    const struct blob *wanted = &trial->wanted;
    struct enrol_reply reply;
    struct enrol_layout layout;
    if (enrol_reply_decode(wanted->bytes, wanted->size, &reply, &layout) != PROTO_OK) {
        check(trial->vector, false, "is not decoded");
        return;
    }
    encode_reply(trial, &reply, context);
    enum proto_result proven = enrol_reply_verify(wanted->bytes, wanted->size, &layout, context);
    check(trial->vector, proven == PROTO_OK, "MAC or signature is wrong");
}

static void check_enrol_reply(struct vector *vector)
{
    struct trial trial;
    struct enrol_reply reply;
    trial_init(&trial, vector, PROTO_DATAGRAM_MAX);
    workstation_of(&trial, "workstation_seed");
    struct enrol_context context = {.server = &trial.server, .secret = &trial.secret};
    bytes_of(vector, "secret", trial.secret.bytes, sizeof trial.secret.bytes);
    bytes_of(vector, "request_hash", context.request.bytes, sizeof context.request.bytes);
    bytes_of(vector, "selector", reply.selector.bytes, sizeof reply.selector.bytes);
    bytes_of(vector, "transaction", reply.transaction.bytes, sizeof reply.transaction.bytes);
    reply.workstation = trial.workstation;
    reply.result = (uint8_t)number_of(vector, "result", UINT8_MAX);
    reply.roster_generation = (uint32_t)number_of(vector, "roster_generation", UINT32_MAX);
    name_of(vector, "practice", &reply.practice);
    name_of(vector, "name", &reply.name);
    encode_reply(&trial, &reply, &context);
    decode_reply(&trial, &context);
    trial_fini(&trial);
}

static void encode_token(struct vector *vector, const struct token *token)
{
    char text[TOKEN_TEXT_MAX];
    enum proto_result result = token_to_text(token, text);
    check(vector, result == PROTO_OK && strcmp(text, text_of(vector, "text")) == 0, "another text is made");
}

static void check_token(struct vector *vector)
{
    struct trial trial = {.vector = vector};
    struct token token;
    server_of(&trial, "server_seed");
    token.server = trial.server.public_key;
    bytes_of(vector, "selector", token.selector.bytes, sizeof token.selector.bytes);
    bytes_of(vector, "secret", token.secret.bytes, sizeof token.secret.bytes);
    token.port = (uint16_t)number_of(vector, "port", UINT16_MAX);
    name_of(vector, "practice", &token.practice);
    token.count = endpoints_of(vector, token.endpoints, TOKEN_ENDPOINTS_MAX);
    encode_token(vector, &token);
    enum proto_result result = token_from_text(text_of(vector, "text"), &token);
    check(vector, result == PROTO_OK, "is not decoded");
    if (result == PROTO_OK)
        encode_token(vector, &token);
}
