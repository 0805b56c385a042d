/* SPDX-License-Identifier: MIT
 *
 * pins.h: what this workstation keeps: which servers it trusts, its key for each, and where each was verified last.
 *
 * In the state folder: FINGERPRINT.pin (the server's key and names), SELECTOR.key (this workstation's key, made for one
 * invitation and saved before it is used) and FINGERPRINT.last (the last verified address; never emptied, never fresh).
 */
#ifndef LOCATOR_PINS_H
#define LOCATOR_PINS_H

#include "common/keys.h"
#include "common/statefile.h"
#include "locator/network.h"
#include "locator/verified.h"
#include "proto/token.h"

#include <net/if.h>

enum { PINS_MAX = 32 };

struct pin {
    struct name practice;
    struct name station; /* this workstation's name on the server's roster */
    struct server_id server;
    uint32_t generation;  /* of the server's key: grows with each rotation that was followed */
    uint16_t query_port;  /* the agent's UDP port */
    size_t invited_count; /* where the server was when it invited this workstation */
    struct address invited[TOKEN_ENDPOINTS_MAX];
    struct selector selector; /* the invitation that it came from: names the key file */
};

struct pins {
    size_t count;
    struct pin items[PINS_MAX];
};

/* The last verified address, for the next search and for --allow-stale. */
struct remembered {
    uint64_t verified_s; /* wall clock */
    struct address address;
    char address_text[ADDRESS_TEXT_MAX];
    char interface[IF_NAMESIZE];
    uint16_t port; /* of the practice service */
    struct name host;
    struct instance instance;
    uint64_t serial;
    uint32_t roster_generation;
    size_t network_count; /* the networks on which it was verified, the last one first */
    struct network networks[NETWORKS_MAX];
    size_t count; /* of the other addresses that the server listed */
    struct address others[PROTO_ENDPOINTS_MAX];
};

struct pins_report {
    /* One line about a file that was passed over or set aside; may be called often. */
    void (*trouble)(void *context, const char *line);
    void *context;
};

/* Reads all pins of a state folder. An absent folder has none; a damaged pin is told and passed over. STATEFILE_FAILED
 * when the folder itself cannot be read. */
enum statefile_result pins_load(const char *state, const struct pins_report *report, struct pins *out) MUST_CHECK;

/* The pin of this name (ASCII case does not matter), or NULL. */
const struct pin *pins_find(const struct pins *pins, const char *practice);

/* Writes a pin, replacing one for the same server, and removes the key that the old one used. */
enum statefile_result pins_save(const char *state, const struct pin *pin) MUST_CHECK;

/* Removes a pin with its key and what was remembered. */
enum statefile_result pins_remove(const char *state, const struct pin *pin) MUST_CHECK;

/* This workstation's key for a pin, and the key made for an invitation before there is one. Wipe after use. */
enum statefile_result pins_load_key(const char *state, const struct selector *selector,
                                    struct workstation_keys *out) MUST_CHECK;
enum statefile_result pins_save_key(const char *state, const struct selector *selector,
                                    const struct workstation_keys *keys) MUST_CHECK;

/* What was verified last. A damaged file is set aside, told, and counts as absent. */
enum statefile_result pins_recall(const char *state, const struct pin *pin, const struct pins_report *report,
                                  struct remembered *out) MUST_CHECK;

/* Keeps a verified address and the network on which that was; network is NULL where it is not known. Writes only when
 * something changed or the record is a minute old: each write waits for the disk, and an age need be no finer. before
 * is what pins_recall() gave, NULL for nothing. */
enum statefile_result pins_remember(const char *state, const struct pin *pin, const struct remembered *before,
                                    const struct verified *verified, const struct network *network,
                                    uint64_t now_s) MUST_CHECK;

#endif
