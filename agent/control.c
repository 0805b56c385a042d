/* SPDX-License-Identifier: MIT */
#include "agent/control.h"

#include "agent/addrsel.h"
#include "common/json.h"
#include "common/log.h"
#include "proto/name.h"
#include "proto/token.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static json_t *error(const char *text)
{
    return json_pack("{s:s}", "error", text);
}

static json_t *fingerprint(const struct fingerprint *fingerprint)
{
    char text[FINGERPRINT_TEXT_MAX];
    keys_fingerprint_text(fingerprint, text);
    return json_string(text);
}

/* The addresses that an asker on no particular link would be told. */
static size_t own_addresses(const struct control *control, struct endpoint *out, size_t room)
{
    const struct addrsel_asker nobody = {0};
    return addrsel_list(control->links, &control->settings->links, &nobody, control->facts->query_port, out, room);
}

static json_t *address_list(const struct control *control)
{
    struct endpoint endpoints[PROTO_ENDPOINTS_MAX];
    size_t count = own_addresses(control, endpoints, PROTO_ENDPOINTS_MAX);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        char text[ADDRESS_TEXT_MAX];
        struct address address = address_from_endpoint(&endpoints[i], 0);
        address_to_text(&address, text);
        (void)json_array_append_new(list, json_string(text));
    }
    return list;
}

static json_t *rejections(const struct counters *counters)
{
    json_t *object = json_object();
    for (int reason = 0; reason < PROTO_RESULT_COUNT; reason++)
        if (counters->rejected[reason] > 0)
            (void)json_object_set_new(object, proto_result_name((enum proto_result)reason),
                                      json_integer((json_int_t)counters->rejected[reason]));
    return object;
}

static json_t *counter_report(const struct counters *counters)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "received", (json_int_t)counters->received, "answered",
                     (json_int_t)counters->answered, "refused", (json_int_t)counters->refused, "enrolled",
                     (json_int_t)counters->enrolled, "strangers", (json_int_t)counters->strangers, "unsendable",
                     (json_int_t)counters->unsendable, "rejected", rejections(counters));
}

static size_t count_enrolled(const struct roster *roster)
{
    size_t count = 0;
    for (size_t i = 0; i < roster_count(roster); i++)
        count += roster_at(roster, i)->revoked_s == 0;
    return count;
}

static json_t *dns_sd_report(const struct control *control)
{
    if (!control->advertise)
        return json_pack("{s:s}", "state", "off");
    return json_pack("{s:s, s:s}", "state", advertise_state_name(advertise_state(control->advertise)), "name",
                     advertise_name(control->advertise)->text);
}

static json_t *status(const struct control *control, uint64_t now_s)
{
    const struct responder_facts *facts = control->facts;
    uint64_t up_s = now_s > control->started_s ? now_s - control->started_s : 0;
    return json_pack("{s:s, s:o, s:s, s:i, s:i, s:o, s:I, s:o, s:I, s:I, s:I, s:I, s:o}", "practice",
                     control->settings->practice.text, "key", fingerprint(&control->keys->id.fingerprint), "host",
                     facts->host.text, "port", (int)facts->service_port, "query_port", (int)facts->query_port,
                     "addresses", address_list(control), "serial", (json_int_t)facts->serial, "dns_sd",
                     dns_sd_report(control), "workstations", (json_int_t)count_enrolled(control->roster),
                     "open_invitations", (json_int_t)invitations_count_open(control->invitations, now_s),
                     "roster_generation", (json_int_t)roster_generation(control->roster), "up_s", (json_int_t)up_s,
                     "counters", counter_report(control->counters));
}

static json_t *key(const struct control *control)
{
    return json_pack("{s:s, s:o}", "practice", control->settings->practice.text, "key",
                     fingerprint(&control->keys->id.fingerprint));
}

