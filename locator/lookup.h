/* SPDX-License-Identifier: MIT
 *
 * lookup.h: a search for one pinned server, with all that it stands on: the pin, this workstation's key, what is
 * remembered.
 */
#ifndef LOCATOR_LOOKUP_H
#define LOCATOR_LOOKUP_H

#include "locator/locate.h"
#include "locator/pins.h"
#include "locator/probe.h"
#include "locator/settings.h"

struct lookup {
    const struct pin *pin; /* borrowed */
    struct workstation_keys keys;
    bool remembers;
    struct remembered last; /* all zero when nothing is remembered */
    struct probe *probe;    /* what was proved; NULL before lookup_run() */
    struct search_report report;
};

/* Loads what there is. Any other result than STATEFILE_OK is about this workstation's key, and there is nothing to
 * close. */
enum statefile_result lookup_open(struct lookup *lookup, const char *state, const struct pin *pin,
                                  const struct pins_report *report) MUST_CHECK;

/* Wipes and frees; twice is harmless. */
void lookup_close(struct lookup *lookup);

struct lookup_settings {
    struct search_settings search; /* its seed is chosen here */
    const struct settings *settings;
    bool sweep; /* over any private network */
    const struct locate_waiting *waiting;
};

/* Searches to the end, once. False, with errno, when it could not begin. */
bool lookup_run(struct lookup *lookup, const struct lookup_settings *settings) MUST_CHECK;

#endif
