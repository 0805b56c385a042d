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

enum message { QUERY, ANSWER, ANNOUNCEMENT, ENROL_REQUEST, ENROL_REPLY, TOKEN };

union value {
    struct query query;
    struct answer answer;
    struct announcement announcement;
    struct enrol_request enrol_request;
    struct enrol_reply enrol_reply;
    struct token token;
};

/* One vector under test. */
struct trial {
    struct vector *vector;
    enum message message;
    struct server_id server;
    struct server_secret server_secret;
    struct workstation_public workstation;
    struct workstation_secret workstation_secret;
    struct token_secret secret;
    struct message_hash bound; /* of the request that a reply is bound to */
    struct query_layout query_layout;
    struct enrol_layout enrol_layout;
    struct blob wanted; /* the vector's datagram, or its text with the NUL */
    struct blob room;   /* to encode into */
};

struct kind {
    const char *name;
    void (*check)(const struct kind *kind, struct vector *vector);
    void (*values)(struct trial *trial, union value *out); /* NULL when it is no message */
    enum message message;
    const char *room_key; /* how much room the encoder gets; room when NULL */
    size_t room;
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

static void check_bytes(struct vector *vector, const char *what, const struct blob *wanted, const struct blob *made)
{
    size_t at = 0;
    while (at < wanted->size && at < made->size && wanted->bytes[at] == made->bytes[at])
        at++;
    if (at == wanted->size && at == made->size)
        return;
    print_error("%s: %s: %zu bytes wanted, %zu made, equal up to %zu\n", vector->name, what, wanted->size, made->size,
                at);
    vector->mismatches++;
}

static void check_output(struct vector *vector, const char *key, uint8_t *made, size_t size)
{
    struct blob wanted = blob_of(vector, key);
    check_bytes(vector, key, &wanted, &(struct blob){made, size});
    free(wanted.bytes);
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

static struct blob wanted_of(const struct trial *trial)
{
    if (trial->message != TOKEN)
        return blob_of(trial->vector, "datagram");
    const char *text = text_of(trial->vector, "text");
    struct blob blob = blob_new(strlen(text) + 1);
    memcpy(blob.bytes, text, blob.size);
    return blob;
}

static void check_server(const struct kind *kind, struct vector *vector)
{
    (void)kind;
    struct trial trial = {.vector = vector};
    struct server_id *id = &trial.server;
    server_of(&trial, "seed");
    check_output(vector, "public", id->public_key.bytes, sizeof id->public_key.bytes);
    check_output(vector, "gate_key", id->gate_key.bytes, sizeof id->gate_key.bytes);
    check_output(vector, "hint", id->hint.bytes, sizeof id->hint.bytes);
    check_output(vector, "fingerprint", id->fingerprint.bytes, sizeof id->fingerprint.bytes);
}

static void check_workstation(const struct kind *kind, struct vector *vector)
{
    (void)kind;
    struct trial trial = {.vector = vector};
    struct workstation_id id;
    workstation_of(&trial, "seed");
    seal_workstation_id(&trial.workstation, &id);
    check_output(vector, "public", trial.workstation.bytes, sizeof trial.workstation.bytes);
    check_output(vector, "id", id.bytes, sizeof id.bytes);
}

static struct answer_context answer_context_of(const struct trial *trial)
{
    return (struct answer_context){.server = &trial->server, .query = trial->bound};
}

static struct enrol_context enrol_context_of(const struct trial *trial)
{
    return (struct enrol_context){.server = &trial->server, .secret = &trial->secret, .request = trial->bound};
}

static void query_values(struct trial *trial, union value *out)
{
    struct vector *vector = trial->vector;
    struct query *query = &out->query;
    workstation_of(trial, "workstation_seed");
    seal_workstation_id(&trial->workstation, &query->workstation);
    bytes_of(vector, "cookie", query->cookie.bytes, sizeof query->cookie.bytes);
    bytes_of(vector, "nonce", query->nonce.bytes, sizeof query->nonce.bytes);
    query->probe = (uint32_t)number_of(vector, "probe", UINT32_MAX);
    query->roster_generation_seen = (uint32_t)number_of(vector, "roster_generation_seen", UINT32_MAX);
}

static void answer_values(struct trial *trial, union value *out)
{
    struct vector *vector = trial->vector;
    struct answer *answer = &out->answer;
    bytes_of(vector, "request_hash", trial->bound.bytes, sizeof trial->bound.bytes);
    bytes_of(vector, "nonce", answer->nonce.bytes, sizeof answer->nonce.bytes);
    bytes_of(vector, "instance", answer->instance.bytes, sizeof answer->instance.bytes);
    answer->probe = (uint32_t)number_of(vector, "probe", UINT32_MAX);
    answer->roster_generation = (uint32_t)number_of(vector, "roster_generation", UINT32_MAX);
    answer->serial = number_of(vector, "serial", UINT64_MAX);
    answer->trust_s = (uint32_t)number_of(vector, "trust_s", UINT32_MAX);
    answer->status = (uint8_t)number_of(vector, "status", UINT8_MAX);
    answer->order = (uint8_t)number_of(vector, "order", UINT8_MAX);
    answer->port = (uint16_t)number_of(vector, "port", UINT16_MAX);
    parse_endpoint(vector, text_of(vector, "arrived"), &answer->arrived);
    parse_endpoint(vector, text_of(vector, "seen"), &answer->seen);
    answer->more = number_of(vector, "more", 1) != 0;
    answer->count = endpoints_of(vector, answer->endpoints, PROTO_ENDPOINTS_MAX);
    name_of(vector, "host", &answer->host);
}

static void announcement_values(struct trial *trial, union value *out)
{
    struct announcement *announcement = &out->announcement;
    bytes_of(trial->vector, "instance", announcement->instance.bytes, sizeof announcement->instance.bytes);
    announcement->serial = number_of(trial->vector, "serial", UINT64_MAX);
    announcement->reason = (uint8_t)number_of(trial->vector, "reason", UINT8_MAX);
}

static void enrol_request_values(struct trial *trial, union value *out)
{
    struct vector *vector = trial->vector;
    struct enrol_request *request = &out->enrol_request;
    workstation_of(trial, "workstation_seed");
    request->workstation = trial->workstation;
    bytes_of(vector, "secret", trial->secret.bytes, sizeof trial->secret.bytes);
    bytes_of(vector, "cookie", request->cookie.bytes, sizeof request->cookie.bytes);
    bytes_of(vector, "selector", request->selector.bytes, sizeof request->selector.bytes);
    bytes_of(vector, "transaction", request->transaction.bytes, sizeof request->transaction.bytes);
    name_of(vector, "host", &request->host);
}

static void enrol_reply_values(struct trial *trial, union value *out)
{
    struct vector *vector = trial->vector;
    struct enrol_reply *reply = &out->enrol_reply;
    workstation_of(trial, "workstation_seed");
    reply->workstation = trial->workstation;
    bytes_of(vector, "secret", trial->secret.bytes, sizeof trial->secret.bytes);
    bytes_of(vector, "request_hash", trial->bound.bytes, sizeof trial->bound.bytes);
    bytes_of(vector, "selector", reply->selector.bytes, sizeof reply->selector.bytes);
    bytes_of(vector, "transaction", reply->transaction.bytes, sizeof reply->transaction.bytes);
    reply->result = (uint8_t)number_of(vector, "result", UINT8_MAX);
    reply->roster_generation = (uint32_t)number_of(vector, "roster_generation", UINT32_MAX);
    name_of(vector, "practice", &reply->practice);
    name_of(vector, "name", &reply->name);
}

static void token_values(struct trial *trial, union value *out)
{
    struct token *token = &out->token;
    token->server = trial->server.public_key;
    bytes_of(trial->vector, "selector", token->selector.bytes, sizeof token->selector.bytes);
    bytes_of(trial->vector, "secret", token->secret.bytes, sizeof token->secret.bytes);
    token->port = (uint16_t)number_of(trial->vector, "port", UINT16_MAX);
    name_of(trial->vector, "practice", &token->practice);
    token->count = endpoints_of(trial->vector, token->endpoints, TOKEN_ENDPOINTS_MAX);
}

/* The length, 0 when it fails. */
static size_t encode(const struct trial *trial, const union value *value)
{
    const struct server_id *server = &trial->server;
    const struct server_secret *server_secret = &trial->server_secret;
    const struct workstation_secret *secret = &trial->workstation_secret;
    struct answer_context answer = answer_context_of(trial);
    struct enrol_context enrol = enrol_context_of(trial);
    uint8_t *out = trial->room.bytes;
    size_t size = trial->room.size;
    bool good = true;
    switch (trial->message) {
    case QUERY:
        good = query_encode(&value->query, server, secret, out, size) == PROTO_OK;
        break;
    case ANSWER:
        return answer_encode(&value->answer, &answer, server_secret, out, size);
    case ANNOUNCEMENT:
        announcement_encode(&value->announcement, server, server_secret, out);
        break;
    case ENROL_REQUEST:
        good = enrol_request_encode(&value->enrol_request, server, &trial->secret, secret, out, size) == PROTO_OK;
        break;
    case ENROL_REPLY:
        return enrol_reply_encode(&value->enrol_reply, &enrol, server_secret, out, size);
    case TOKEN:
        return token_to_text(&value->token, (char *)out) == PROTO_OK ? strlen((char *)out) + 1 : 0;
    }
    return good ? size : 0;
}

static enum proto_result decode(struct trial *trial, union value *out)
{
    const uint8_t *bytes = trial->wanted.bytes;
    size_t size = trial->wanted.size;
    switch (trial->message) {
    case QUERY:
        return query_decode(bytes, size, &out->query, &trial->query_layout);
    case ANSWER:
        return answer_decode(bytes, size, &out->answer);
    case ANNOUNCEMENT:
        return announcement_decode(bytes, size, &out->announcement);
    case ENROL_REQUEST:
        return enrol_request_decode(bytes, size, &out->enrol_request, &trial->enrol_layout);
    case ENROL_REPLY:
        return enrol_reply_decode(bytes, size, &out->enrol_reply, &trial->enrol_layout);
    case TOKEN:
        return token_from_text((const char *)bytes, &out->token);
    }
    return PROTO_SPACE;
}

/* The proofs of a decoded message. */
static bool verify(const struct trial *trial)
{
    const uint8_t *bytes = trial->wanted.bytes;
    size_t size = trial->wanted.size;
    const struct server_id *server = &trial->server;
    struct answer_context answer = answer_context_of(trial);
    struct enrol_context enrol = enrol_context_of(trial);
    switch (trial->message) {
    case QUERY:
        return query_verify(bytes, size, &trial->query_layout, &server->public_key, &trial->workstation);
    case ANSWER:
        return answer_verify(bytes, size, &answer);
    case ANNOUNCEMENT:
        return announcement_verify(bytes, server);
    case ENROL_REQUEST:
        return enrol_request_verify(bytes, size, &trial->enrol_layout, server, &trial->secret, &trial->workstation) ==
               PROTO_OK;
    case ENROL_REPLY:
        return enrol_reply_verify(bytes, size, &trial->enrol_layout, &enrol) == PROTO_OK;
    case TOKEN:
        return true;
    }
    return false;
}

static void check_hash(struct trial *trial)
{
    struct message_hash hash;
    if (trial->message == QUERY)
        query_hash(trial->wanted.bytes, &trial->query_layout, &hash);
    else if (trial->message == ENROL_REQUEST)
        enrol_request_hash(trial->wanted.bytes, &trial->enrol_layout, &hash);
    else
        return;
    check_output(trial->vector, "hash", hash.bytes, sizeof hash.bytes);
}

static void check_encoder(struct trial *trial, const char *what, const union value *value)
{
    memset(trial->room.bytes, 0xa5, trial->room.size);
    struct blob made = {.bytes = trial->room.bytes, .size = encode(trial, value)};
    check_bytes(trial->vector, what, &trial->wanted, &made);
}

static void check_both_ways(struct trial *trial, const union value *value)
{
    union value read;
    memset(&read, 0xa5, sizeof read); /* what the decoder forgets to write is seen */
    check_encoder(trial, "message", value);
    enum proto_result result = decode(trial, &read);
    check(trial->vector, result == PROTO_OK, proto_result_name(result));
    if (result != PROTO_OK)
        return;
    check_encoder(trial, "message from what was decoded", &read);
    check(trial->vector, verify(trial), "its proofs are wrong");
    check_hash(trial);
}

static void check_message(const struct kind *kind, struct vector *vector)
{
    size_t room = kind->room_key ? number_of(vector, kind->room_key, kind->room) : kind->room;
    struct trial trial = {.vector = vector, .message = kind->message, .room = blob_new(room)};
    union value value;
    trial.wanted = wanted_of(&trial);
    server_of(&trial, "server_seed");
    kind->values(&trial, &value);
    check_both_ways(&trial, &value);
    bool gated =
        kind->message == TOKEN || seal_gate_check(&trial.server.gate_key, trial.wanted.bytes, trial.wanted.size);
    check(vector, gated, "its gate is wrong");
    free(trial.wanted.bytes);
    free(trial.room.bytes);
}

static enum proto_result result_of(struct vector *vector)
{
    static const char *const NAMES[PROTO_RESULT_COUNT] = {
        [PROTO_OK] = "PROTO_OK",
        [PROTO_SHORT] = "PROTO_SHORT",
        [PROTO_LONG] = "PROTO_LONG",
        [PROTO_MAGIC] = "PROTO_MAGIC",
        [PROTO_VERSION_UNKNOWN] = "PROTO_VERSION_UNKNOWN",
        [PROTO_TYPE] = "PROTO_TYPE",
        [PROTO_FLAGS] = "PROTO_FLAGS",
        [PROTO_AUTH] = "PROTO_AUTH",
        [PROTO_HINT] = "PROTO_HINT",
        [PROTO_GATE] = "PROTO_GATE",
        [PROTO_LENGTH] = "PROTO_LENGTH",
        [PROTO_FIELD] = "PROTO_FIELD",
        [PROTO_TLV] = "PROTO_TLV",
        [PROTO_CRITICAL] = "PROTO_CRITICAL",
        [PROTO_PADDING] = "PROTO_PADDING",
        [PROTO_MAC] = "PROTO_MAC",
        [PROTO_SIGNATURE] = "PROTO_SIGNATURE",
        [PROTO_SPACE] = "PROTO_SPACE",
    };
    const char *name = text_of(vector, "result");
    for (unsigned i = 1; i < PROTO_RESULT_COUNT; i++) {
        if (strcmp(name, NAMES[i]) == 0)
            return (enum proto_result)i;
    }
    fail_msg("%s: no reason for rejection: %s", vector->name, name);
    return PROTO_OK;
}

static void check_decoder(const struct kind *kind, struct vector *vector, enum proto_result wanted)
{
    struct trial trial = {.vector = vector, .message = kind->message};
    union value value;
    trial.wanted = wanted_of(&trial);
    enum proto_result result = decode(&trial, &value);
    if (result != wanted)
        print_error("wanted: %s\n", proto_result_name(wanted));
    check(vector, result == wanted, proto_result_name(result));
    free(trial.wanted.bytes);
}

static const struct kind KINDS[] = {
    {"server", check_server, NULL, QUERY, NULL, 0},
    {"workstation", check_workstation, NULL, QUERY, NULL, 0},
    {"query", check_message, query_values, QUERY, "size", PROTO_DATAGRAM_MAX},
    {"answer", check_message, answer_values, ANSWER, "room", PROTO_DATAGRAM_MAX},
    {"announcement", check_message, announcement_values, ANNOUNCEMENT, NULL, ANNOUNCEMENT_SIZE},
    {"enrol-request", check_message, enrol_request_values, ENROL_REQUEST, "size", PROTO_DATAGRAM_MAX},
    {"enrol-reply", check_message, enrol_reply_values, ENROL_REPLY, NULL, PROTO_DATAGRAM_MAX},
    {"token", check_message, token_values, TOKEN, NULL, TOKEN_TEXT_MAX},
};

enum { KIND_COUNT = sizeof KINDS / sizeof KINDS[0] };

static const struct kind *kind_named(const char *name)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(KINDS[i].name, name) == 0)
            return &KINDS[i];
    }
    return NULL;
}

