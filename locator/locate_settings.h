/* SPDX-License-Identifier: MIT
 *
 * locate_settings.h: what a search over the real network is to go by. Read by the driver (locate.c) and by every
 * source.
 */
#ifndef LOCATOR_LOCATE_SETTINGS_H
#define LOCATOR_LOCATE_SETTINGS_H

#include "locator/network.h"
#include "locator/search.h"
#include "locator/server_text.h"

struct locate_settings {
    struct search_settings search;
    uint16_t query_port;         /* of the agent: where groups are asked */
    const struct address *known; /* where the server was before, best first; borrowed until locate_free() */
    size_t known_count;
    const struct address *invited; /* where it was when it invited this workstation; borrowed as well */
    size_t invited_count;
    const struct server_text *servers; /* where it is by the settings; borrowed as well */
    size_t server_count;
    bool sweep_anywhere;            /* somebody asked for the sweep */
    const struct network *networks; /* where the server was verified before, and the sweep may go. Borrowed */
    size_t network_count;
    const char *dnssd_helper;              /* path of dnssd-browse; NULL leaves DNS-SD out. Borrowed as well */
    const struct fingerprint *fingerprint; /* of the server searched: which DNS-SD entries are worth asking. Borrowed */
    const struct name *practice;           /* the name that nobody else should carry. Borrowed */
};

#endif
