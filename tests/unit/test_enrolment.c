/* SPDX-License-Identifier: MIT
 *
 * Joining without a socket: who gets on the roster under which name, who is told why not, and who meets silence; over
 * lost replies, crashes and full disks.
 */
#include "agent/enrolment.h"
#include "tests/unit/state_fixture.h"

#include "proto/enrol.h"
#include "proto/name.h"
#include "proto/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { NOW_S = 1700000000, EXPIRES_S = NOW_S + 3600, SERVER = 1, RECEPTION = 2, OTHER = 3, LAST_NUMBER = 1000 };

/* The server, with roster and invitations in folders of their own, so that one can fail without the other. */
struct office {
    struct state_folder roster_folder;
    struct state_folder invitations_folder;
    struct server_keys keys;
    struct name practice;
    struct roster *roster;
    struct invitations *invitations;
    struct enrolment enrolment;
    uint8_t transaction;
};

/* What a workstation brings. */
struct joiner {
    unsigned station;
    const struct invitation *invitation;
    const char *host;
    size_t size;
};

static void open_files(struct office *office)
{
    assert_int_equal(roster_open(office->roster_folder.file, &office->roster), STATEFILE_OK);
    assert_int_equal(invitations_open(office->invitations_folder.file, &office->invitations), STATEFILE_OK);
    office->enrolment = (struct enrolment){.keys = &office->keys,
                                           .practice = &office->practice,
                                           .roster = office->roster,
                                           .invitations = office->invitations};
}

static void close_files(struct office *office)
{
    roster_free(office->roster);
    invitations_free(office->invitations);
}

static int set_up(void **state)
{
    struct office *office = calloc(1, sizeof *office);
    assert_non_null(office);
    state_folder_make(&office->roster_folder);
    state_folder_make(&office->invitations_folder);
    state_server_keys(SERVER, &office->keys);
    office->practice = state_name("Praxis Dr. Müller");
    open_files(office);
    *state = office;
    return 0;
}

static int tear_down(void **state)
{
    struct office *office = *state;
    close_files(office);
    state_folder_remove(&office->roster_folder);
    state_folder_remove(&office->invitations_folder);
    free(office);
    return 0;
}

static struct invitation invite(struct office *office, const char *text)
{
    struct name name = {{0}};
    enum statefile_result result;
    if (*text != '\0')
        name = state_name(text);
    const struct invitation *added = invitations_add(office->invitations, &name, EXPIRES_S, NOW_S, &result);
    assert_non_null(added);
    return *added;
}

static void make_request(struct office *office, const struct joiner *joiner, struct datagram *out)
{
    struct workstation_keys keys;
    struct enrol_request request = {.selector = joiner->invitation->selector};
    state_workstation_keys(joiner->station, &keys);
    request.workstation = keys.public_key;
    memset(request.transaction.bytes, ++office->transaction, sizeof request.transaction.bytes);
    if (joiner->host)
        request.host = state_name(joiner->host);
    *out = (struct datagram){.size = joiner->size ? joiner->size : PROTO_REQUEST_MIN};
    assert_int_equal(enrol_request_encode(&request, &office->keys.id, &joiner->invitation->secret, &keys.secret,
                                          out->bytes, out->size),
                     PROTO_OK);
}

/* Proves a reply as a locator does. */
static struct enrol_reply proven(const struct office *office, const struct datagram *in, const struct datagram *out,
                                 const struct token_secret *secret)
{
    struct enrol_context context = {.server = &office->keys.id, .secret = secret};
    struct enrol_layout layout;
    struct enrol_request request;
    struct enrol_reply reply;
    assert_int_equal(enrol_request_decode(in->bytes, in->size, &request, &layout), PROTO_OK);
    enrol_request_hash(in->bytes, &layout, &context.request);
    assert_true(out->size > 0 && out->size <= in->size);
    assert_true(seal_gate_check(&office->keys.id.gate_key, out->bytes, out->size));
    assert_int_equal(enrol_reply_decode(out->bytes, out->size, &reply, &layout), PROTO_OK);
    assert_int_equal(enrol_reply_verify(out->bytes, out->size, &layout, &context), PROTO_OK);
    assert_memory_equal(&reply.selector, &request.selector, sizeof reply.selector);
    assert_memory_equal(&reply.transaction, &request.transaction, sizeof reply.transaction);
    assert_memory_equal(&reply.workstation, &request.workstation, sizeof reply.workstation);
    assert_string_equal(reply.practice.text, office->practice.text);
    assert_int_equal(reply.roster_generation, roster_generation(office->roster));
    return reply;
}

