/* SPDX-License-Identifier: MIT */
#include "locator/command.h"
#include "locator/joining.h"
#include "locator/locate.h"
#include "proto/name.h"
#include "proto/seal.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One exchange with all that it stands on. */
struct join {
    const struct command_options *options;
    struct settings settings;
    struct token token;
    size_t invited_count; /* where the server was when it made the token */
    struct address invited[TOKEN_ENDPOINTS_MAX];
    struct server_id server;
    struct workstation_keys keys;
    struct joining *joining;
    struct search_report report;
};

static bool read_token(const char *text, struct token *out)
{
    enum proto_result result = token_from_text(text, out);
    if (result == PROTO_OK)
        return true;
    if (result == PROTO_MAGIC)
        (void)fprintf(stderr, "this is no invitation; it starts with \"practice-\" and is printed by 'practice-agent "
                              "invite --token' on the server\n");
    else if (result == PROTO_VERSION_UNKNOWN)
        (void)fprintf(stderr, "this invitation is from a later version of Practice Locator; update this workstation\n");
    else
        (void)fprintf(stderr,
                      "this invitation is damaged: a character is wrong or missing; copy the whole line again\n");
    return false;
}

/* The code is a secret until it is used: what lists processes must not show it for longer than it has to be there. */
static bool take_token(char *argument, struct token *out)
{
    char line[TOKEN_TEXT_MAX + 1] = "";
    bool from_input = strcmp(argument, "-") == 0;
    if (from_input && fgets(line, sizeof line, stdin))
        line[strcspn(line, " \t\r\n")] = '\0';
    if (!from_input)
        argument[strcspn(argument, " \t\r\n")] = '\0'; /* what copying took along */
    bool good = read_token(from_input ? line : argument, out);
    sodium_memzero(line, sizeof line);
    if (!from_input)
        sodium_memzero(argument, strlen(argument));
    return good;
}

/* Two servers under one name could not be told apart in any command that takes a name. */
static bool name_is_free(const struct join *join)
{
    struct pins pins;
    if (!command_pins(join->options, &pins))
        return false;
    const struct pin *other = pins_find(&pins, join->token.practice.text);
    if (!other || memcmp(&other->server.public_key, &join->token.server, sizeof join->token.server) == 0)
        return true;
    (void)fprintf(
        stderr,
        "this workstation is enrolled with another server of the name \"%s\"; if that one was re-installed or "
        "replaced, run 'practice-locator forget \"%s\"' first, then this again\n",
        other->practice.text, other->practice.text);
    return false;
}

/* The key is kept before it is used, and found again by the invitation's selector: if the reply is lost, or the power
 * goes, the same workstation comes with the same key and gets the same reply. */
static bool prepare_key(struct join *join)
{
    const char *state = join->options->state;
    const struct selector *selector = &join->token.selector;
    enum statefile_result result = statefile_make_folder(state);
    if (result == STATEFILE_OK)
        result = pins_load_key(state, selector, &join->keys);
    if (result == STATEFILE_OK)
        return true;
    if (result == STATEFILE_ABSENT) {
        keys_new_workstation(&join->keys);
        result = pins_save_key(state, selector, &join->keys);
    }
    if (result != STATEFILE_OK)
        (void)fprintf(stderr, "cannot keep this workstation's key in %s: it %s%s%s\n", state,
                      statefile_result_name(result), result == STATEFILE_FAILED ? ": " : "",
                      result == STATEFILE_FAILED ? strerror(errno) : "");
    return result == STATEFILE_OK;
}

static struct name host_name(void)
{
    char text[256] = "";
    struct name name = {{0}};
    if (gethostname(text, sizeof text - 1) != 0)
        return name;
    text[strcspn(text, ".")] = '\0';
    return name_from_text(&name, text) ? name : (struct name){{0}};
}

static bool search(struct join *join)
{
    const struct token *token = &join->token;
    char helper[STATEFILE_PATH_MAX];
    struct joining_settings ask = {
        .token = token, .server = &join->server, .station = &join->keys, .host = host_name()};
    struct locate_settings settings = {.search = {.timeout_us = join->settings.timeout_ms * 1000},
                                       .query_port = token->port,
                                       .invited = join->invited,
                                       .invited_count = join->invited_count,
                                       .servers = join->settings.servers,
                                       .server_count = join->settings.server_count,
                                       .sweep_anywhere = true, /* whoever joins is where the server is */
                                       .dnssd_helper = locate_dnssd_helper(helper),
                                       .fingerprint = &join->server.fingerprint,
                                       .practice = &token->practice};

    keys_random(&ask.transaction, sizeof ask.transaction);
    keys_random(&settings.search.seed, sizeof settings.search.seed);
    join->joining = joining_new(&ask);
    if (!join->joining)
        return false;
    struct question question = joining_question(join->joining);
    struct locate *locate = locate_new(&settings, &question);
    if (!locate)
        return false;
    locate_run(locate, NULL);
    locate_report(locate, &join->report);
    locate_free(locate);
    return true;
}

