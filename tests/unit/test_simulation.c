/* SPDX-License-Identifier: MIT
 *
 * The real search and the real responder against each other over a network that loses, doubles, delays and reorders,
 * with forgers and relays on it, on a virtual clock. Thousands of seeded runs: TEST_SEED repeats them.
 */
#include "tests/unit/office_fixture.h"
#include "tests/unit/test_random.h"

#include "proto/message.h"
#include "proto/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FLIGHTS_MAX = 512, RECORDED_MAX = 16, TIMEOUT_US = 3000000 };

#define RELAY "10.77.0.66"

/* What the network does to whatever crosses it. */
struct weather {
    unsigned loss_percent;
    unsigned double_percent;
    uint64_t delay_most_us;
    bool server_off;
    bool relay_only; /* the server hears the relay and nobody else */
    bool relay;      /* somebody relays what he is asked, under his own address */
    bool forger;     /* somebody answers whatever he overhears */
};

struct flight {
    bool used;
    bool to_server;
    uint64_t at_us;
    struct datagram datagram; /* as it arrives */
};

struct world {
    struct office *office;
    struct test_random *random;
    struct weather weather;
    uint64_t now_us;
    struct flight flights[FLIGHTS_MAX];
    struct search *search;
    struct probe *probe;
    struct search_report report;
};

/* Answers of earlier searches, for those who play them back. */
struct recorder {
    size_t count;
    struct datagram answers[RECORDED_MAX];
};

static struct office office;
static struct test_random randomness;
static struct recorder recorder;
static unsigned runs = 300; /* of each story; TEST_RUNS of the environment for slow machines */

static const char *const SERVERS_OWN[] = {"10.77.0.10", "192.168.5.10", "fd77::10", "fe80::10"};
enum { SERVERS_OWN_COUNT = sizeof SERVERS_OWN / sizeof SERVERS_OWN[0] };

static bool chance(struct world *world, unsigned percent)
{
    return test_random_next(world->random) % 100 < percent;
}

static void put(struct world *world, const struct datagram *datagram, bool to_server)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        struct flight *flight = &world->flights[i];
        if (flight->used)
            continue;
        uint64_t delay_us = 100 + test_random_next(world->random) % world->weather.delay_most_us;
        *flight = (struct flight){
            .used = true, .to_server = to_server, .at_us = world->now_us + delay_us, .datagram = *datagram};
        return;
    }
    fail_msg("the network of the test is too small");
}

static void cross(struct world *world, const struct datagram *datagram, bool to_server)
{
    if (!chance(world, world->weather.loss_percent))
        put(world, datagram, to_server);
    if (chance(world, world->weather.double_percent))
        put(world, datagram, to_server);
}

static struct flight *next_flight(struct world *world)
{
    struct flight *next = NULL;
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        if (world->flights[i].used && (!next || world->flights[i].at_us < next->at_us))
            next = &world->flights[i];
    return next;
}

/* One thing that a forger can do who overheard a genuine answer, or made one up, and knows the server's public key. */
static void forge(struct world *world, const struct datagram *genuine)
{
    struct datagram forged = *genuine;
    size_t at = test_random_next(world->random) % forged.size;
    switch (test_random_next(world->random) % 6) {
    case 0: /* a byte changed */
        forged.bytes[at] ^= (uint8_t)(1 + test_random_next(world->random) % 255);
        break;
    case 1: /* own address put in the place of the first one listed */
        memcpy(forged.bytes + 124 + 4, office_address(RELAY, 0).bytes, 16);
        break;
    case 2: /* signature made up */
        memset(forged.bytes + forged.size - PROTO_SIGNATURE_SIZE, (int)at, PROTO_SIGNATURE_SIZE);
        break;
    case 3: /* cut short */
        forged.size = at;
        break;
    case 4: /* an earlier answer, with the new nonce */
        if (recorder.count > 0) {
            forged = recorder.answers[at % recorder.count];
            memcpy(forged.bytes + PROTO_HEADER_SIZE, genuine->bytes + PROTO_HEADER_SIZE, 16);
            break;
        }
        /* fall through */
    default: /* an earlier answer as it was */
        if (recorder.count > 0)
            forged = recorder.answers[at % recorder.count];
        else
            forged.bytes[forged.size - 1] ^= 1;
        break;
    }
    if (forged.size >= PROTO_HEADER_SIZE && chance(world, 70))
        seal_gate_close(&office.server.id.gate_key, forged.bytes, forged.size);
    forged.peer = office_address(chance(world, 50) ? RELAY : "10.77.0.10", PROTO_QUERY_PORT);
    put(world, &forged, false);
}

static bool is_servers_own(const struct address *address)
{
    for (size_t i = 0; i < SERVERS_OWN_COUNT; i++) {
        struct address own = office_address(SERVERS_OWN[i], 0);
        own.ifindex = address->ifindex;
        if (address_same_host(address, &own))
            return true;
    }
    return false;
}

