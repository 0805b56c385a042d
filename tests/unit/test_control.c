/* SPDX-License-Identifier: MIT
 *
 * What a running agent answers to its commands. Linked with -Wl,--wrap=fsync, so that a disk can be full.
 */
#include "agent/control.h"
#include "tests/unit/state_fixture.h"

#include "common/json.h"
#include "common/log.h"
#include "proto/seal.h"
#include "proto/token.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW_S = 1700000000, STARTED_S = NOW_S - 90, SERVER = 1, RECEPTION = 2, LAB = 3, ETH0 = 2 };

struct agent {
    struct state_folder roster_folder;
    struct state_folder invitations_folder;
    struct settings settings;
    struct server_keys keys;
    struct responder_facts facts;
    struct links links;
    struct counters counters;
    struct control control;
    char log_path[STATEFILE_PATH_MAX];
    int standard_error; /* the real one: the log goes into a file meanwhile */
};

static struct {
    int error; /* 0: the disk is fine */
} disk;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
    if (disk.error == 0)
        return __real_fsync(fd);
    errno = disk.error;
    return -1;
}

static void add_address(struct links *links, const char *text)
{
    struct link_address *address = &links->addresses[links->address_count++];
    *address = (struct link_address){.prefix = 24, .usable = true};
    assert_true(address_from_text(text, 0, &address->address));
    address->address.ifindex = ETH0;
}

static void make_links(struct links *out)
{
    out->link_count = 1;
    out->links[0] = (struct link){.ifindex = ETH0, .name = "eth0", .up = true, .multicast = true};
    add_address(out, "10.77.0.10");
    add_address(out, "fd77::10");
    add_address(out, "fe80::10");
}

static void open_files(struct agent *agent)
{
    assert_int_equal(roster_open(agent->roster_folder.file, &agent->control.roster), STATEFILE_OK);
    assert_int_equal(invitations_open(agent->invitations_folder.file, &agent->control.invitations), STATEFILE_OK);
}

static void start_log(struct agent *agent)
{
    state_path(&agent->roster_folder, "log", agent->log_path);
    int file = open(agent->log_path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    agent->standard_error = dup(STDERR_FILENO);
    assert_true(dup2(file, STDERR_FILENO) == STDERR_FILENO);
    assert_int_equal(close(file), 0);
    log_start("practice-agent", LOG_DEBUG);
}

static int set_up(void **state)
{
    struct agent *agent = calloc(1, sizeof *agent);
    assert_non_null(agent);
    state_folder_make(&agent->roster_folder);
    state_folder_make(&agent->invitations_folder);
    state_server_keys(SERVER, &agent->keys);
    agent->settings.practice = state_name("Praxis Dr. Müller");
    agent->facts = (struct responder_facts){
        .host = {"praxis-server"}, .query_port = 21234, .service_port = 1234, .trust_s = 300, .serial = 1001};
    make_links(&agent->links);
    agent->control = (struct control){.settings = &agent->settings,
                                      .keys = &agent->keys,
                                      .facts = &agent->facts,
                                      .links = &agent->links,
                                      .counters = &agent->counters,
                                      .started_s = STARTED_S};
    open_files(agent);
    start_log(agent);
    disk.error = 0;
    *state = agent;
    return 0;
}

static int tear_down(void **state)
{
    struct agent *agent = *state;
    assert_true(dup2(agent->standard_error, STDERR_FILENO) == STDERR_FILENO);
    assert_int_equal(close(agent->standard_error), 0);
    roster_free(agent->control.roster);
    invitations_free(agent->control.invitations);
    state_folder_remove(&agent->roster_folder);
    state_folder_remove(&agent->invitations_folder);
    free(agent);
    return 0;
}

/* Takes the request, NULL included. The reply is an object, whatever was asked. */
static json_t *ask_at(struct agent *agent, json_t *request, uint64_t now_s)
{
    json_t *reply = control_answer(&agent->control, request, now_s);
    assert_true(json_is_object(reply));
    json_decref(request);
    return reply;
}

static json_t *ask(struct agent *agent, const char *request)
{
    return ask_at(agent, json_loads(request, JSON_DECODE_ANY, NULL), NOW_S);
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    if (!value)
        fail_msg("no text \"%s\"", key);
    return value;
}

static void assert_number(const json_t *object, const char *key, json_int_t expected)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) != expected)
        fail_msg("%s is %lld, not %lld", key, (long long)json_integer_value(value), (long long)expected);
}

