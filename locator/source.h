/* SPDX-License-Identifier: MIT
 *
 * source.h: where candidates come from. One file for each source, one row for each in the table of locate.c. Sources
 * race: none waits for another, and what they yield is believed by nobody.
 */
#ifndef LOCATOR_SOURCE_H
#define LOCATOR_SOURCE_H

#include "locator/locate_settings.h"

struct source_ops {
    /* Begins, without waiting for anything. NULL when this source has nothing to do in this search. */
    void *(*start)(const struct locate_settings *settings, uint64_t now_us);
    /* When run() is due; UINT64_MAX for not before the descriptor is readable. */
    uint64_t (*due_us)(const void *self);
    /* A descriptor whose readability makes run() due, or -1. May change with each run(). */
    int (*fd)(const void *self);
    /* Hands what it has to search_candidate(), without waiting. */
    void (*run)(void *self, struct search *search, uint64_t now_us);
    void (*stop)(void *self);
};

extern const struct source_ops source_cache;
extern const struct source_ops source_multicast;
extern const struct source_ops source_broadcast;
extern const struct source_ops source_dnssd;
extern const struct source_ops source_dns;
extern const struct source_ops source_configured;
extern const struct source_ops source_sweep;

/* The usual case: a source without a descriptor, due at certain times. */
struct timed_source {
    const struct locate_settings *settings;
    uint64_t due_us;
    uint64_t again_us; /* how long until it is due once more; UINT64_MAX: never */
};

void *timed_source_start(const struct locate_settings *settings, uint64_t due_us, uint64_t again_us);
uint64_t timed_source_due_us(const void *self);
int timed_source_fd(const void *self);
void timed_source_stop(void *self);

/* At the end of run(): plans the next one, twice as far away as this one was. */
void timed_source_again(struct timed_source *source, uint64_t now_us);

/* Where a remembered address is asked at the same time, everybody else is spared the question if it answers in time. */
uint64_t source_start_us(const struct locate_settings *settings, uint64_t now_us);

enum { SOURCE_RELIST_US = 250000 }; /* interfaces are listed again: a network may come up while the search goes on */

#endif