/* The whole exchange; a new station on the roster is told if and only if there is one. */
static struct enrol_reply ask_at(struct office *office, const struct joiner *joiner, uint64_t now_s)
{
    struct datagram in;
    struct datagram out;
    bool joined;
    size_t before = roster_count(office->roster);
    make_request(office, joiner, &in);
    assert_int_equal(enrolment_reply(&office->enrolment, &in, now_s, &out, &joined), PROTO_OK);
    assert_int_equal(roster_count(office->roster), before + joined);
    return proven(office, &in, &out, &joiner->invitation->secret);
}

static struct enrol_reply ask(struct office *office, unsigned station, const struct invitation *invitation)
{
    const struct joiner joiner = {.station = station, .invitation = invitation, .host = "pc"};
    return ask_at(office, &joiner, NOW_S);
}

static const struct station *find(const struct office *office, unsigned number)
{
    struct workstation_keys keys;
    state_workstation_keys(number, &keys);
    return roster_find(office->roster, &keys.id);
}

static void assert_result(struct office *office, unsigned station, const struct invitation *invitation,
                          enum enrol_result expected)
{
    assert_int_equal(ask(office, station, invitation).result, expected);
}

static void a_token_lets_a_workstation_join(void **state)
{
    struct office *office = *state;
    struct workstation_keys keys;
    const struct invitation token = invite(office, "reception");
    const struct enrol_reply reply = ask(office, RECEPTION, &token);
    assert_int_equal(reply.result, ENROL_ACCEPTED);
    assert_string_equal(reply.name.text, "reception");
    state_workstation_keys(RECEPTION, &keys);
    const struct station *station = find(office, RECEPTION);
    assert_non_null(station);
    assert_memory_equal(&station->key, &keys.public_key, sizeof station->key);
    assert_string_equal(station->name.text, "reception");
    assert_int_equal(station->enrolled_s, NOW_S);
    assert_int_equal(station->revoked_s, 0);
    assert_int_equal(invitations_count_open(office->invitations, NOW_S), 0);
}

static void both_files_are_written_before_the_reply(void **state)
{
    struct office *office = *state;
    const struct invitation token = invite(office, "reception");
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    close_files(office);
    open_files(office);
    assert_string_equal(find(office, RECEPTION)->name.text, "reception");
    assert_true(invitations_find(office->invitations, &token.selector)->used);
}

static void the_same_workstation_gets_the_same_acceptance_again(void **state)
{
    struct office *office = *state;
    const struct invitation token = invite(office, "");
    const struct joiner first = {.station = RECEPTION, .invitation = &token, .host = "front-desk"};
    const struct joiner renamed = {.station = RECEPTION, .invitation = &token, .host = "back-office"};
    assert_string_equal(ask_at(office, &first, NOW_S).name.text, "front-desk");
    for (int again = 0; again < 3; again++) {
        /* Long after the invitation's end as well: the reply may have been lost for a week. */
        const struct enrol_reply reply = ask_at(office, &renamed, again == 2 ? EXPIRES_S + 604800u : NOW_S + 1u);
        assert_int_equal(reply.result, ENROL_ACCEPTED);
        assert_string_equal(reply.name.text, "front-desk");
        assert_int_equal(reply.roster_generation, 1);
        assert_int_equal(roster_count(office->roster), 1);
        close_files(office);
        open_files(office);
    }
}

static void a_repeated_request_writes_nothing(void **state)
{
    struct office *office = *state;
    const struct invitation token = invite(office, "");
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    const ino_t roster = state_inode(office->roster_folder.file);
    const ino_t invitations = state_inode(office->invitations_folder.file);
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    assert_result(office, OTHER, &token, ENROL_USED);
    assert_int_equal(state_inode(office->roster_folder.file), roster);
    assert_int_equal(state_inode(office->invitations_folder.file), invitations);
}

static void another_workstation_is_told_that_it_was_used(void **state)
{
    struct office *office = *state;
    const struct invitation token = invite(office, "");
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    const struct enrol_reply reply = ask(office, OTHER, &token);
    assert_int_equal(reply.result, ENROL_USED);
    assert_string_equal(reply.name.text, "");
    assert_null(find(office, OTHER));
    close_files(office);
    open_files(office);
    assert_result(office, OTHER, &token, ENROL_USED);
}