static int accepted(const struct join *join, const struct enrol_reply *reply)
{
    struct pin pin = {.practice = reply->practice.text[0] ? reply->practice : join->token.practice,
                      .station = reply->name,
                      .server = join->server,
                      .query_port = join->token.port,
                      .selector = join->token.selector};
    char key[FINGERPRINT_TEXT_MAX];
    pin.invited_count = join->invited_count;
    memcpy(pin.invited, join->invited, sizeof pin.invited);
    if (pins_save(join->options->state, &pin) != STATEFILE_OK) {
        (void)fprintf(stderr, "cannot keep the enrolment in %s: %s; run the same command again\n", join->options->state,
                      strerror(errno));
        return EXIT_INTERNAL;
    }
    keys_fingerprint_text(&pin.server.fingerprint, key);
    (void)fprintf(stderr, "this workstation is now \"%s\" of \"%s\"; the server's key is %s\n", pin.station.text,
                  pin.practice.text, key);
    return EXIT_FOUND;
}

static int refused(const struct join *join, const struct enrol_reply *reply)
{
    const char *practice = join->token.practice.text;
    const char *then = "on the server, make a new one with 'practice-agent invite --token'";
    switch (reply->result) {
    case ENROL_EXPIRED:
        (void)fprintf(stderr, "this invitation to \"%s\" has expired; %s\n", practice, then);
        return EXIT_NOT_ENROLLED;
    case ENROL_USED:
        (void)fprintf(stderr, "this invitation to \"%s\" was used already; %s\n", practice, then);
        return EXIT_NOT_ENROLLED;
    case ENROL_FULL:
        (void)fprintf(stderr, "the server of \"%s\" has no room for another workstation; revoke old ones there\n",
                      practice);
        return EXIT_NOT_ENROLLED;
    case ENROL_NOT_SAVED:
        (void)fprintf(stderr,
                      "the server of \"%s\" could not save the enrolment: its disk may be full; mend that and run "
                      "the same command again\n",
                      practice);
        return EXIT_NOT_ENROLLED;
    default:
        (void)fprintf(stderr, "the server of \"%s\" refused the invitation; %s\n", practice, then);
        return EXIT_NOT_ENROLLED;
    }
}

static int conclude(const struct join *join)
{
    const struct enrol_reply *reply = joining_reply(join->joining);
    const char *practice = join->token.practice.text;
    switch (join->report.outcome) {
    case SEARCH_PROVED:
        return reply->result == ENROL_ACCEPTED ? accepted(join, reply) : refused(join, reply);
    case SEARCH_UNPROVEN:
        (void)fprintf(stderr,
                      "something answered for \"%s\" but could not prove that it is the server of this "
                      "invitation; was the server re-installed since?\n",
                      practice);
        return EXIT_IMPOSTOR;
    case SEARCH_UNSENDABLE:
        (void)fprintf(stderr, "this computer's own network is the trouble: no interface is up, or sending is not "
                              "permitted\n");
        return EXIT_OWN_NETWORK;
    case SEARCH_SILENCE:
    case SEARCH_REFUSED:
        (void)fprintf(stderr,
                      "no server of \"%s\" answered to this invitation; is 'practice-agent' running, and is this "
                      "computer in the same network?\n",
                      practice);
        return EXIT_SILENCE;
    case SEARCH_RUNNING:
        break;
    }
    return EXIT_INTERNAL;
}

static int run_exchange(struct join *join)
{
    int code = EXIT_INTERNAL;
    if (!prepare_key(join))
        return EXIT_INTERNAL;
    if (search(join))
        code = conclude(join);
    else
        (void)fprintf(stderr, "cannot search: %s\n", strerror(errno));
    joining_free(join->joining);
    return code;
}

int cmd_join(const struct command_options *options, int argc, char **argv)
{
    struct join join = {.options = options};
    if (argc != 2 || (argv[1][0] == '-' && argv[1][1] != '\0')) {
        (void)fprintf(stderr, "usage: practice-locator join CODE, or - to read the code from standard input\n");
        return EXIT_USAGE;
    }
    if (!command_settings(options, &join.settings) || !take_token(argv[1], &join.token))
        return EXIT_USAGE;
    join.invited_count = join.token.count;
    for (size_t i = 0; i < join.invited_count; i++)
        join.invited[i] = address_from_endpoint(&join.token.endpoints[i], 0);
    seal_server_id(&join.token.server, &join.server);
    int code = name_is_free(&join) ? run_exchange(&join) : EXIT_USAGE;
    sodium_memzero(&join, sizeof join);
    return code;
}
