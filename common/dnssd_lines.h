/* SPDX-License-Identifier: MIT
 *
 * dnssd_lines.h: what the DNS-SD helpers tell their parents, as lines and as values, and what stands in the TXT
 * record. Pure. All of it is hearsay: what is found is a candidate and has yet to prove itself.
 *
 * dnssd-browse says:
 *   ready                                     once, first: the daemon took the search on
 *   found IFINDEX ADDRESS QPORT KEYHEX NAME   KEYHEX "-": none is known; NAME may hold spaces
 * dnssd-register says:
 *   registered NAME                           again whenever the daemon changes the name
 *   conflict                                  last: the name is taken
 */
#ifndef COMMON_DNSSD_LINES_H
#define COMMON_DNSSD_LINES_H

#include "common/addr.h"

#define DNSSD_TYPE   "_practice._tcp"
#define DNSSD_DOMAIN "local" /* mDNS only, whatever other domains the system browses */

/* How both helpers end. Anything else (a signal, say) is their own trouble. */
enum dnssd_exit {
    DNSSD_EXIT_PARENT_GONE = 0, /* end of standard input */
    DNSSD_EXIT_USAGE = 2,
    DNSSD_EXIT_CONFLICT = 3,
    DNSSD_EXIT_DAEMON = 4, /* not reachable, or it went away: start again later */
};

enum dnssd_event { DNSSD_READY, DNSSD_FOUND, DNSSD_REGISTERED, DNSSD_CONFLICT };

/* An agent that somebody claims to be there. */
struct dnssd_found {
    struct address address; /* where the agent takes queries, with its port; the interface is where it was heard */
    struct fingerprint key; /* zero when has_key is false */
    bool has_key;
    struct name name; /* the instance: a practice's name, perhaps with a suffix such as " #2" */
};

struct dnssd_line {
    enum dnssd_event event;
    struct dnssd_found found; /* of DNSSD_FOUND; of DNSSD_REGISTERED only the name; else zero */
};

/* The longest line, with its line feed and a NUL. */
enum { DNSSD_LINE_MAX = 192 };

/* Takes a line of any bytes, without its line feed. False, and *out untouched, for what no helper says: unknown
 * words, names with control characters, numbers out of range, addresses that are no host's. */
bool dnssd_line_parse(const char *line, size_t size, struct dnssd_line *out) MUST_CHECK;

/* False for what is no single other host: an unspecified, loopback, multicast or broadcast address, or none. */
bool dnssd_is_host(const struct address *address) MUST_CHECK;

/* Writes the line with its line feed and a NUL, and returns its length without the NUL. */
size_t dnssd_line_format(const struct dnssd_line *line, char out[DNSSD_LINE_MAX]);

/* Reads the items "q=" and "key=" of a TXT record (RFC 6763, section 6) of any bytes into out's port and key.
 * False, and *out untouched, when there is no valid port. A malformed key counts as none. */
bool dnssd_txt_read(const uint8_t *txt, size_t size, struct dnssd_found *out) MUST_CHECK;

#endif
