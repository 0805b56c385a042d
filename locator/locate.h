/* SPDX-License-Identifier: MIT
 *
 * locate.h: runs one search over the real network: sockets, clock and sources around the engine (search.h).
 *
 *     source_* -> candidate -> search <-> question
 *     search -> datagram -> socket -> datagram -> search
 *
 * One descriptor and one time to wait for, so that it fits any event loop; locate_run() is the loop for those who have
 * none.
 */
#ifndef LOCATOR_LOCATE_H
#define LOCATOR_LOCATE_H

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

struct locate; /* opaque; holds sockets and perhaps a helper process */

/* The question is borrowed until locate_free(). NULL on failure, errno tells why. */
struct locate *locate_new(const struct locate_settings *settings, const struct question *question);
void locate_free(struct locate *locate);

/* Readable when locate_process() has something to do; belongs to the search, never to be closed or read by others. */
int locate_fd(const struct locate *locate);

/* When locate_process() is due at the latest, on the interval clock. */
uint64_t locate_due_us(const struct locate *locate);

/* Does all that can be done without waiting; true when the search is over. */
bool locate_process(struct locate *locate);

/* What to do when a search takes long: called once. */
struct locate_waiting {
    uint64_t after_us;
    void (*call)(void *context);
    void *context;
};

/* Waits until the search is over. waiting may be NULL. */
void locate_run(struct locate *locate, const struct locate_waiting *waiting);

void locate_report(const struct locate *locate, struct search_report *out);

/* Path of the helper that is installed with this program; NULL when that cannot be told. */
enum { LOCATE_HELPER_PATH_MAX = 1024 };
const char *locate_dnssd_helper(char out[LOCATE_HELPER_PATH_MAX]);

#endif