static bool reaches_server(const struct world *world, const struct datagram *query)
{
    return !world->weather.server_off && !world->weather.relay_only &&
           (is_servers_own(&query->local) || address_is_multicast(&query->local));
}

static bool reaches_relay(const struct world *world, const struct datagram *query)
{
    const struct address relay = office_address(RELAY, 0);
    return world->weather.relay && !world->weather.server_off &&
           (address_same_host(&query->local, &relay) || address_is_multicast(&query->local));
}

static void answer_directly(struct world *world, const struct datagram *query)
{
    struct datagram reply;
    if (!office_handle(world->office, query, &reply))
        return;
    assert_true(reply.size <= query->size);
    struct datagram in = office_arrive(&reply, 9);
    cross(world, &in, false);
    if (world->weather.forger)
        forge(world, &in);
    if (recorder.count < RECORDED_MAX)
        recorder.answers[recorder.count++] = in;
}

static void answer_through_relay(struct world *world, const struct datagram *query)
{
    struct datagram relayed = *query;
    struct datagram reply;
    relayed.peer = office_address(RELAY, 50000);
    relayed.local = office_address("10.77.0.10", 0);
    relayed.local.ifindex = relayed.peer.ifindex = ETH0;
    relayed.to_group = false;
    if (!office_handle(world->office, &relayed, &reply))
        return;
    struct datagram in = office_arrive(&reply, 9);
    in.peer = office_address(RELAY, PROTO_QUERY_PORT);
    cross(world, &in, false);
}

static void arrive(struct world *world, struct flight *flight)
{
    struct datagram in = flight->datagram;
    flight->used = false;
    if (!flight->to_server) {
        search_datagram(world->search, &in, world->now_us);
        return;
    }
    if (reaches_server(world, &in))
        answer_directly(world, &in);
    if (reaches_relay(world, &in))
        answer_through_relay(world, &in);
    if (world->weather.forger && world->weather.server_off && recorder.count > 0)
        forge(world, &recorder.answers[0]);
}

static void send_query(struct world *world, const struct search_action *action)
{
    struct datagram query = action->send;
    query.peer = office_address("10.77.0.100", 40000);
    query.local = action->send.peer;
    query.local.port = 0;
    query.peer.ifindex = query.local.ifindex = ETH0;
    query.to_group = address_is_multicast(&query.local);
    cross(world, &query, true);
}

static void claim(struct world *world, enum source source, const char *text)
{
    struct candidate candidate = {.source = source, .to = office_address(text, PROTO_QUERY_PORT)};
    candidate.group = address_is_multicast(&candidate.to);
    candidate.from = office_address("10.77.0.100", 0);
    candidate.from_prefix = 24;
    search_candidate(world->search, &candidate, 0, world->now_us);
}

static void open_world(struct world *world, const struct weather *weather)
{
    struct probe_settings settings = {.server = &office.server.id, .station = &office.station};
    const struct search_settings search = {.timeout_us = TIMEOUT_US, .seed = test_random_next(&randomness)};
    *world = (struct world){.office = &office, .random = &randomness, .weather = *weather, .now_us = 1000000};
    for (size_t i = 0; i < sizeof settings.nonce.bytes; i++)
        settings.nonce.bytes[i] = (uint8_t)test_random_next(&randomness);
    world->probe = probe_new(&settings);
    assert_non_null(world->probe);
    const struct question question = probe_question(world->probe);
    world->search = search_new(&search, &question, world->now_us);
    assert_non_null(world->search);
}

/* Runs until the search is over. */
static void play(struct world *world)
{
    static struct search_action action;
    for (;;) {
        search_next(world->search, world->now_us, &action);
        if (action.step == SEARCH_STEP_DONE)
            break;
        if (action.step == SEARCH_STEP_SEND) {
            send_query(world, &action);
            continue;
        }
        struct flight *flight = next_flight(world);
        bool arrives = flight && flight->at_us <= action.wake_us;
        world->now_us = arrives ? flight->at_us : action.wake_us;
        if (arrives)
            arrive(world, flight);
    }
    search_report(world->search, &world->report);
}

/* Whatever happened: an address that is told is the server's own. */
static void assert_never_anothers(const struct world *world)
{
    const struct verified *verified = probe_verified(world->probe);
    if (verified && (!is_servers_own(&verified->address) || verified->address.port != PROTO_QUERY_PORT))
        fail_msg("another's address was believed; TEST_SEED=%llu", randomness.seed);
}

static void close_world(struct world *world)
{
    assert_never_anothers(world);
    assert_true((world->report.outcome == SEARCH_PROVED) == (probe_verified(world->probe) != NULL));
    search_free(world->search);
    probe_free(world->probe);
}

