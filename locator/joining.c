/* SPDX-License-Identifier: MIT */
#include "locator/joining.h"

#include "proto/message.h"
#include "proto/seal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct joining {
    struct joining_settings settings;
    struct message_hash hash; /* of our request, which is the same to everybody */
    uint8_t request[PROTO_REQUEST_MIN];
    bool proved;
    struct enrol_reply reply;
};

/* Our own request fits its size and can be read: anything else is a bug of ours. */
static void must(enum proto_result result)
{
    assert(result == PROTO_OK);
    (void)result;
}

static void write_request(struct joining *joining)
{
    const struct joining_settings *settings = &joining->settings;
    const struct enrol_request request = {.selector = settings->token->selector,
                                          .transaction = settings->transaction,
                                          .workstation = settings->station->public_key,
                                          .host = settings->host};
    struct enrol_request written;
    struct enrol_layout layout;
    must(enrol_request_encode(&request, settings->server, &settings->token->secret, &settings->station->secret,
                              joining->request, sizeof joining->request));
    must(enrol_request_decode(joining->request, sizeof joining->request, &written, &layout));
    enrol_request_hash(joining->request, &layout, &joining->hash);
}

struct joining *joining_new(const struct joining_settings *settings)
{
    struct joining *joining = calloc(1, sizeof *joining);
    if (!joining)
        return NULL;
    joining->settings = *settings;
    write_request(joining);
    return joining;
}

void joining_free(struct joining *joining)
{
    free(joining);
}

static size_t joining_write(void *self, uint32_t probe, const struct candidate *to, uint64_t now_us,
                            uint8_t out[PROTO_DATAGRAM_MAX])
{
    const struct joining *joining = self;
    (void)probe;
    (void)to;
    (void)now_us;
    memcpy(out, joining->request, sizeof joining->request);
    return sizeof joining->request;
}

static bool is_ours(const struct joining *joining, const struct enrol_reply *reply)
{
    const struct joining_settings *settings = &joining->settings;
    const struct workstation_public *key = &settings->station->public_key;
    return memcmp(reply->selector.bytes, settings->token->selector.bytes, sizeof reply->selector.bytes) == 0 &&
           memcmp(reply->transaction.bytes, settings->transaction.bytes, sizeof reply->transaction.bytes) == 0 &&
           memcmp(reply->workstation.bytes, key->bytes, sizeof key->bytes) == 0;
}

/* As everywhere: form, addressee, gate, ours at all, and then MAC and the one signature check. */
static bool is_proof(const struct joining *joining, const struct datagram *in, struct enrol_reply *reply)
{
    const struct server_id *server = joining->settings.server;
    struct header header;
    struct enrol_layout layout;
    if (header_decode(in->bytes, in->size, &header) != PROTO_OK ||
        memcmp(header.hint.bytes, server->hint.bytes, sizeof header.hint.bytes) != 0 ||
        !seal_gate_check(&server->gate_key, in->bytes, in->size))
        return false;
    if (enrol_reply_decode(in->bytes, in->size, reply, &layout) != PROTO_OK || !is_ours(joining, reply))
        return false;
    const struct enrol_context context = {
        .server = server, .secret = &joining->settings.token->secret, .request = joining->hash};
    return enrol_reply_verify(in->bytes, in->size, &layout, &context) == PROTO_OK;
}

static void joining_judge(void *self, const struct datagram *in, uint64_t now_us, struct judgement *out)
{
    struct joining *joining = self;
    struct enrol_reply reply;
    (void)now_us;
    out->verdict = VERDICT_UNPROVEN;
    if (!is_proof(joining, in, &reply))
        return;
    out->verdict = VERDICT_PROVED;
    joining->proved = true;
    joining->reply = reply;
}

struct question joining_question(struct joining *joining)
{
    return (struct question){.self = joining, .write = joining_write, .judge = joining_judge};
}

const struct enrol_reply *joining_reply(const struct joining *joining)
{
    return joining->proved ? &joining->reply : NULL;
}