/* An error in words: a sentence for a person, and nothing else in the reply. */
static void assert_error(struct agent *agent, const char *request, const char *words)
{
    json_t *reply = ask(agent, request);
    const char *error = text(reply, "error");
    if (!strstr(error, words))
        fail_msg("%s: \"%s\" does not say \"%s\"", request, error, words);
    assert_int_equal(json_object_size(reply), 1);
    json_decref(reply);
}

static void enrol(struct agent *agent, unsigned number, const char *name_text, uint64_t now_s)
{
    struct workstation_keys keys;
    const struct name name = state_name(name_text);
    state_workstation_keys(number, &keys);
    assert_int_equal(roster_enrol(agent->control.roster, &keys.public_key, &name, now_s), ROSTER_OK);
}

/* Asks for an invitation and reads its token. */
static struct token invite(struct agent *agent, const char *request)
{
    struct token token;
    json_t *reply = ask(agent, request);
    assert_int_equal(token_from_text(text(reply, "token"), &token), PROTO_OK);
    json_decref(reply);
    return token;
}

static const struct invitation *invitation_of(const struct agent *agent, const struct token *token)
{
    const struct invitation *found = invitations_find(agent->control.invitations, &token->selector);
    assert_non_null(found);
    assert_memory_equal(&found->secret, &token->secret, sizeof token->secret);
    return found;
}

static size_t count_open(const struct agent *agent)
{
    return invitations_count_open(agent->control.invitations, NOW_S);
}

static void status_tells_who_and_where_the_agent_is(void **state)
{
    struct agent *agent = *state;
    char fingerprint[FINGERPRINT_TEXT_MAX];
    keys_fingerprint_text(&agent->keys.id.fingerprint, fingerprint);
    json_t *reply = ask(agent, "{\"command\": \"status\"}");
    assert_null(json_object_get(reply, "error"));
    assert_string_equal(text(reply, "practice"), "Praxis Dr. Müller");
    assert_string_equal(text(reply, "key"), fingerprint);
    assert_string_equal(text(reply, "host"), "praxis-server");
    assert_number(reply, "port", 1234);
    assert_number(reply, "query_port", 21234);
    assert_number(reply, "serial", 1001);
    assert_number(reply, "up_s", 90);
    assert_string_equal(text(json_object_get(reply, "dns_sd"), "state"), "off");
    const json_t *addresses = json_object_get(reply, "addresses");
    assert_int_equal(json_array_size(addresses), 2); /* a link-local one is of use on its own link only */
    assert_string_equal(json_string_value(json_array_get(addresses, 0)), "10.77.0.10");
    assert_string_equal(json_string_value(json_array_get(addresses, 1)), "fd77::10");
    json_decref(reply);
}

static void status_counts_workstations_and_invitations(void **state)
{
    struct agent *agent = *state;
    struct workstation_keys lab;
    enrol(agent, RECEPTION, "reception", NOW_S);
    enrol(agent, LAB, "lab", NOW_S);
    state_workstation_keys(LAB, &lab);
    assert_int_equal(roster_revoke(agent->control.roster, &lab.id, NOW_S), ROSTER_OK);
    (void)invite(agent, "{\"command\": \"invite\", \"lasts_s\": 10}");
    (void)invite(agent, "{\"command\": \"invite\", \"lasts_s\": 60}");
    json_t *reply = ask_at(agent, json_pack("{s:s}", "command", "status"), NOW_S + 10);
    assert_number(reply, "workstations", 1);
    assert_number(reply, "roster_generation", 3);
    assert_number(reply, "open_invitations", 1);
    json_decref(reply);
}