/* The kind that a vector is about; accept and reject are about a message. Stops the test when there is none. */
static const struct kind *subject_of(struct vector *vector)
{
    const char *name = text_of(vector, "kind");
    bool decoder_only = strcmp(name, "accept") == 0 || strcmp(name, "reject") == 0;
    const struct kind *kind = kind_named(decoder_only ? text_of(vector, "message") : name);
    if (!kind || (decoder_only && !kind->values))
        fail_msg("%s: unknown kind or message", vector->name);
    return kind;
}

struct tally {
    size_t whole;
    size_t accepted;
    size_t rejected;
    size_t mismatches;
};

static void check_vector(const struct kind *kind, struct vector *vector, struct tally *tally)
{
    const char *name = text_of(vector, "kind");
    if (strcmp(name, "accept") == 0) {
        check_decoder(kind, vector, PROTO_OK);
        tally->accepted++;
    } else if (strcmp(name, "reject") == 0) {
        check_decoder(kind, vector, result_of(vector));
        tally->rejected++;
    } else {
        kind->check(kind, vector);
        tally->whole++;
    }
    for (size_t i = 0; i < vector->count; i++)
        check(vector, vector->pairs[i].used, vector->pairs[i].key);
    tally->mismatches += vector->mismatches;
}

static void every_vector_of_a_kind_holds(void **state)
{
    const struct kind *kind = *state;
    struct tally tally = {0};
    struct vector vector;
    char *text = read_file();
    char *rest = text;
    while (vector_next(&rest, &vector)) {
        if (subject_of(&vector) == kind)
            check_vector(kind, &vector, &tally);
    }
    free(text);
    assert_int_equal(tally.mismatches, 0);
    assert_true(tally.whole > 0);
    assert_true(!kind->values || (tally.accepted > 0 && tally.rejected > 0));
}

int main(void)
{
    if (sodium_init() < 0)
        return EXIT_FAILURE;
    struct CMUnitTest vectors[KIND_COUNT];
    for (size_t i = 0; i < KIND_COUNT; i++) {
        vectors[i] = (struct CMUnitTest){
            .name = KINDS[i].name, .test_func = every_vector_of_a_kind_holds, .initial_state = (void *)&KINDS[i]};
    }
    return cmocka_run_group_tests(vectors, NULL, NULL);
}
