/* SPDX-License-Identifier: MIT
 *
 * joining.h: the question "may this workstation join?" of a search: one enrolment request out, only a reply that proves
 * both the invitation's secret and the server's key comes in. Pure. docs/protocol.md, "Enrolment".
 */
#ifndef LOCATOR_JOINING_H
#define LOCATOR_JOINING_H

#include "common/keys.h"
#include "locator/search.h"
#include "proto/enrol.h"
#include "proto/token.h"

struct joining; /* opaque */

struct joining_settings {
    const struct token *token;              /* borrowed until joining_free() */
    const struct server_id *server;         /* the token's server; borrowed as well */
    const struct workstation_keys *station; /* borrowed as well */
    struct transaction transaction;         /* fresh random bytes */
    struct name host;
};

/* NULL when there is no memory. */
struct joining *joining_new(const struct joining_settings *settings);
void joining_free(struct joining *joining);

/* To hand to search_new(). Valid until joining_free(). A reply that proves itself ends the search with SEARCH_PROVED,
 * whatever it says. */
struct question joining_question(struct joining *joining);

/* NULL unless the search ended with SEARCH_PROVED. */
const struct enrol_reply *joining_reply(const struct joining *joining);

#endif
