/* SPDX-License-Identifier: MIT
 *
 * What a locator believes: one genuine answer, and each way in which an answer can fail to be one.
 */
#include "tests/unit/office_fixture.h"

#include "proto/message.h"
#include "proto/query.h"
#include "proto/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* An office and one query under way, to the server's address on the workstation's own network. */
struct asking {
    struct office office;
    struct probe *probe;
    struct question question;
    struct datagram query;  /* as the server gets it */
    struct datagram answer; /* as the workstation gets it, genuine */
};

static void ask(struct asking *asking, const char *to, uint32_t number)
{
    struct candidate candidate = {.source = SOURCE_CACHE, .to = office_address(to, PROTO_QUERY_PORT)};
    struct datagram *query = &asking->query;
    candidate.group = address_is_multicast(&candidate.to);
    candidate.from = office_address("10.77.0.100", 0);
    candidate.from_prefix = 24;
    query->to_group = candidate.group;
    query->peer = office_address("10.77.0.100", 40000);
    query->local = candidate.to;
    query->local.port = 0;
    query->peer.ifindex = query->local.ifindex = ETH0;
    query->size = asking->question.write(asking->question.self, number, &candidate, 1000, query->bytes);
}

static void answer(struct asking *asking)
{
    struct datagram reply;
    assert_true(office_handle(&asking->office, &asking->query, &reply));
    asking->answer = office_arrive(&reply, 9);
}

static int open_asking(void **state)
{
    static struct asking asking;
    memset(&asking, 0, sizeof asking);
    office_open(&asking.office);
    const struct probe_settings settings = {
        .server = &asking.office.server.id, .station = &asking.office.station, .nonce = {{5, 5, 5}}};
    asking.probe = probe_new(&settings);
    assert_non_null(asking.probe);
    asking.question = probe_question(asking.probe);
    ask(&asking, "10.77.0.10", 0);
    answer(&asking);
    *state = &asking;
    return 0;
}

static int close_asking(void **state)
{
    struct asking *asking = *state;
    probe_free(asking->probe);
    office_close(&asking->office);
    return 0;
}

static enum verdict judge(const struct asking *asking, const struct datagram *in, struct judgement *out)
{
    *out = (struct judgement){.verdict = VERDICT_UNPROVEN};
    asking->question.judge(asking->question.self, in, 1500, out);
    return out->verdict;
}

static void assert_proves_nothing(const struct asking *asking, const struct datagram *in)
{
    struct judgement judgement;
    assert_int_equal(judge(asking, in, &judgement), VERDICT_UNPROVEN);
    assert_null(probe_verified(asking->probe));
}

/* What somebody can do who was enrolled once and so knows the server's public key. */
static void regate(const struct asking *asking, struct datagram *datagram)
{
    seal_gate_close(&asking->office.server.id.gate_key, datagram->bytes, datagram->size);
}

static void a_genuine_answer_becomes_a_verified_address(void **state)
{
    const struct asking *asking = *state;
    struct judgement judgement;
    assert_int_equal(judge(asking, &asking->answer, &judgement), VERDICT_PROVED);
    const struct verified *verified = probe_verified(asking->probe);
    assert_non_null(verified);
    struct address expected = office_address("10.77.0.10", PROTO_QUERY_PORT);
    assert_true(address_equal(&verified->address, &expected));
    assert_int_equal(verified->address.ifindex, 9);
    assert_int_equal(verified->source, SOURCE_CACHE);
    assert_int_equal(verified->answer.port, 1234);
    assert_int_equal(verified->rtt_us, 500);
}

static void every_changed_bit_makes_it_worthless(void **state)
{
    const struct asking *asking = *state;
    for (size_t bit = 0; bit < asking->answer.size * 8; bit++) {
        struct datagram forged = asking->answer;
        forged.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_proves_nothing(asking, &forged);
    }
}

static void also_by_somebody_who_knows_the_public_key(void **state)
{
    const struct asking *asking = *state;
    for (size_t bit = 0; bit < asking->answer.size * 8; bit++) {
        struct datagram forged = asking->answer;
        if (bit / 8 >= MESSAGE_GATE_AT && bit / 8 < MESSAGE_GATE_AT + MESSAGE_GATE_SIZE)
            continue;
        forged.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        regate(asking, &forged);
        assert_proves_nothing(asking, &forged);
    }
}

