/* SPDX-License-Identifier: MIT
 *
 * search.h: the race of candidates. A state machine without I/O: events go in, actions come out; the clock, the network
 * and the random seed are handed in. It neither knows what is asked nor what proves an answer: that is the question's
 * part.
 *
 *     candidate, datagram, time  ->  search  ->  send this there | wake me then | done
 *
 * Every candidate is asked at once (or after the delay that its source gave it) and again with growing intervals until
 * the first proof or the deadline; none waits for another.
 */
#ifndef LOCATOR_SEARCH_H
#define LOCATOR_SEARCH_H

#include "common/datagram.h"
#include "locator/candidate.h"

enum {
    /* Candidates in one search: a fixed table, since strangers can fill it, and so many of one source, that a flooded
     * one leaves room for the others. */
    SEARCH_PER_SOURCE_MAX = 24,
    SEARCH_GROUPS_MAX = 64, /* of multicast and of broadcast: this machine's own interfaces, which no stranger makes */
    SEARCH_SWEEP_MAX = 2048,
    SEARCH_ASKS_MAX = SEARCH_SWEEP_MAX + 2 * SEARCH_GROUPS_MAX + SEARCH_PER_SOURCE_MAX * (SOURCE_COUNT - 3),
    SEARCH_ONCE_TRIES = 3, /* a candidate of a sweep that the system refused to send is sent later, so often at most */
    SEARCH_ONCE_RETRY_US = 100000,
    SEARCH_LEADS_MAX = 8, /* in one search: listed addresses asked after an answer that came another way */
    SEARCH_FIRST_RETRY_US = 50000,
    SEARCH_STAGGER_US = 10000, /* between addresses of one list, best first: the better one wins when both answer, from
                                  search to search (the idea of RFC 8305's connection attempt delay) */
};

enum verdict {
    VERDICT_PROVED,   /* ends the search */
    VERDICT_REFUSED,  /* proved, and a refusal: ends the search as well */
    VERDICT_LEAD,     /* proved, but not that its address can be reached: the leads are asked in turn */
    VERDICT_RELAYED,  /* proved, but it came another way than it was asked: the leads are asked in turn */
    VERDICT_UNPROVEN, /* proves nothing */
};

struct judgement {
    enum verdict verdict;
    uint32_t probe; /* to which ask it belongs; for VERDICT_LEAD and VERDICT_RELAYED */
    size_t lead_count;
    struct address leads[SEARCH_LEADS_MAX];
};

/* What is asked and what counts as proof. */
struct question {
    void *self;
    /* Writes the request for this probe number and candidate into out, and returns its length. The same bytes each
     * time. */
    size_t (*write)(void *self, uint32_t probe, const struct candidate *to, uint64_t now_us,
                    uint8_t out[PROTO_DATAGRAM_MAX]);
    /* Judges a datagram of any content, with at most one signature check. */
    void (*judge)(void *self, const struct datagram *in, uint64_t now_us, struct judgement *out);
};

struct search_settings {
    uint64_t timeout_us;
    uint8_t family; /* ENDPOINT_IPV4 or ENDPOINT_IPV6: ask that family only; ENDPOINT_NONE: both */
    bool collect;   /* go on to the end of the time after a proof: there may be more */
    uint64_t seed;  /* for the spread of retransmissions; any value */
};

enum search_outcome {
    SEARCH_RUNNING,
    SEARCH_PROVED,
    SEARCH_REFUSED,
    SEARCH_UNSENDABLE, /* not one datagram could be sent, or there is no network */
    SEARCH_UNPROVEN,   /* something answered or posed as the server, nothing proved itself */
    SEARCH_SILENCE,    /* nothing answered */
};

/* What came of it, for the sentence that people read and for statistics. */
struct search_report {
    enum search_outcome outcome;
    uint32_t asked[SOURCE_COUNT]; /* candidates that could be asked, by source */
    uint32_t sent;
    uint32_t retransmissions;
    uint32_t unsendable; /* candidates for which sending never worked */
    uint32_t proved;     /* proofs: more than one only when all are collected */
    uint32_t unproven;   /* datagrams that proved nothing */
    uint32_t relayed;    /* proofs that came another way than they were asked */
    uint32_t rivals;     /* sightings of another server under the same name */
    uint32_t left_out;   /* candidates for which there was no room */
};

struct search; /* opaque; holds no descriptor */

/* The question is borrowed until search_free(). NULL when there is no memory. */
struct search *search_new(const struct search_settings *settings, const struct question *question, uint64_t now_us);
void search_free(struct search *search);

/* A source claims something. A candidate that is known already, or of the wrong family, changes nothing. */
void search_candidate(struct search *search, const struct candidate *candidate, uint64_t delay_us, uint64_t now_us);

/* A source saw another server under the name of the one that we search. */
void search_rival(struct search *search);

/* A datagram came in on one of our sockets. */
void search_datagram(struct search *search, const struct datagram *in, uint64_t now_us);

/* The system refused to send what search_next() gave for this probe. */
void search_send_failed(struct search *search, uint32_t probe, uint64_t now_us);

enum search_step {
    SEARCH_STEP_SEND, /* send the datagram, then call again */
    SEARCH_STEP_WAIT, /* nothing to do before wake_us or the next event */
    SEARCH_STEP_DONE, /* the outcome stands */
};

struct search_action {
    enum search_step step;
    uint32_t probe;       /* of SEARCH_STEP_SEND */
    bool once;            /* of SEARCH_STEP_SEND: one of a sweep, to a host that may not exist */
    uint64_t wake_us;     /* of SEARCH_STEP_WAIT */
    struct datagram send; /* of SEARCH_STEP_SEND */
};

/* What to do now. Call it again until it says WAIT or DONE. */
void search_next(struct search *search, uint64_t now_us, struct search_action *out);

void search_report(const struct search *search, struct search_report *out);

#endif
