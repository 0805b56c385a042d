/* SPDX-License-Identifier: MIT
 *
 * The agent's answering, without a socket: who gets an answer, who gets silence, and what stands in it.
 */
#include "tests/unit/office_fixture.h"

#include "proto/announce.h"
#include "proto/message.h"
#include "proto/query.h"
#include "proto/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int open_office(void **state)
{
    static struct office office;
    office_open(&office);
    *state = &office;
    return keys_start() ? 0 : -1;
}

static int close_office(void **state)
{
    office_close(*state);
    return 0;
}

static void regate(const struct office *office, struct datagram *datagram)
{
    seal_gate_close(&office->server.id.gate_key, datagram->bytes, datagram->size);
}

/* Decodes an answer that has to be right in every way. */
static struct answer proven(const struct office *office, const struct datagram *query, const struct datagram *reply)
{
    struct answer_context context = {.server = &office->server.id};
    struct query_layout layout;
    struct query asked;
    struct answer answer;
    assert_int_equal(query_decode(query->bytes, query->size, &asked, &layout), PROTO_OK);
    query_hash(query->bytes, &layout, &context.query);
    assert_int_equal(answer_decode(reply->bytes, reply->size, &answer), PROTO_OK);
    assert_true(seal_gate_check(&office->server.id.gate_key, reply->bytes, reply->size));
    assert_true(answer_verify(reply->bytes, reply->size, &context));
    assert_memory_equal(&answer.nonce, &asked.nonce, sizeof answer.nonce);
    assert_int_equal(answer.probe, asked.probe);
    return answer;
}

static bool lists(const struct answer *answer, const char *text)
{
    struct address wanted = office_address(text, PROTO_QUERY_PORT);
    for (size_t i = 0; i < answer->count; i++) {
        struct address listed = address_from_endpoint(&answer->endpoints[i], 0);
        if (address_equal(&listed, &wanted))
            return true;
    }
    return false;
}

static void an_enrolled_workstation_is_answered(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->station, "10.77.0.10");
    struct datagram reply;
    assert_true(office_handle(office, &query, &reply));
    struct answer answer = proven(office, &query, &reply);
    assert_int_equal(answer.status, ANSWER_OK);
    assert_int_equal(answer.port, 1234);
    assert_int_equal(answer.serial, 7);
    assert_int_equal(answer.trust_s, 300);
    assert_int_equal(answer.roster_generation, 1);
    assert_string_equal(answer.host.text, "server");
    assert_true(reply.size <= query.size);
}

static void the_answer_goes_to_the_asker_from_the_address_that_was_asked(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->station, "192.168.5.10");
    struct datagram reply;
    assert_true(office_handle(office, &query, &reply));
    assert_true(address_equal(&reply.peer, &query.peer));
    assert_true(address_equal(&reply.local, &query.local));
}

static void a_group_is_answered_from_the_address_on_the_askers_prefix(void **state)
{
    struct office *office = *state;
    struct address expected = office_address("10.77.0.10", 0);
    struct datagram query = office_query(office, &office->station, PROTO_GROUP_IPV4);
    struct datagram reply;
    assert_true(office_handle(office, &query, &reply));
    assert_true(address_same_host(&reply.local, &expected));
    struct answer answer = proven(office, &query, &reply);
    assert_memory_equal(answer.arrived.addr, expected.bytes, sizeof expected.bytes);
}

static void the_list_has_office_addresses_only_the_askers_own_link_first(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->station, "10.77.0.10");
    struct datagram reply;
    assert_true(office_handle(office, &query, &reply));
    struct answer answer = proven(office, &query, &reply);
    struct address first = address_from_endpoint(&answer.endpoints[0], 0);
    struct address own = office_address("10.77.0.10", PROTO_QUERY_PORT);
    assert_true(address_equal(&first, &own));
    assert_true(lists(&answer, "192.168.5.10"));
    assert_true(lists(&answer, "fd77::10"));
    assert_false(lists(&answer, "172.17.0.1"));
}

static void a_container_address_is_listed_to_whoever_asks_there(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->station, "172.17.0.1");
    struct datagram reply;
    query.peer = office_address("172.17.0.5", 40000);
    query.peer.ifindex = query.local.ifindex = DOCKER0;
    assert_true(office_handle(office, &query, &reply));
    struct answer answer = proven(office, &query, &reply);
    assert_true(lists(&answer, "172.17.0.1"));
}

static void a_stranger_gets_silence(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->stranger, "10.77.0.10");
    struct datagram reply;
    assert_false(office_handle(office, &query, &reply));
    assert_int_equal(office->counters.strangers, 1);
}

static void a_query_under_anothers_name_gets_silence(void **state)
{
    struct office *office = *state;
    struct workstation_keys thief = office->stranger;
    struct datagram reply;
    thief.id = office->station.id; /* an enrolled id, signed by a key that is not its own */
    struct datagram query = office_query(office, &thief, "10.77.0.10");
    assert_false(office_handle(office, &query, &reply));
    assert_int_equal(office->counters.rejected[PROTO_SIGNATURE], 1);
}

