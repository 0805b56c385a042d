/* SPDX-License-Identifier: MIT
 *
 * What a joining workstation believes: the reply of the token's server to this very request, and nothing else.
 */
#include "locator/joining.h"

#include "proto/message.h"
#include "proto/seal.h"
#include "tests/unit/office_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { NOW_S = 2000 }; /* as office_handle() has it */

struct entering {
    struct office office;
    struct workstation_keys newcomer;
    struct token token;
    struct joining *joining;
    struct question question;
    struct datagram request; /* as the server gets it */
    struct datagram reply;   /* as the workstation gets it, genuine */
};

static void ask(struct entering *entering)
{
    const struct candidate to = {.to = office_address("10.77.0.10", PROTO_QUERY_PORT)};
    struct datagram *request = &entering->request;
    request->peer = office_address("10.77.0.101", 40000);
    request->local = office_address("10.77.0.10", 0);
    request->peer.ifindex = request->local.ifindex = ETH0;
    request->to_group = false;
    request->size = entering->question.write(entering->question.self, 0, &to, 1000, request->bytes);
}

static void open_joining(struct entering *entering, uint8_t transaction)
{
    const struct joining_settings settings = {.token = &entering->token,
                                              .server = &entering->office.server.id,
                                              .station = &entering->newcomer,
                                              .transaction = {{transaction}},
                                              .host = {"reception"}};
    entering->joining = joining_new(&settings);
    assert_non_null(entering->joining);
    entering->question = joining_question(entering->joining);
}

static int set_up(void **state)
{
    static struct entering entering;
    const struct name name = {{0}};
    enum statefile_result result;
    struct datagram sent;
    memset(&entering, 0, sizeof entering);
    office_open(&entering.office);
    keys_new_workstation(&entering.newcomer);
    const struct invitation *invitation =
        invitations_add(entering.office.invitations, &name, NOW_S + 60, NOW_S, &result);
    assert_non_null(invitation);
    entering.token = (struct token){.server = entering.office.server.id.public_key,
                                    .selector = invitation->selector,
                                    .secret = invitation->secret,
                                    .practice = entering.office.practice,
                                    .port = PROTO_QUERY_PORT};
    open_joining(&entering, 1);
    ask(&entering);
    assert_true(office_handle(&entering.office, &entering.request, &sent));
    entering.reply = office_arrive(&sent, 9);
    *state = &entering;
    return 0;
}

static int tear_down(void **state)
{
    struct entering *entering = *state;
    joining_free(entering->joining);
    office_close(&entering->office);
    return 0;
}

static enum verdict judge(const struct entering *entering, const struct datagram *in)
{
    struct judgement judgement = {.verdict = VERDICT_UNPROVEN};
    entering->question.judge(entering->question.self, in, 1500, &judgement);
    return judgement.verdict;
}

static void assert_proves_nothing(const struct entering *entering, const struct datagram *in)
{
    assert_int_equal(judge(entering, in), VERDICT_UNPROVEN);
    assert_null(joining_reply(entering->joining));
}

static void regate(const struct entering *entering, struct datagram *datagram)
{
    seal_gate_close(&entering->office.server.id.gate_key, datagram->bytes, datagram->size);
}

/* A reply that is right in everything but who signs and which secret it proves. */
static struct datagram forge(const struct entering *entering, const struct server_secret *key,
                             const struct token_secret *secret, uint8_t transaction)
{
    struct enrol_context context = {.server = &entering->office.server.id, .secret = secret};
    const struct enrol_reply reply = {.selector = entering->token.selector,
                                      .transaction = {{transaction}},
                                      .workstation = entering->newcomer.public_key,
                                      .practice = {"Dr. Grey"},
                                      .name = {"reception"}};
    struct enrol_request request;
    struct enrol_layout layout;
    struct datagram in = entering->reply;
    assert_int_equal(enrol_request_decode(entering->request.bytes, entering->request.size, &request, &layout),
                     PROTO_OK);
    enrol_request_hash(entering->request.bytes, &layout, &context.request);
    in.size = enrol_reply_encode(&reply, &context, key, in.bytes, PROTO_REQUEST_MIN);
    return in;
}

static void the_servers_reply_is_believed(void **state)
{
    const struct entering *entering = *state;
    assert_int_equal(judge(entering, &entering->reply), VERDICT_PROVED);
    const struct enrol_reply *reply = joining_reply(entering->joining);
    assert_int_equal(reply->result, ENROL_ACCEPTED);
    assert_string_equal(reply->practice.text, "Dr. Grey");
    assert_string_equal(reply->name.text, "reception");
}

static void every_changed_bit_makes_it_worthless(void **state)
{
    const struct entering *entering = *state;
    for (size_t bit = 0; bit < entering->reply.size * 8; bit++) {
        struct datagram forged = entering->reply;
        forged.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_proves_nothing(entering, &forged);
    }
}

/* But the cookie, which is zero and ignored, and the gate itself, which is made anew. */
static void also_by_somebody_who_knows_the_public_key(void **state)
{
    const struct entering *entering = *state;
    for (size_t bit = 0; bit < entering->reply.size * 8; bit++) {
        struct datagram forged = entering->reply;
        if (bit / 8 >= MESSAGE_GATE_AT && bit / 8 < 48)
            continue;
        forged.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        regate(entering, &forged);
        assert_proves_nothing(entering, &forged);
    }
}

static void another_servers_reply_proves_nothing(void **state)
{
    const struct entering *entering = *state;
    struct server_keys impostor;
    keys_new_server(&impostor);
    struct datagram forged = forge(entering, &impostor.secret, &entering->token.secret, 1);
    assert_proves_nothing(entering, &forged);
}

static void a_reply_that_does_not_know_the_secret_proves_nothing(void **state)
{
    const struct entering *entering = *state;
    const struct token_secret other = {{1, 2, 3}};
    struct datagram forged = forge(entering, &entering->office.server.secret, &other, 1);
    assert_proves_nothing(entering, &forged);
}

static void a_reply_to_another_request_proves_nothing(void **state)
{
    struct entering *entering = *state;
    struct datagram forged = forge(entering, &entering->office.server.secret, &entering->token.secret, 2);
    assert_proves_nothing(entering, &forged);
    joining_free(entering->joining);
    open_joining(entering, 2); /* the same workstation tries again: the old reply is not for it */
    assert_proves_nothing(entering, &entering->reply);
}

static void its_own_request_reflected_proves_nothing(void **state)
{
    const struct entering *entering = *state;
    assert_proves_nothing(entering, &entering->request);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_servers_reply_is_believed),
        CASE(every_changed_bit_makes_it_worthless),
        CASE(also_by_somebody_who_knows_the_public_key),
        CASE(another_servers_reply_proves_nothing),
        CASE(a_reply_that_does_not_know_the_secret_proves_nothing),
        CASE(a_reply_to_another_request_proves_nothing),
        CASE(its_own_request_reflected_proves_nothing),
    };
    return keys_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