static void every_shorter_and_longer_answer_is_worthless(void **state)
{
    const struct asking *asking = *state;
    for (size_t size = 0; size <= PROTO_DATAGRAM_MAX + 1; size++) {
        struct datagram forged = asking->answer;
        if (size == asking->answer.size)
            continue;
        if (size > forged.size)
            memset(forged.bytes + forged.size, 0, size - forged.size);
        forged.size = size;
        if (size >= PROTO_HEADER_SIZE)
            regate(asking, &forged);
        assert_proves_nothing(asking, &forged);
    }
}

static void an_answer_to_an_earlier_search_proves_nothing(void **state)
{
    const struct asking *asking = *state;
    struct probe_settings settings = {
        .server = &asking->office.server.id, .station = &asking->office.station, .nonce = {{6, 6, 6}}};
    struct asking later = {.office = asking->office, .probe = probe_new(&settings)};
    later.question = probe_question(later.probe);
    ask(&later, "10.77.0.10", 0);
    assert_proves_nothing(&later, &asking->answer);
    assert_int_equal(probe_last_reason(later.probe), PROTO_FIELD); /* and does not cost a signature check */
    /* Nor with its nonce put in the place of the old one: the signature binds the whole query. */
    struct datagram forged = asking->answer;
    memcpy(forged.bytes + PROTO_HEADER_SIZE, settings.nonce.bytes, sizeof settings.nonce.bytes);
    regate(asking, &forged);
    assert_proves_nothing(&later, &forged);
    probe_free(later.probe);
}

static void an_answer_to_another_workstation_proves_nothing(void **state)
{
    struct asking *asking = *state;
    struct office *office = &asking->office;
    const struct name name = {"other"};
    assert_int_equal(roster_enrol(office->roster, &office->stranger.public_key, &name, 1000), ROSTER_OK);
    const struct query query = {.workstation = office->stranger.id, .nonce = {{5, 5, 5}}, .probe = 0};
    struct datagram asked = asking->query;
    struct datagram reply;
    assert_int_equal(query_encode(&query, &office->server.id, &office->stranger.secret, asked.bytes, asked.size),
                     PROTO_OK);
    assert_true(office_handle(office, &asked, &reply));
    struct datagram in = office_arrive(&reply, 9);
    assert_proves_nothing(asking, &in);
}

static void an_answer_to_a_number_that_was_not_asked_proves_nothing(void **state)
{
    struct asking *asking = *state;
    static const uint32_t numbers[] = {1, SEARCH_ASKS_MAX - 1, SEARCH_ASKS_MAX, UINT32_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct query query = {
            .workstation = asking->office.station.id, .nonce = {{5, 5, 5}}, .probe = numbers[i]};
        struct datagram asked = asking->query;
        struct datagram reply;
        assert_int_equal(
            query_encode(&query, &asking->office.server.id, &asking->office.station.secret, asked.bytes, asked.size),
            PROTO_OK);
        assert_true(office_handle(&asking->office, &asked, &reply));
        struct datagram in = office_arrive(&reply, 9);
        assert_proves_nothing(asking, &in);
    }
}

static void another_servers_answer_proves_nothing(void **state)
{
    struct asking *asking = *state;
    struct answer forged = {.nonce = {{5, 5, 5}}, .count = 1};
    struct server_keys impostor;
    struct answer_context context = {.server = &asking->office.server.id};
    struct query_layout layout;
    struct query query;
    struct datagram in = asking->answer;
    keys_new_server(&impostor);
    assert_int_equal(query_decode(asking->query.bytes, asking->query.size, &query, &layout), PROTO_OK);
    query_hash(asking->query.bytes, &layout, &context.query);
    forged.endpoints[0] = address_to_endpoint(&in.peer, 0);
    /* Everything is right but the key that signs. */
    in.size = answer_encode(&forged, &context, &impostor.secret, in.bytes, PROTO_REQUEST_MIN);
    assert_proves_nothing(asking, &in);
    assert_int_equal(probe_last_reason(asking->probe), PROTO_SIGNATURE);
}

static void an_answer_from_an_address_that_is_not_listed_is_relayed(void **state)
{
    const struct asking *asking = *state;
    struct datagram relayed = asking->answer;
    struct judgement judgement;
    relayed.peer = office_address("10.77.0.66", PROTO_QUERY_PORT);
    assert_int_equal(judge(asking, &relayed, &judgement), VERDICT_RELAYED);
    assert_null(probe_verified(asking->probe));
    assert_true(judgement.lead_count >= 2);
    struct address first = office_address("10.77.0.10", PROTO_QUERY_PORT);
    assert_true(address_equal(&judgement.leads[0], &first));
}