static void whoever_does_not_know_the_public_key_gets_silence(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->station, "10.77.0.10");
    struct datagram reply;
    query.bytes[MESSAGE_GATE_AT] ^= 1;
    assert_false(office_handle(office, &query, &reply));
    assert_int_equal(office->counters.rejected[PROTO_GATE], 1);
}

static void a_query_for_another_server_gets_silence(void **state)
{
    struct office *office = *state;
    struct office other = *office;
    struct datagram reply;
    keys_new_server(&other.server);
    struct datagram query = office_query(&other, &office->station, "10.77.0.10");
    assert_false(office_handle(office, &query, &reply));
    assert_int_equal(office->counters.rejected[PROTO_HINT], 1);
}

static void replies_and_announcements_get_silence(void **state)
{
    struct office *office = *state;
    static const uint8_t types[] = {MESSAGE_ANSWER, MESSAGE_ANNOUNCEMENT, MESSAGE_ENROL_REPLY, 0x02, 0x82, 0x7f, 0xff};
    for (size_t i = 0; i < sizeof types; i++) {
        struct datagram query = office_query(office, &office->station, "10.77.0.10");
        struct datagram reply;
        query.bytes[5] = types[i];
        regate(office, &query);
        assert_false(office_handle(office, &query, &reply));
    }
    assert_int_equal(office->counters.rejected[PROTO_TYPE], sizeof types);
}

static void its_own_answer_reflected_gets_silence(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->station, "10.77.0.10");
    struct datagram reply;
    struct datagram again;
    assert_true(office_handle(office, &query, &reply));
    struct datagram reflected = reply;
    reflected.peer = query.peer;
    reflected.local = query.local;
    assert_false(office_handle(office, &reflected, &again));
}

static void senders_that_cannot_be_answered_get_silence(void **state)
{
    struct office *office = *state;
    static const char *const forged[] = {"0.0.0.0", "239.255.112.108", "::", "ff12::706c"};
    struct datagram reply;
    struct datagram query = office_query(office, &office->station, "10.77.0.10");
    query.peer.port = 0;
    assert_false(office_handle(office, &query, &reply));
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        query.peer = office_address(forged[i], 40000);
        assert_false(office_handle(office, &query, &reply));
    }
}

static void a_datagram_below_the_least_request_gets_silence(void **state)
{
    struct office *office = *state;
    for (size_t size = 0; size < PROTO_REQUEST_MIN; size++) {
        struct datagram query = office_query(office, &office->station, "10.77.0.10");
        struct datagram reply;
        query.size = size;
        if (size >= PROTO_HEADER_SIZE)
            regate(office, &query);
        assert_false(office_handle(office, &query, &reply));
    }
}

static void a_revoked_workstation_is_told_so_without_an_address_and_once_a_second(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->station, "10.77.0.10");
    struct datagram reply;
    struct responder_time now = {.interval_us = 5000000, .wall_s = 2000};
    assert_int_equal(roster_revoke(office->roster, &office->station.id, 1500), ROSTER_OK);
    assert_true(responder_handle(&office->responder, &query, &now, &reply));
    struct answer answer = proven(office, &query, &reply);
    assert_int_equal(answer.status, ANSWER_REFUSED);
    assert_int_equal(answer.count, 0);
    assert_int_equal(answer.arrived.family, ENDPOINT_NONE);
    assert_string_equal(answer.host.text, "");
    now.interval_us += 999999;
    assert_false(responder_handle(&office->responder, &query, &now, &reply));
    now.interval_us += 1;
    assert_true(responder_handle(&office->responder, &query, &now, &reply));
}

static void what_arrives_by_group_on_a_link_without_addresses_gets_silence(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->station, PROTO_GROUP_IPV4);
    struct datagram reply;
    query.local.ifindex = query.peer.ifindex = 77;
    assert_false(office_handle(office, &query, &reply));
}

static void a_verified_query_is_remembered_as_seen(void **state)
{
    struct office *office = *state;
    struct datagram query = office_query(office, &office->station, "10.77.0.10");
    struct datagram reply;
    assert_true(office_handle(office, &query, &reply));
    const struct station *station = roster_find(office->roster, &office->station.id);
    assert_int_equal(station->seen_s, 2000);
    assert_true(address_equal(&station->seen_from, &query.peer));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_office, close_office)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_enrolled_workstation_is_answered),
        CASE(the_answer_goes_to_the_asker_from_the_address_that_was_asked),
        CASE(a_group_is_answered_from_the_address_on_the_askers_prefix),
        CASE(the_list_has_office_addresses_only_the_askers_own_link_first),
        CASE(a_container_address_is_listed_to_whoever_asks_there),
        CASE(a_stranger_gets_silence),
        CASE(a_query_under_anothers_name_gets_silence),
        CASE(whoever_does_not_know_the_public_key_gets_silence),
        CASE(a_query_for_another_server_gets_silence),
        CASE(replies_and_announcements_get_silence),
        CASE(its_own_answer_reflected_gets_silence),
        CASE(senders_that_cannot_be_answered_get_silence),
        CASE(a_datagram_below_the_least_request_gets_silence),
        CASE(a_revoked_workstation_is_told_so_without_an_address_and_once_a_second),
        CASE(what_arrives_by_group_on_a_link_without_addresses_gets_silence),
        CASE(a_verified_query_is_remembered_as_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