static void a_revoked_workstation_does_not_come_back_with_its_token(void **state)
{
    struct office *office = *state;
    const struct invitation token = invite(office, "");
    const struct invitation another = invite(office, "");
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    const struct workstation_id id = find(office, RECEPTION)->id;
    assert_int_equal(roster_revoke(office->roster, &id, NOW_S + 5), ROSTER_OK);
    assert_result(office, RECEPTION, &token, ENROL_USED);
    assert_result(office, RECEPTION, &another, ENROL_USED);
    assert_int_equal(find(office, RECEPTION)->revoked_s, NOW_S + 5);
    assert_int_equal(roster_generation(office->roster), 2);
}

static void a_key_that_is_enrolled_leaves_a_second_invitation_open(void **state)
{
    struct office *office = *state;
    const struct invitation token = invite(office, "");
    const struct invitation another = invite(office, "");
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    assert_result(office, RECEPTION, &another, ENROL_USED);
    assert_int_equal(invitations_count_open(office->invitations, NOW_S), 1);
    assert_result(office, OTHER, &another, ENROL_ACCEPTED);
}

static void a_token_is_good_until_the_second_it_expires(void **state)
{
    struct office *office = *state;
    const struct invitation first = invite(office, "");
    const struct invitation second = invite(office, "");
    const struct joiner in_time = {.station = RECEPTION, .invitation = &first};
    const struct joiner late = {.station = OTHER, .invitation = &second};
    assert_int_equal(ask_at(office, &in_time, EXPIRES_S - 1).result, ENROL_ACCEPTED);
    assert_int_equal(ask_at(office, &late, EXPIRES_S).result, ENROL_EXPIRED);
    assert_int_equal(ask_at(office, &late, UINT32_MAX).result, ENROL_EXPIRED);
    assert_int_equal(roster_count(office->roster), 1);
}

/* The time was seen when something else was written: over a restart, too. */
static void setting_the_clock_back_opens_no_token_again(void **state)
{
    struct office *office = *state;
    const struct name none = {{0}};
    enum statefile_result result;
    const struct invitation token = invite(office, "");
    assert_non_null(invitations_add(office->invitations, &none, EXPIRES_S + 3600, EXPIRES_S, &result));
    assert_result(office, RECEPTION, &token, ENROL_EXPIRED);
    close_files(office);
    open_files(office);
    assert_result(office, RECEPTION, &token, ENROL_EXPIRED);
    assert_int_equal(roster_count(office->roster), 0);
}

/* Once somebody was told that it is over, it is over. */
static void a_token_that_was_told_to_be_expired_stays_so_when_the_clock_is_set_back(void **state)
{
    struct office *office = *state;
    const struct invitation token = invite(office, "");
    const struct joiner joiner = {.station = RECEPTION, .invitation = &token};
    assert_int_equal(ask_at(office, &joiner, EXPIRES_S).result, ENROL_EXPIRED);
    assert_int_equal(ask_at(office, &joiner, NOW_S).result, ENROL_EXPIRED);
    close_files(office);
    open_files(office);
    assert_int_equal(ask_at(office, &joiner, NOW_S).result, ENROL_EXPIRED);
}

/* Hands it over and wants silence for this reason, with both files as they were. */
static void assert_silence(struct office *office, const struct datagram *in, enum proto_result reason)
{
    struct datagram out = {.size = 77};
    bool joined = true;
    struct state_bytes before = state_get(office->invitations_folder.file);
    assert_int_equal(enrolment_reply(&office->enrolment, in, NOW_S, &out, &joined), reason);
    assert_int_equal(out.size, 0);
    assert_false(joined);
    assert_int_equal(roster_count(office->roster), 0);
    state_assert_holds(office->invitations_folder.file, &before);
    free(before.bytes);
}

static void an_unknown_selector_meets_silence(void **state)
{
    struct office *office = *state;
    struct datagram in;
    struct invitation token = invite(office, "");
    const struct joiner joiner = {.station = RECEPTION, .invitation = &token};
    token.selector.bytes[7] ^= 1;
    make_request(office, &joiner, &in);
    assert_silence(office, &in, PROTO_OK);
}