static void an_answer_from_the_right_host_but_another_port_is_relayed(void **state)
{
    const struct asking *asking = *state;
    struct datagram relayed = asking->answer;
    struct judgement judgement;
    relayed.peer.port++;
    assert_int_equal(judge(asking, &relayed, &judgement), VERDICT_RELAYED);
}

/* Asked at the relay's address, answered with the server's forged as sender: listed, but no exchange succeeded on it.
 */
static void an_answer_from_a_listed_address_that_was_not_asked_is_relayed(void **state)
{
    struct asking *asking = *state;
    struct judgement judgement;
    ask(asking, "10.77.0.66", 1);
    asking->query.local = office_address("10.77.0.10", 0);
    asking->query.local.ifindex = ETH0;
    answer(asking);
    assert_int_equal(judge(asking, &asking->answer, &judgement), VERDICT_RELAYED);
    assert_null(probe_verified(asking->probe));
}

static void a_group_is_answered_by_any_listed_address(void **state)
{
    struct asking *asking = *state;
    struct judgement judgement;
    ask(asking, PROTO_GROUP_IPV4, 2);
    answer(asking);
    assert_int_equal(judge(asking, &asking->answer, &judgement), VERDICT_PROVED);
    struct address expected = office_address("10.77.0.10", PROTO_QUERY_PORT);
    assert_true(address_equal(&probe_verified(asking->probe)->address, &expected));
}

/* Heard, but on no network of ours: whether a way leads there has yet to be seen. */
static void a_group_answered_from_another_network_is_a_lead(void **state)
{
    struct asking *asking = *state;
    struct judgement judgement;
    ask(asking, PROTO_GROUP_IPV4, 2);
    answer(asking);
    asking->answer.peer = office_address("192.168.5.10", PROTO_QUERY_PORT);
    assert_int_equal(judge(asking, &asking->answer, &judgement), VERDICT_LEAD);
    assert_null(probe_verified(asking->probe));
    assert_true(judgement.lead_count > 0);
}

static void a_refusal_is_a_refusal_and_no_address(void **state)
{
    struct asking *asking = *state;
    struct judgement judgement;
    assert_int_equal(roster_revoke(asking->office.roster, &asking->office.station.id, 1500), ROSTER_OK);
    answer(asking);
    assert_int_equal(judge(asking, &asking->answer, &judgement), VERDICT_REFUSED);
    assert_null(probe_verified(asking->probe));
}

static void its_own_query_reflected_proves_nothing(void **state)
{
    const struct asking *asking = *state;
    struct datagram reflected = asking->query;
    reflected.peer = asking->answer.peer;
    assert_proves_nothing(asking, &reflected);
}

static void a_retransmission_is_the_same_datagram(void **state)
{
    struct asking *asking = *state;
    struct datagram first = asking->query;
    ask(asking, "10.77.0.10", 0);
    assert_int_equal(first.size, asking->query.size);
    assert_memory_equal(first.bytes, asking->query.bytes, first.size);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_asking, close_asking)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_genuine_answer_becomes_a_verified_address),
        CASE(every_changed_bit_makes_it_worthless),
        CASE(also_by_somebody_who_knows_the_public_key),
        CASE(every_shorter_and_longer_answer_is_worthless),
        CASE(an_answer_to_an_earlier_search_proves_nothing),
        CASE(an_answer_to_another_workstation_proves_nothing),
        CASE(an_answer_to_a_number_that_was_not_asked_proves_nothing),
        CASE(another_servers_answer_proves_nothing),
        CASE(an_answer_from_an_address_that_is_not_listed_is_relayed),
        CASE(an_answer_from_the_right_host_but_another_port_is_relayed),
        CASE(an_answer_from_a_listed_address_that_was_not_asked_is_relayed),
        CASE(a_group_is_answered_by_any_listed_address),
        CASE(a_group_answered_from_another_network_is_a_lead),
        CASE(a_refusal_is_a_refusal_and_no_address),
        CASE(its_own_query_reflected_proves_nothing),
        CASE(a_retransmission_is_the_same_datagram),
    };
    return keys_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
