/* SPDX-License-Identifier: MIT */
#include "agent/enrolment.h"

#include "proto/enrol.h"
#include "proto/name.h"
#include "proto/seal.h"

#include <stdio.h>
#include <string.h>

enum { NAME_TRIES = 1000 };

/* A free name for the roster: the wanted one, else with a number behind it. False when all are taken. */
static bool free_name(const struct roster *roster, const struct name *wanted, struct name *out)
{
    struct name name = *wanted;
    for (int i = 2; roster_find_name(roster, name.text); i++) {
        char suffix[8];
        int size = snprintf(suffix, sizeof suffix, "-%d", i);
        size_t length = strlen(wanted->text);
        if (i > NAME_TRIES || size < 0)
            return false;
        if (length > PROTO_NAME_MAX - (size_t)size)
            length = PROTO_NAME_MAX - (size_t)size;
        while (length > 0 && ((uint8_t)wanted->text[length] & 0xc0) == 0x80)
            length--; /* never through the middle of a character */
        (void)snprintf(name.text, sizeof name.text, "%.*s%s", (int)length, wanted->text, suffix);
    }
    *out = name;
    return true;
}

static struct name wanted_name(const struct invitation *invitation, const struct enrol_request *request)
{
    struct name name = {"workstation"};
    if (invitation->name.text[0] != '\0')
        name = invitation->name;
    else if (request->host.text[0] != '\0')
        name = request->host;
    return name;
}

static bool same_key(const struct workstation_public *a, const struct workstation_public *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static enum enrol_result join(struct enrolment *enrolment, const struct invitation *invitation,
                              const struct enrol_request *request, uint64_t now_s, struct name *name)
{
    const struct name wanted = wanted_name(invitation, request);
    const struct workstation_public *key = &request->workstation;
    if (!free_name(enrolment->roster, &wanted, name) || roster_count(enrolment->roster) >= ROSTER_MAX)
        return ENROL_FULL;
    if (invitations_use(enrolment->invitations, &request->selector, key, now_s) != STATEFILE_OK)
        return ENROL_NOT_SAVED;
    switch (roster_enrol(enrolment->roster, key, name, now_s)) {
    case ROSTER_OK:
        return ENROL_ACCEPTED;
    case ROSTER_FULL:
        return ENROL_FULL;
    case ROSTER_NOT_SAVED:
        break;
    }
    return ENROL_NOT_SAVED;
}

static enum enrol_result decide(struct enrolment *enrolment, const struct invitation *invitation,
                                const struct enrol_request *request, uint64_t now_s, struct enrol_reply *reply,
                                bool *joined)
{
    struct workstation_id id;
    bool own = invitation->used && same_key(&invitation->used_by, &request->workstation);
    seal_workstation_id(&request->workstation, &id);
    const struct station *station = roster_find(enrolment->roster, &id);
    if (own && station && station->revoked_s == 0) {
        reply->name = station->name; /* the reply was lost, so it gets it once more */
        return ENROL_ACCEPTED;
    }
    if (invitation->used && (!own || station)) /* by another, or by one that was revoked since */
        return ENROL_USED;
    if (invitations_expired(enrolment->invitations, invitation, now_s)) {
        invitations_expire(enrolment->invitations, invitation, now_s);
        return ENROL_EXPIRED;
    }
    if (station) /* another invitation put this key there; a key joins once */
        return ENROL_USED;
    enum enrol_result result = join(enrolment, invitation, request, now_s, &reply->name);
    *joined = result == ENROL_ACCEPTED;
    return result;
}

enum proto_result enrolment_reply(struct enrolment *enrolment, const struct datagram *in, uint64_t now_s,
                                  struct datagram *out, bool *joined)
{
    const struct server_keys *keys = enrolment->keys;
    struct enrol_request request;
    struct enrol_layout layout;

    out->size = 0;
    *joined = false;
    enum proto_result result = enrol_request_decode(in->bytes, in->size, &request, &layout);
    if (result != PROTO_OK)
        return result;
    const struct invitation *invitation = invitations_find(enrolment->invitations, &request.selector);
    if (!invitation)
        return PROTO_OK;
    result = enrol_request_verify(in->bytes, in->size, &layout, &keys->id, &invitation->secret, &request.workstation);
    if (result != PROTO_OK)
        return result;

    struct enrol_context context = {.server = &keys->id, .secret = &invitation->secret};
    struct enrol_reply reply = {.selector = request.selector,
                                .transaction = request.transaction,
                                .workstation = request.workstation,
                                .practice = *enrolment->practice};
    enrol_request_hash(in->bytes, &layout, &context.request);
    reply.result = (uint8_t)decide(enrolment, invitation, &request, now_s, &reply, joined);
    reply.roster_generation = roster_generation(enrolment->roster);
    out->size = enrol_reply_encode(&reply, &context, &keys->secret, out->bytes, in->size);
    return PROTO_OK;
}