static void a_wrong_secret_meets_silence_and_ends_nothing(void **state)
{
    struct office *office = *state;
    struct datagram in;
    const struct invitation token = invite(office, "");
    for (size_t bit = 0; bit < 8 * sizeof token.secret.bytes; bit++) {
        struct invitation guess = token;
        const struct joiner joiner = {.station = RECEPTION, .invitation = &guess};
        guess.secret.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        make_request(office, &joiner, &in);
        assert_silence(office, &in, PROTO_MAC);
    }
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
}

static void a_wrong_signature_meets_silence(void **state)
{
    struct office *office = *state;
    struct datagram in;
    struct enrol_request request;
    struct enrol_layout layout;
    const struct invitation token = invite(office, "");
    const struct joiner joiner = {.station = RECEPTION, .invitation = &token};
    make_request(office, &joiner, &in);
    assert_int_equal(enrol_request_decode(in.bytes, in.size, &request, &layout), PROTO_OK);
    in.bytes[layout.mac_at + SEAL_MAC_SIZE] ^= 1;
    assert_silence(office, &in, PROTO_SIGNATURE);
    in.bytes[layout.mac_at + SEAL_MAC_SIZE] ^= 1;
    in.bytes[layout.mac_at] ^= 1;
    assert_silence(office, &in, PROTO_MAC);
}

static void a_request_to_another_server_meets_silence(void **state)
{
    struct office *office = *state;
    struct datagram in;
    const struct invitation token = invite(office, "");
    const struct joiner joiner = {.station = RECEPTION, .invitation = &token};
    const struct server_keys own = office->keys;
    state_server_keys(SERVER + 100, &office->keys);
    make_request(office, &joiner, &in);
    office->keys = own;
    assert_silence(office, &in, PROTO_MAC);
}

static void what_is_no_request_meets_silence(void **state)
{
    struct office *office = *state;
    struct datagram in;
    struct datagram reply;
    bool joined;
    const struct invitation token = invite(office, "");
    const struct joiner joiner = {.station = RECEPTION, .invitation = &token};
    make_request(office, &joiner, &in);
    for (size_t size = 0; size < PROTO_REQUEST_MIN; size++) {
        struct datagram cut = in;
        cut.size = size;
        assert_silence(office, &cut, PROTO_SHORT);
    }
    in.bytes[4]++;
    assert_silence(office, &in, PROTO_VERSION_UNKNOWN);
    in.bytes[4]--;
    in.bytes[in.size - 1] = 1;
    assert_silence(office, &in, PROTO_PADDING);
    in.bytes[in.size - 1] = 0;
    assert_int_equal(enrolment_reply(&office->enrolment, &in, NOW_S, &reply, &joined), PROTO_OK);
    assert_true(joined && reply.size > 0);
    assert_int_equal(enrolment_reply(&office->enrolment, &reply, NOW_S, &in, &joined), PROTO_TYPE);
    assert_int_equal(in.size, 0);
}

static void no_reply_is_longer_than_its_request(void **state)
{
    static const char *const longest = "sixty-three-bytes-sixty-three-bytes-sixty-three-bytes-sixty-thr";
    struct office *office = *state;
    office->practice = state_name(longest);
    for (unsigned i = 0; i < 4; i++) {
        const struct invitation token = invite(office, longest);
        struct joiner joiner = {.station = RECEPTION + i, .invitation = &token, .host = longest};
        joiner.size = i % 2 ? PROTO_DATAGRAM_MAX : PROTO_REQUEST_MIN;
        /* proven() compares the lengths. */
        assert_int_equal(ask_at(office, &joiner, NOW_S).result, ENROL_ACCEPTED);
        joiner.station += 100;
        assert_int_equal(ask_at(office, &joiner, NOW_S).result, ENROL_USED);
    }
}

static void the_name_is_the_invitations_or_the_hosts_or_plain(void **state)
{
    struct office *office = *state;
    const struct invitation named = invite(office, "Labor");
    const struct invitation open = invite(office, "");
    const struct invitation nameless = invite(office, "");
    const struct joiner joiners[] = {{.station = 10, .invitation = &named, .host = "pc-10"},
                                     {.station = 11, .invitation = &open, .host = "pc-11"},
                                     {.station = 12, .invitation = &nameless, .host = NULL}};
    assert_string_equal(ask_at(office, &joiners[0], NOW_S).name.text, "Labor");
    assert_string_equal(ask_at(office, &joiners[1], NOW_S).name.text, "pc-11");
    assert_string_equal(ask_at(office, &joiners[2], NOW_S).name.text, "workstation");
}