static void status_counts_datagrams_and_names_the_reasons_that_occurred(void **state)
{
    struct agent *agent = *state;
    agent->counters = (struct counters){.received = 1,
                                        .answered = 2,
                                        .refused = 3,
                                        .enrolled = 4,
                                        .strangers = 5,
                                        .unsendable = 6,
                                        .rejected = {[PROTO_GATE] = 7, [PROTO_SPACE] = 8}};
    json_t *reply = ask(agent, "{\"command\": \"status\"}");
    const json_t *counters = json_object_get(reply, "counters");
    assert_number(counters, "received", 1);
    assert_number(counters, "answered", 2);
    assert_number(counters, "refused", 3);
    assert_number(counters, "enrolled", 4);
    assert_number(counters, "strangers", 5);
    assert_number(counters, "unsendable", 6);
    const json_t *rejected = json_object_get(counters, "rejected");
    assert_int_equal(json_object_size(rejected), 2);
    assert_number(rejected, proto_result_name(PROTO_GATE), 7);
    assert_number(rejected, proto_result_name(PROTO_SPACE), 8);
    json_decref(reply);
}

static void status_bears_a_clock_that_was_set_back(void **state)
{
    json_t *reply = ask_at(*state, json_pack("{s:s}", "command", "status"), STARTED_S - 1000);
    assert_number(reply, "up_s", 0);
    json_decref(reply);
}

static void status_tells_how_dns_sd_stands(void **state)
{
    struct agent *agent = *state;
    struct loop *loop = loop_new();
    const struct advertise_settings settings = {.helper = "/bin/true",
                                                .practice = &agent->settings.practice,
                                                .fingerprint = &agent->keys.id.fingerprint,
                                                .service_port = 1234,
                                                .query_port = 21234};
    assert_non_null(loop);
    struct advertise *advertise = advertise_new(loop, &settings);
    assert_non_null(advertise);
    agent->control.advertise = advertise;
    json_t *reply = ask(agent, "{\"command\": \"status\"}");
    const json_t *dns_sd = json_object_get(reply, "dns_sd");
    assert_string_equal(text(dns_sd, "state"), "trying");
    assert_string_equal(text(dns_sd, "name"), "Praxis Dr. Müller");
    json_decref(reply);
    advertise_free(advertise);
    loop_free(loop);
}

static void key_tells_the_fingerprint(void **state)
{
    struct agent *agent = *state;
    char fingerprint[FINGERPRINT_TEXT_MAX];
    keys_fingerprint_text(&agent->keys.id.fingerprint, fingerprint);
    json_t *reply = ask(agent, "{\"command\": \"key\"}");
    assert_string_equal(text(reply, "practice"), "Praxis Dr. Müller");
    assert_string_equal(text(reply, "key"), fingerprint);
    assert_int_equal(json_object_size(reply), 2);
    json_decref(reply);
}

static void workstations_lists_who_is_enrolled_and_who_was_revoked(void **state)
{
    struct agent *agent = *state;
    struct workstation_keys reception;
    struct workstation_keys lab;
    struct address from;
    char id[2 * sizeof reception.id.bytes + 1];
    enrol(agent, RECEPTION, "reception", NOW_S - 50);
    enrol(agent, LAB, "lab", NOW_S - 40);
    state_workstation_keys(RECEPTION, &reception);
    state_workstation_keys(LAB, &lab);
    assert_int_equal(roster_revoke(agent->control.roster, &lab.id, NOW_S), ROSTER_OK);
    assert_true(address_from_text("10.77.0.100", 40000, &from));
    roster_seen(agent->control.roster, &reception.id, &from, NOW_S - 5);
    json_t *reply = ask(agent, "{\"command\": \"workstations\"}");
    const json_t *list = json_object_get(reply, "workstations");
    assert_int_equal(json_array_size(list), 2);
    const json_t *first = json_array_get(list, 0);
    assert_string_equal(text(first, "name"), "reception");
    assert_string_equal(text(first, "key"), sodium_bin2hex(id, sizeof id, reception.id.bytes, sizeof reception.id));
    assert_number(first, "enrolled_s", NOW_S - 50);
    assert_number(first, "seen_s", NOW_S - 5);
    assert_string_equal(text(first, "seen_from"), "10.77.0.100");
    assert_true(json_is_false(json_object_get(first, "revoked")));
    const json_t *second = json_array_get(list, 1);
    assert_string_equal(text(second, "name"), "lab");
    assert_true(json_is_true(json_object_get(second, "revoked")));
    assert_null(json_object_get(second, "seen_s"));
    json_decref(reply);
}

