/* SPDX-License-Identifier: MIT
 *
 * The race of candidates on a virtual clock, with a question that believes what its test tells it.
 */
#include "locator/search.h"

#include "tests/unit/office_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The first byte of a datagram says how the question judges it. */
struct fake {
    uint32_t written;
    struct judgement judgement;
};

struct race {
    struct fake fake;
    struct search *search;
    uint64_t now_us;
};

static size_t fake_write(void *self, uint32_t probe, const struct candidate *to, uint64_t now_us, uint8_t *out)
{
    struct fake *fake = self;
    (void)to;
    (void)now_us;
    fake->written++;
    out[0] = (uint8_t)probe;
    return 1;
}

static void fake_judge(void *self, const struct datagram *in, uint64_t now_us, struct judgement *out)
{
    const struct fake *fake = self;
    (void)in;
    (void)now_us;
    *out = fake->judgement;
}

static void open_with(struct race *race, uint8_t family)
{
    const struct search_settings settings = {.timeout_us = 3000000, .family = family, .seed = 42};
    *race = (struct race){.now_us = 1000000};
    const struct question question = {.self = &race->fake, .write = fake_write, .judge = fake_judge};
    race->search = search_new(&settings, &question, race->now_us);
    assert_non_null(race->search);
}

static int open_race(void **state)
{
    static struct race race;
    open_with(&race, ENDPOINT_NONE);
    *state = &race;
    return 0;
}

static int close_race(void **state)
{
    struct race *race = *state;
    search_free(race->search);
    return 0;
}

static struct candidate candidate(const char *text, enum source source)
{
    struct candidate made = {.source = source, .to = office_address(text, PROTO_QUERY_PORT)};
    made.to.ifindex = ETH0;
    return made;
}

static void claim(struct race *race, const char *text, enum source source, uint64_t delay_us)
{
    const struct candidate made = candidate(text, source);
    search_candidate(race->search, &made, delay_us, race->now_us);
}

static struct search_action next(struct race *race)
{
    struct search_action action;
    search_next(race->search, race->now_us, &action);
    return action;
}

static void hear(struct race *race, enum verdict verdict)
{
    const struct datagram in = {.size = 1};
    race->fake.judgement.verdict = verdict;
    search_datagram(race->search, &in, race->now_us);
}

static struct search_report report(const struct race *race)
{
    struct search_report report;
    search_report(race->search, &report);
    return report;
}

/* Lets time go on until the search is over, sending nothing anywhere; returns how often it sent. */
static uint32_t run_out(struct race *race)
{
    uint32_t sent = 0;
    for (struct search_action action = next(race); action.step != SEARCH_STEP_DONE; action = next(race)) {
        if (action.step == SEARCH_STEP_SEND) {
            sent++;
        } else {
            assert_true(action.wake_us > race->now_us);
            race->now_us = action.wake_us;
        }
    }
    return sent;
}

static void a_candidate_is_asked_at_once(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    struct search_action action = next(race);
    assert_int_equal(action.step, SEARCH_STEP_SEND);
    struct address expected = office_address("10.77.0.10", PROTO_QUERY_PORT);
    assert_true(address_equal(&action.send.peer, &expected));
    assert_int_equal(action.send.size, 1);
    assert_int_equal(next(race).step, SEARCH_STEP_WAIT);
}

static void a_delayed_candidate_is_asked_when_its_time_comes(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_MULTICAST, 15000);
    struct search_action action = next(race);
    assert_int_equal(action.step, SEARCH_STEP_WAIT);
    assert_int_equal(action.wake_us, race->now_us + 15000);
    race->now_us += 14999;
    assert_int_equal(next(race).step, SEARCH_STEP_WAIT);
    race->now_us += 1;
    assert_int_equal(next(race).step, SEARCH_STEP_SEND);
}