static void join_as(struct office *office, unsigned station, const char *wanted, const char *expected)
{
    const struct invitation token = invite(office, wanted);
    const struct enrol_reply reply = ask(office, station, &token);
    struct name name;
    assert_int_equal(reply.result, ENROL_ACCEPTED);
    assert_string_equal(reply.name.text, expected);
    assert_string_equal(find(office, station)->name.text, expected);
    assert_true(name_from_text(&name, reply.name.text));
}

static void a_name_that_is_taken_gets_a_number(void **state)
{
    struct office *office = *state;
    join_as(office, 10, "reception", "reception");
    join_as(office, 11, "reception", "reception-2");
    join_as(office, 12, "RECEPTION", "RECEPTION-3");
    join_as(office, 13, "reception-2", "reception-2-2");
    const struct workstation_id id = find(office, 11)->id;
    assert_int_equal(roster_revoke(office->roster, &id, NOW_S), ROSTER_OK);
    join_as(office, 14, "reception", "reception-2");
}

#define TEN  "0123456789"
#define FOUR "\xf0\x9f\xa6\xb7" /* one character of four bytes */

static void a_number_cuts_a_long_name_between_two_characters(void **state)
{
    struct office *office = *state;
    join_as(office, 10, TEN TEN TEN TEN TEN TEN "1", TEN TEN TEN TEN TEN TEN "1");
    join_as(office, 11, TEN TEN TEN TEN TEN TEN "1", TEN TEN TEN TEN TEN TEN "1-2");
    join_as(office, 12, TEN TEN TEN TEN TEN TEN "12", TEN TEN TEN TEN TEN TEN "12");
    join_as(office, 13, TEN TEN TEN TEN TEN TEN "12", TEN TEN TEN TEN TEN TEN "1-3");
    join_as(office, 20, TEN TEN TEN TEN TEN TEN "ü", TEN TEN TEN TEN TEN TEN "ü");
    join_as(office, 21, TEN TEN TEN TEN TEN TEN "ü", TEN TEN TEN TEN TEN TEN "-2");
    join_as(office, 22, TEN TEN TEN TEN TEN "12345678" FOUR, TEN TEN TEN TEN TEN "12345678" FOUR);
    join_as(office, 23, TEN TEN TEN TEN TEN "12345678" FOUR, TEN TEN TEN TEN TEN "12345678-2");
    join_as(office, 24, TEN TEN TEN TEN TEN "1234567" FOUR, TEN TEN TEN TEN TEN "1234567" FOUR);
    join_as(office, 25, TEN TEN TEN TEN TEN "1234567" FOUR, TEN TEN TEN TEN TEN "1234567" FOUR "-2");
    join_as(office, 26, TEN TEN TEN TEN TEN "1234567€ü", TEN TEN TEN TEN TEN "1234567€ü");
    join_as(office, 27, TEN TEN TEN TEN TEN "1234567€ü", TEN TEN TEN TEN TEN "1234567€-2");
}

/* A roster of count stations, made by hand: "w", "w-2", "w-3" and so on when they have names, else all different. */
static void write_roster(const char *path, unsigned count, bool same)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    (void)fprintf(stream, "{\"version\": 1, \"generation\": 1, \"workstations\": [");
    for (unsigned i = 1; i <= count; i++) {
        char key[KEYS_PUBLIC_TEXT_MAX];
        char name[16] = "w";
        uint8_t bytes[32] = {0};
        memcpy(bytes, &i, sizeof i);
        keys_public_to_text(bytes, key);
        if (i > 1 || !same)
            (void)snprintf(name, sizeof name, "%s-%u", same ? "w" : "x", i);
        (void)fprintf(stream, "%s{\"name\": \"%s\", \"key\": \"%s\", \"enrolled_s\": 1, \"revoked_s\": 0}",
                      i > 1 ? ", " : "", name, key);
    }
    (void)fprintf(stream, "]}");
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void the_thousandth_of_a_name_is_the_last(void **state)
{
    struct office *office = *state;
    close_files(office);
    write_roster(office->roster_folder.file, LAST_NUMBER - 1, true);
    open_files(office);
    join_as(office, RECEPTION, "w", "w-1000");
    const struct invitation token = invite(office, "w");
    assert_result(office, OTHER, &token, ENROL_FULL);
    assert_false(invitations_find(office->invitations, &token.selector)->used);
    assert_null(find(office, OTHER));
}