static void workstations_of_an_empty_roster_is_an_empty_list(void **state)
{
    json_t *reply = ask(*state, "{\"command\": \"workstations\"}");
    assert_true(json_is_array(json_object_get(reply, "workstations")));
    assert_int_equal(json_array_size(json_object_get(reply, "workstations")), 0);
    json_decref(reply);
}

static void invite_gives_a_token_that_lasts_a_day(void **state)
{
    struct agent *agent = *state;
    json_t *reply = ask(agent, "{\"command\": \"invite\"}");
    struct token token;
    assert_int_equal(token_from_text(text(reply, "token"), &token), PROTO_OK);
    assert_number(reply, "expires_s", NOW_S + 24 * 3600);
    assert_int_equal(json_object_size(reply), 2);
    json_decref(reply);
    assert_memory_equal(&token.server, &agent->keys.id.public_key, sizeof token.server);
    assert_string_equal(token.practice.text, "Praxis Dr. Müller");
    assert_int_equal(token.port, 21234);
    assert_int_equal(token.count, 2);
    const struct address first = address_from_endpoint(&token.endpoints[0], 0);
    assert_true(address_same_host(&first, &agent->links.addresses[0].address));
    assert_int_equal(token.endpoints[0].port, 21234);
    const struct invitation *invitation = invitation_of(agent, &token);
    assert_string_equal(invitation->name.text, "");
    assert_int_equal(invitation->expires_s, NOW_S + 24 * 3600);
}

static void invite_takes_a_name_and_a_duration(void **state)
{
    struct agent *agent = *state;
    const struct token token = invite(agent, "{\"command\": \"invite\", \"name\": \"Büro\", \"lasts_s\": 1}");
    assert_string_equal(invitation_of(agent, &token)->name.text, "Büro");
    assert_int_equal(invitation_of(agent, &token)->expires_s, NOW_S + 1);
    const struct token longest = invite(agent, "{\"command\": \"invite\", \"lasts_s\": 7776000}");
    assert_int_equal(invitation_of(agent, &longest)->expires_s, NOW_S + CONTROL_INVITE_MOST_S);
}

static void invite_refuses_what_no_invitation_can_be(void **state)
{
    static const char *const durations[] = {"0", "-1", "7776001", "9223372036854775807", "1.5", "\"60\"", "null"};
    static const char *const names[] = {"\"\"", "\"a\\n\"", "7", "null",
                                        "\"sixty-four-bytes-sixty-four-bytes-sixty-four-bytes-sixty-four-by\""};
    struct agent *agent = *state;
    char request[256];
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        (void)snprintf(request, sizeof request, "{\"command\": \"invite\", \"lasts_s\": %s}", durations[i]);
        assert_error(agent, request, "from 1 second to 90 days");
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(request, sizeof request, "{\"command\": \"invite\", \"name\": %s}", names[i]);
        assert_error(agent, request, "1 to 63 bytes");
    }
    assert_int_equal(count_open(agent), 0);
}

static void invite_refuses_a_name_that_is_enrolled_but_not_one_that_was_revoked(void **state)
{
    struct agent *agent = *state;
    struct workstation_keys keys;
    enrol(agent, RECEPTION, "reception", NOW_S);
    assert_error(agent, "{\"command\": \"invite\", \"name\": \"Reception\"}", "enrolled already");
    assert_int_equal(count_open(agent), 0);
    state_workstation_keys(RECEPTION, &keys);
    assert_int_equal(roster_revoke(agent->control.roster, &keys.id, NOW_S), ROSTER_OK);
    (void)invite(agent, "{\"command\": \"invite\", \"name\": \"Reception\"}");
}

static void invite_tells_when_there_are_too_many(void **state)
{
    struct agent *agent = *state;
    for (size_t i = 0; i < INVITATIONS_MAX; i++)
        (void)invite(agent, "{\"command\": \"invite\"}");
    assert_error(agent, "{\"command\": \"invite\"}", "too many invitations");
    assert_int_equal(count_open(agent), INVITATIONS_MAX);
}

static void invite_tells_when_it_cannot_be_saved(void **state)
{
    struct agent *agent = *state;
    state_break(&agent->invitations_folder);
    json_t *reply = ask(agent, "{\"command\": \"invite\"}");
    state_mend(&agent->invitations_folder);
    assert_non_null(strstr(text(reply, "error"), "cannot be saved"));
    assert_null(json_object_get(reply, "token"));
    json_decref(reply);
    assert_int_equal(count_open(agent), 0);
}