static json_t *station_report(const struct station *station)
{
    char hex[2 * sizeof station->id.bytes + 1];
    char from[ADDRESS_TEXT_MAX];
    sodium_bin2hex(hex, sizeof hex, station->id.bytes, sizeof station->id.bytes);
    json_t *object = json_pack("{s:s, s:s, s:I, s:b}", "name", station->name.text, "key", hex, "enrolled_s",
                               (json_int_t)station->enrolled_s, "revoked", station->revoked_s != 0);
    if (object && station->seen_s != 0) {
        address_to_text(&station->seen_from, from);
        (void)json_object_set_new(object, "seen_s", json_integer((json_int_t)station->seen_s));
        (void)json_object_set_new(object, "seen_from", json_string(from));
    }
    return object;
}

static json_t *workstations(const struct control *control)
{
    json_t *list = json_array();
    for (size_t i = 0; i < roster_count(control->roster); i++)
        (void)json_array_append_new(list, station_report(roster_at(control->roster, i)));
    return json_pack("{s:o}", "workstations", list);
}

static json_t *token_reply(const struct control *control, const struct invitation *invitation)
{
    char text[TOKEN_TEXT_MAX];
    struct token token = {.server = control->keys->id.public_key,
                          .selector = invitation->selector,
                          .secret = invitation->secret,
                          .practice = control->settings->practice,
                          .port = control->facts->query_port};
    token.count = (uint8_t)own_addresses(control, token.endpoints, TOKEN_ENDPOINTS_MAX);
    enum proto_result result = token_to_text(&token, text);
    json_t *reply = result == PROTO_OK
                        ? json_pack("{s:s, s:I}", "token", text, "expires_s", (json_int_t)invitation->expires_s)
                        : error("the token does not fit");
    sodium_memzero(&token, sizeof token);
    sodium_memzero(text, sizeof text);
    return reply;
}

static json_t *invite(const struct control *control, const json_t *request, uint64_t now_s)
{
    uint64_t lasts_s = CONTROL_INVITE_DEFAULT_S;
    struct name name = {{0}};
    enum statefile_result result;

    if (json_object_get(request, "name") && !json_get_name(request, "name", &name))
        return error("the name is not fit for a workstation: 1 to 63 bytes of text");
    if (json_object_get(request, "lasts_s") &&
        (!json_get_number(request, "lasts_s", CONTROL_INVITE_MOST_S, &lasts_s) || lasts_s == 0))
        return error("an invitation lasts from 1 second to 90 days");
    if (name.text[0] != '\0' && roster_find_name(control->roster, name.text))
        return error("a workstation of this name is enrolled already; revoke it first, or choose another name");
    const struct invitation *invitation = invitations_add(control->invitations, &name, now_s + lasts_s, now_s, &result);
    if (!invitation && result == STATEFILE_TOO_LONG)
        return error("there are too many invitations; old ones end by themselves");
    if (!invitation)
        return error("the invitation cannot be saved in the agent's state folder; is its disk full?");
    log_write(LOG_NOTICE, "invitation made for \"%s\", good for %llu s", name.text[0] ? name.text : "any name",
              (unsigned long long)lasts_s);
    return token_reply(control, invitation);
}

static json_t *revoke(const struct control *control, const json_t *request, uint64_t now_s)
{
    const char *name = json_string_value(json_object_get(request, "name"));
    const struct station *station = name ? roster_find_name(control->roster, name) : NULL;
    if (!station)
        return error("no enrolled workstation has this name; 'practice-agent workstations' lists them");
    struct name known_as = station->name;
    if (roster_revoke(control->roster, &station->id, now_s) != ROSTER_OK)
        return error("the roster cannot be saved, so nothing was changed; is the disk of the agent's state full?");
    log_write(LOG_NOTICE, "workstation \"%s\" revoked", known_as.text);
    return json_pack("{s:s}", "revoked", known_as.text);
}

json_t *control_answer(const struct control *control, const json_t *request, uint64_t now_s)
{
    const char *command = json_string_value(json_object_get(request, "command"));
    if (!command)
        return error("the request names no command");
    if (strcmp(command, "status") == 0)
        return status(control, now_s);
    if (strcmp(command, "key") == 0)
        return key(control);
    if (strcmp(command, "workstations") == 0)
        return workstations(control);
    if (strcmp(command, "invite") == 0)
        return invite(control, request, now_s);
    if (strcmp(command, "revoke") == 0)
        return revoke(control, request, now_s);
    return error("the agent does not know this command; is it of another version?");
}