static void a_full_roster_is_told_and_burns_nothing(void **state)
{
    struct office *office = *state;
    close_files(office);
    write_roster(office->roster_folder.file, ROSTER_MAX - 1, false);
    open_files(office);
    const struct invitation token = invite(office, "last");
    const struct invitation over = invite(office, "over");
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    assert_result(office, OTHER, &over, ENROL_FULL);
    assert_false(invitations_find(office->invitations, &over.selector)->used);
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
}

static void a_use_that_cannot_be_saved_is_told_and_changes_nothing(void **state)
{
    struct office *office = *state;
    const struct invitation token = invite(office, "");
    state_break(&office->invitations_folder);
    assert_result(office, RECEPTION, &token, ENROL_NOT_SAVED);
    state_mend(&office->invitations_folder);
    assert_int_equal(roster_count(office->roster), 0);
    assert_false(invitations_find(office->invitations, &token.selector)->used);
    assert_result(office, OTHER, &token, ENROL_ACCEPTED);
}

static void an_enrolment_that_cannot_be_saved_lets_the_same_workstation_try_again(void **state)
{
    struct office *office = *state;
    const struct invitation token = invite(office, "");
    state_break(&office->roster_folder);
    assert_result(office, RECEPTION, &token, ENROL_NOT_SAVED);
    assert_result(office, RECEPTION, &token, ENROL_NOT_SAVED);
    assert_result(office, OTHER, &token, ENROL_USED);
    state_mend(&office->roster_folder);
    assert_int_equal(roster_count(office->roster), 0);
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    assert_result(office, OTHER, &token, ENROL_USED);
}

/* Power went after the invitation was written and before the roster was. */
static void after_a_crash_in_between_the_same_workstation_joins_and_another_does_not(void **state)
{
    struct office *office = *state;
    const struct invitation before = invite(office, "");
    assert_result(office, 10, &before, ENROL_ACCEPTED);
    const struct invitation token = invite(office, "");
    struct state_bytes roster = state_get(office->roster_folder.file);
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    close_files(office);
    state_put(office->roster_folder.file, roster.bytes, roster.size, 0600);
    open_files(office);
    assert_null(find(office, RECEPTION));
    assert_result(office, OTHER, &token, ENROL_USED);
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    assert_result(office, RECEPTION, &token, ENROL_ACCEPTED);
    assert_int_equal(roster_count(office->roster), 2);
    close_files(office);
    open_files(office);
    assert_non_null(find(office, RECEPTION));
    assert_null(find(office, OTHER));
    free(roster.bytes);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_token_lets_a_workstation_join),
        CASE(both_files_are_written_before_the_reply),
        CASE(the_same_workstation_gets_the_same_acceptance_again),
        CASE(a_repeated_request_writes_nothing),
        CASE(another_workstation_is_told_that_it_was_used),
        CASE(a_revoked_workstation_does_not_come_back_with_its_token),
        CASE(a_key_that_is_enrolled_leaves_a_second_invitation_open),
        CASE(a_token_is_good_until_the_second_it_expires),
        CASE(setting_the_clock_back_opens_no_token_again),
        CASE(a_token_that_was_told_to_be_expired_stays_so_when_the_clock_is_set_back),
        CASE(an_unknown_selector_meets_silence),
        CASE(a_wrong_secret_meets_silence_and_ends_nothing),
        CASE(a_wrong_signature_meets_silence),
        CASE(a_request_to_another_server_meets_silence),
        CASE(what_is_no_request_meets_silence),
        CASE(no_reply_is_longer_than_its_request),
        CASE(the_name_is_the_invitations_or_the_hosts_or_plain),
        CASE(a_name_that_is_taken_gets_a_number),
        CASE(a_number_cuts_a_long_name_between_two_characters),
        CASE(the_thousandth_of_a_name_is_the_last),
        CASE(a_full_roster_is_told_and_burns_nothing),
        CASE(a_use_that_cannot_be_saved_is_told_and_changes_nothing),
        CASE(an_enrolment_that_cannot_be_saved_lets_the_same_workstation_try_again),
        CASE(after_a_crash_in_between_the_same_workstation_joins_and_another_does_not),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
