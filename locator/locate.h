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

#include "locator/locate_settings.h"

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