static void a_full_disk_is_not_taken_for_too_many_invitations(void **state)
{
    struct agent *agent = *state;
    disk.error = ENOSPC;
    assert_error(agent, "{\"command\": \"invite\"}", "cannot be saved");
    disk.error = 0;
    assert_int_equal(count_open(agent), 0);
}

/* A token that is told can be used, or the reply says why there is none. */
static void no_invitation_is_dead_when_it_is_told_though_the_clock_was_set_back(void **state)
{
    struct agent *agent = *state;
    (void)invite(agent, "{\"command\": \"invite\"}");
    json_t *reply = ask_at(agent, json_pack("{s:s, s:i}", "command", "invite", "lasts_s", 1800), NOW_S - 3600);
    const char *token_text = json_string_value(json_object_get(reply, "token"));
    if (token_text) {
        struct token token;
        assert_int_equal(token_from_text(token_text, &token), PROTO_OK);
        const struct invitation *invitation = invitation_of(agent, &token);
        assert_false(invitations_expired(agent->control.invitations, invitation, NOW_S - 3600));
    } else {
        assert_non_null(json_object_get(reply, "error"));
    }
    json_decref(reply);
}

static void revoke_shuts_out_by_name_for_good(void **state)
{
    struct agent *agent = *state;
    struct workstation_keys keys;
    enrol(agent, RECEPTION, "Reception", NOW_S - 50);
    enrol(agent, LAB, "lab", NOW_S - 50);
    json_t *reply = ask(agent, "{\"command\": \"revoke\", \"name\": \"reception\"}");
    assert_string_equal(text(reply, "revoked"), "Reception");
    assert_int_equal(json_object_size(reply), 1);
    json_decref(reply);
    roster_free(agent->control.roster);
    assert_int_equal(roster_open(agent->roster_folder.file, &agent->control.roster), STATEFILE_OK);
    state_workstation_keys(RECEPTION, &keys);
    assert_int_equal(roster_find(agent->control.roster, &keys.id)->revoked_s, NOW_S);
    assert_non_null(roster_find_name(agent->control.roster, "lab"));
    assert_error(agent, "{\"command\": \"revoke\", \"name\": \"reception\"}", "no enrolled workstation has this name");
}

static void revoke_refuses_a_name_that_nobody_has(void **state)
{
    struct agent *agent = *state;
    enrol(agent, RECEPTION, "reception", NOW_S);
    assert_error(agent, "{\"command\": \"revoke\", \"name\": \"recep\"}", "no enrolled workstation has this name");
    assert_error(agent, "{\"command\": \"revoke\", \"name\": \"\"}", "no enrolled workstation has this name");
    assert_error(agent, "{\"command\": \"revoke\", \"name\": 1}", "no enrolled workstation has this name");
    assert_error(agent, "{\"command\": \"revoke\"}", "no enrolled workstation has this name");
    assert_int_equal(roster_generation(agent->control.roster), 1);
}

static void revoke_tells_when_it_cannot_be_saved_and_changes_nothing(void **state)
{
    struct agent *agent = *state;
    enrol(agent, RECEPTION, "reception", NOW_S);
    state_break(&agent->roster_folder);
    json_t *reply = ask(agent, "{\"command\": \"revoke\", \"name\": \"reception\"}");
    state_mend(&agent->roster_folder);
    assert_non_null(strstr(text(reply, "error"), "cannot be saved"));
    assert_null(json_object_get(reply, "revoked"));
    json_decref(reply);
    assert_non_null(roster_find_name(agent->control.roster, "reception"));
}

static void what_is_no_command_is_told_in_words(void **state)
{
    static const char *const without[] = {"{}", "{\"command\": 1}", "{\"command\": null}", "[\"status\"]", "7", "null"};
    struct agent *agent = *state;
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        assert_error(agent, without[i], "names no command");
    assert_error(agent, "{\"command\": \"\"}", "does not know this command");
    assert_error(agent, "{\"command\": \"Status\"}", "does not know this command");
    assert_error(agent, "{\"command\": \"statusx\"}", "does not know this command");
    json_t *reply = ask_at(agent, NULL, NOW_S);
    assert_non_null(json_object_get(reply, "error"));
    json_decref(reply);
}