static void no_candidate_waits_for_another(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    claim(race, "10.77.0.11", SOURCE_MULTICAST, 0);
    claim(race, "10.77.0.12", SOURCE_DNSSD, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(next(race).step, SEARCH_STEP_SEND);
    assert_int_equal(next(race).step, SEARCH_STEP_WAIT);
}

static void retransmissions_come_with_growing_intervals(void **state)
{
    struct race *race = *state;
    uint64_t last_us = 0;
    uint64_t last_interval_us = 0;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    assert_int_equal(next(race).step, SEARCH_STEP_SEND);
    last_us = race->now_us;
    for (int i = 0; i < 6; i++) {
        race->now_us = next(race).wake_us;
        assert_int_equal(next(race).step, SEARCH_STEP_SEND);
        uint64_t interval_us = race->now_us - last_us;
        assert_true(interval_us >= SEARCH_FIRST_RETRY_US);
        assert_true(interval_us > last_interval_us);
        last_us = race->now_us;
        last_interval_us = interval_us;
    }
    assert_int_equal(report(race).retransmissions, 6);
}

static void the_first_proof_ends_the_search(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    (void)next(race);
    hear(race, VERDICT_PROVED);
    assert_int_equal(next(race).step, SEARCH_STEP_DONE);
    assert_int_equal(report(race).outcome, SEARCH_PROVED);
    hear(race, VERDICT_UNPROVEN);
    assert_int_equal(report(race).unproven, 0);
}

static void a_refusal_ends_the_search(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    (void)next(race);
    hear(race, VERDICT_REFUSED);
    assert_int_equal(report(race).outcome, SEARCH_REFUSED);
}

static void what_proves_nothing_does_not_end_it_and_is_told_at_the_deadline(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    (void)next(race);
    hear(race, VERDICT_UNPROVEN);
    assert_int_equal(next(race).step, SEARCH_STEP_WAIT);
    (void)run_out(race);
    assert_int_equal(race->now_us, 4000000);
    assert_int_equal(report(race).outcome, SEARCH_UNPROVEN);
}

static void another_server_under_the_same_name_is_told_at_the_deadline(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    search_rival(race->search);
    (void)run_out(race);
    assert_int_equal(report(race).outcome, SEARCH_UNPROVEN);
}

static void silence_is_told_as_silence(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    assert_in_range(run_out(race), 5, 12);
    assert_int_equal(report(race).outcome, SEARCH_SILENCE);
}

static void a_search_that_could_not_send_says_so(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    for (struct search_action action = next(race); action.step != SEARCH_STEP_DONE; action = next(race)) {
        if (action.step == SEARCH_STEP_SEND)
            search_send_failed(race->search, action.probe, race->now_us);
        else
            race->now_us = action.wake_us;
    }
    assert_int_equal(report(race).outcome, SEARCH_UNSENDABLE);
    assert_int_equal(report(race).asked[SOURCE_CACHE], 0);
}

static void a_search_without_candidates_says_that_it_could_not_send(void **state)
{
    struct race *race = *state;
    assert_int_equal(run_out(race), 0);
    assert_int_equal(report(race).outcome, SEARCH_UNSENDABLE);
}

static void the_same_candidate_twice_is_one(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    claim(race, "10.77.0.10", SOURCE_DNSSD, 0);
    assert_int_equal(next(race).step, SEARCH_STEP_SEND);
    assert_int_equal(next(race).step, SEARCH_STEP_WAIT);
}

static void an_unwanted_family_is_not_asked(void **state)
{
    struct race *race = *state;
    search_free(race->search);
    open_with(race, ENDPOINT_IPV6);
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    assert_int_equal(next(race).step, SEARCH_STEP_WAIT);
    claim(race, "fd77::10", SOURCE_CACHE, 0);
    assert_int_equal(next(race).step, SEARCH_STEP_SEND);
}

static void a_candidate_without_a_port_is_not_asked(void **state)
{
    struct race *race = *state;
    struct candidate made = candidate("10.77.0.10", SOURCE_DNSSD);
    made.to.port = 0;
    search_candidate(race->search, &made, 0, race->now_us);
    assert_int_equal(next(race).step, SEARCH_STEP_WAIT);
}

static void a_flooded_source_leaves_room_for_the_others(void **state)
{
    struct race *race = *state;
    struct candidate made = candidate("10.77.1.0", SOURCE_DNSSD);
    for (int i = 0; i < 200; i++) {
        made.to.bytes[3] = (uint8_t)i;
        search_candidate(race->search, &made, 0, race->now_us);
    }
    assert_int_equal(report(race).left_out, 200 - SEARCH_PER_SOURCE_MAX);
    claim(race, "10.77.0.10", SOURCE_CACHE, 0);
    claim(race, "10.77.0.11", SOURCE_MULTICAST, 0);
    for (int i = 0; i < SEARCH_PER_SOURCE_MAX + 2; i++)
        assert_int_equal(next(race).step, SEARCH_STEP_SEND);
    assert_int_equal(next(race).step, SEARCH_STEP_WAIT);
}

static void the_listed_addresses_are_asked_after_a_relayed_answer(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.66", SOURCE_DNSSD, 0);
    (void)next(race);
    race->fake.judgement.probe = 0;
    race->fake.judgement.lead_count = 1;
    race->fake.judgement.leads[0] = office_address("10.77.0.10", PROTO_QUERY_PORT);
    hear(race, VERDICT_RELAYED);
    struct search_action action = next(race);
    assert_int_equal(action.step, SEARCH_STEP_SEND);
    assert_true(address_equal(&action.send.peer, &race->fake.judgement.leads[0]));
    (void)run_out(race);
    assert_int_equal(report(race).outcome, SEARCH_UNPROVEN);
    assert_int_equal(report(race).relayed, 1);
}

static void a_flood_of_proofs_from_elsewhere_asks_few_addresses(void **state)
{
    struct race *race = *state;
    claim(race, "10.77.0.66", SOURCE_DNSSD, 0);
    (void)next(race);
    race->fake.judgement.lead_count = SEARCH_LEADS_MAX;
    for (int round = 0; round < 50; round++) {
        for (uint8_t i = 0; i < SEARCH_LEADS_MAX; i++) {
            race->fake.judgement.leads[i] = office_address("10.77.0.10", PROTO_QUERY_PORT);
            race->fake.judgement.leads[i].bytes[2] = (uint8_t)round;
            race->fake.judgement.leads[i].bytes[3] = i;
        }
        hear(race, VERDICT_RELAYED);
    }
    (void)run_out(race);
    assert_int_equal(report(race).asked[SOURCE_DNSSD], 1 + SEARCH_LEADS_MAX);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_race, close_race)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_candidate_is_asked_at_once),
        CASE(a_delayed_candidate_is_asked_when_its_time_comes),
        CASE(no_candidate_waits_for_another),
        CASE(retransmissions_come_with_growing_intervals),
        CASE(the_first_proof_ends_the_search),
        CASE(a_refusal_ends_the_search),
        CASE(what_proves_nothing_does_not_end_it_and_is_told_at_the_deadline),
        CASE(another_server_under_the_same_name_is_told_at_the_deadline),
        CASE(silence_is_told_as_silence),
        CASE(a_search_that_could_not_send_says_so),
        CASE(a_search_without_candidates_says_that_it_could_not_send),
        CASE(the_same_candidate_twice_is_one),
        CASE(an_unwanted_family_is_not_asked),
        CASE(a_candidate_without_a_port_is_not_asked),
        CASE(a_flooded_source_leaves_room_for_the_others),
        CASE(the_listed_addresses_are_asked_after_a_relayed_answer),
        CASE(a_flood_of_proofs_from_elsewhere_asks_few_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