/* Plays that many searches, each with these candidates, and returns how many ended so. */
static unsigned count(const struct weather *weather, const char *const *candidates, enum search_outcome outcome)
{
    static struct world world;
    unsigned ended = 0;
    for (unsigned run = 0; run < runs; run++) {
        open_world(&world, weather);
        for (size_t i = 0; candidates[i]; i++)
            claim(&world, i == 0 ? SOURCE_CACHE : SOURCE_MULTICAST, candidates[i]);
        play(&world);
        ended += world.report.outcome == outcome;
        close_world(&world);
    }
    return ended;
}

static const char *const SERVER[] = {"10.77.0.10", NULL};
static const char *const SERVER_AND_GROUP[] = {"10.77.0.10", PROTO_GROUP_IPV4, NULL};
static const char *const GROUP_ONLY[] = {"10.77.0.99", PROTO_GROUP_IPV4, NULL};
static const char *const RELAY_ONLY[] = {RELAY, NULL};

static void a_calm_network_always_gives_the_address(void **state)
{
    const struct weather calm = {.delay_most_us = 1000};
    (void)state;
    assert_int_equal(count(&calm, SERVER, SEARCH_PROVED), runs);
    assert_int_equal(count(&calm, GROUP_ONLY, SEARCH_PROVED), runs);
}

static void doubled_and_reordered_datagrams_change_nothing(void **state)
{
    const struct weather rough = {.delay_most_us = 200000, .double_percent = 50};
    (void)state;
    assert_int_equal(count(&rough, SERVER_AND_GROUP, SEARCH_PROVED), runs);
}

static void loss_is_made_good_by_retransmission(void **state)
{
    const struct weather lossy = {.delay_most_us = 5000, .loss_percent = 30};
    (void)state;
    /* 8 tries and more in 3 s, two ways each with a chance of 0.49: one in 50,000 fails. */
    assert_in_range(count(&lossy, SERVER_AND_GROUP, SEARCH_PROVED), runs - 1, runs);
}

static void a_dead_server_is_silence(void **state)
{
    const struct weather dead = {.delay_most_us = 1000, .server_off = true};
    (void)state;
    assert_int_equal(count(&dead, SERVER_AND_GROUP, SEARCH_SILENCE), runs);
}

static void forgers_alone_are_never_believed(void **state)
{
    const struct weather forged = {.delay_most_us = 1000, .server_off = true, .forger = true};
    (void)state;
    assert_true(recorder.count > 0);
    assert_int_equal(count(&forged, SERVER_AND_GROUP, SEARCH_UNPROVEN), runs);
}

static void forgers_do_not_keep_the_server_from_being_found(void **state)
{
    const struct weather forged = {.delay_most_us = 20000, .loss_percent = 20, .forger = true};
    (void)state;
    assert_in_range(count(&forged, SERVER_AND_GROUP, SEARCH_PROVED), runs - 1, runs);
}

static void a_relay_as_the_only_way_is_never_believed(void **state)
{
    const struct weather relayed = {.delay_most_us = 1000, .relay = true, .relay_only = true};
    (void)state;
    assert_int_equal(count(&relayed, RELAY_ONLY, SEARCH_UNPROVEN), runs);
    assert_int_equal(count(&relayed, GROUP_ONLY, SEARCH_UNPROVEN), runs);
}

static void behind_a_relay_the_server_is_found_at_its_own_address(void **state)
{
    const struct weather relayed = {.delay_most_us = 1000, .relay = true};
    (void)state;
    assert_int_equal(count(&relayed, RELAY_ONLY, SEARCH_PROVED), runs);
}

/* Answers to a search that is over arrive in the next one. */
static void late_answers_are_never_believed(void **state)
{
    const struct weather dead = {.delay_most_us = 1000, .server_off = true};
    static struct world world;
    (void)state;
    for (unsigned run = 0; run < runs; run++) {
        open_world(&world, &dead);
        claim(&world, SOURCE_CACHE, "10.77.0.10");
        put(&world, &recorder.answers[run % recorder.count], false);
        play(&world);
        assert_int_equal(world.report.outcome, SEARCH_UNPROVEN);
        close_world(&world);
    }
}

static int open_office(void **state)
{
    (void)state;
    office_open(&office);
    return 0;
}

static int close_office(void **state)
{
    (void)state;
    office_close(&office);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_calm_network_always_gives_the_address),
        cmocka_unit_test(doubled_and_reordered_datagrams_change_nothing),
        cmocka_unit_test(loss_is_made_good_by_retransmission),
        cmocka_unit_test(a_dead_server_is_silence),
        cmocka_unit_test(forgers_alone_are_never_believed),
        cmocka_unit_test(forgers_do_not_keep_the_server_from_being_found),
        cmocka_unit_test(a_relay_as_the_only_way_is_never_believed),
        cmocka_unit_test(behind_a_relay_the_server_is_found_at_its_own_address),
        cmocka_unit_test(late_answers_are_never_believed),
    };
    const char *wanted = getenv("TEST_RUNS");
    if (wanted)
        runs = (unsigned)strtoul(wanted, NULL, 10);
    randomness = test_random_start();
    return keys_start() ? cmocka_run_group_tests(tests, open_office, close_office) : 1;
}