/* In any of the ways in which the project writes bytes down. */
static void assert_untold(const char *told, const uint8_t *bytes, size_t size)
{
    static const int variants[] = {sodium_base64_VARIANT_ORIGINAL_NO_PADDING, sodium_base64_VARIANT_URLSAFE_NO_PADDING};
    char written[256];
    (void)sodium_bin2hex(written, sizeof written, bytes, size);
    assert_null(strstr(told, written));
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        (void)sodium_bin2base64(written, sizeof written, bytes, size, variants[i]);
        written[size * 4 / 3] = '\0'; /* the last letter depends on what follows */
        assert_null(strstr(told, written));
    }
}

/* Seeds stand in front of the public key in libsodium's secret keys. */
static void assert_no_secret(const struct agent *agent, const struct token *token, const char *told)
{
    struct workstation_keys station;
    state_workstation_keys(RECEPTION, &station);
    assert_untold(told, agent->keys.secret.bytes, 32);
    assert_untold(told, agent->keys.id.public_key.bytes, 32);
    assert_untold(told, agent->keys.id.gate_key.bytes, 32);
    assert_untold(told, station.public_key.bytes, 32);
    assert_untold(told, token->secret.bytes, sizeof token->secret.bytes);
}

static void no_secret_is_told_but_in_the_token_of_invite(void **state)
{
    static const char *const requests[] = {"{\"command\": \"status\"}",
                                           "{\"command\": \"key\"}",
                                           "{\"command\": \"workstations\"}",
                                           "{\"command\": \"invite\", \"name\": \"reception\"}",
                                           "{\"command\": \"revoke\", \"name\": \"reception\"}",
                                           "{\"command\": \"workstations\"}"};
    struct agent *agent = *state;
    const struct workstation_public *used_by;
    struct workstation_keys station;
    const struct token token = invite(agent, "{\"command\": \"invite\", \"name\": \"reception\"}");
    state_workstation_keys(RECEPTION, &station);
    used_by = &station.public_key;
    enrol(agent, RECEPTION, "reception", NOW_S);
    assert_int_equal(invitations_use(agent->control.invitations, &token.selector, used_by, NOW_S), STATEFILE_OK);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        json_t *reply = ask(agent, requests[i]);
        char *told = json_dumps(reply, JSON_COMPACT);
        assert_no_secret(agent, &token, told);
        json_text_free(told);
        json_decref(reply);
    }
    struct state_bytes log = state_get(agent->log_path);
    assert_non_null(strstr(log.bytes, "invitation made"));
    assert_non_null(strstr(log.bytes, "revoked"));
    assert_no_secret(agent, &token, log.bytes);
    free(log.bytes);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(status_tells_who_and_where_the_agent_is),
        CASE(status_counts_workstations_and_invitations),
        CASE(status_counts_datagrams_and_names_the_reasons_that_occurred),
        CASE(status_bears_a_clock_that_was_set_back),
        CASE(status_tells_how_dns_sd_stands),
        CASE(key_tells_the_fingerprint),
        CASE(workstations_lists_who_is_enrolled_and_who_was_revoked),
        CASE(workstations_of_an_empty_roster_is_an_empty_list),
        CASE(invite_gives_a_token_that_lasts_a_day),
        CASE(invite_takes_a_name_and_a_duration),
        CASE(invite_refuses_what_no_invitation_can_be),
        CASE(invite_refuses_a_name_that_is_enrolled_but_not_one_that_was_revoked),
        CASE(invite_tells_when_there_are_too_many),
        CASE(invite_tells_when_it_cannot_be_saved),
        CASE(a_full_disk_is_not_taken_for_too_many_invitations),
        CASE(no_invitation_is_dead_when_it_is_told_though_the_clock_was_set_back),
        CASE(revoke_shuts_out_by_name_for_good),
        CASE(revoke_refuses_a_name_that_nobody_has),
        CASE(revoke_tells_when_it_cannot_be_saved_and_changes_nothing),
        CASE(what_is_no_command_is_told_in_words),
        CASE(no_secret_is_told_but_in_the_token_of_invite),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
