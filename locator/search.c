/* SPDX-License-Identifier: MIT */
#include "locator/search.h"

#include <assert.h>
#include <stdlib.h>

/* One candidate being asked. Its place in the table is its probe number. */
struct ask {
    struct candidate candidate;
    uint64_t next_us;     /* when to send (again) */
    uint64_t interval_us; /* from that send to the one after it */
    uint32_t tries;
    uint32_t failures; /* tries that the system refused to send */
};

struct search {
    struct question question; /* a copy; what it points to is the caller's */
    uint64_t deadline_us;
    uint64_t spread; /* state of the generator of random spread */
    uint8_t family;
    bool collect;
    uint32_t lead_count;          /* asks that came of answers which came another way */
    uint32_t count[SOURCE_COUNT]; /* asks by source */
    uint32_t ask_count;
    struct ask asks[SEARCH_ASKS_MAX];
    struct search_report report;
};

struct search *search_new(const struct search_settings *settings, const struct question *question, uint64_t now_us)
{
    struct search *search = calloc(1, sizeof *search);
    if (!search)
        return NULL;
    search->question = *question;
    search->deadline_us = now_us + settings->timeout_us;
    search->family = settings->family;
    search->collect = settings->collect;
    search->spread = settings->seed | 1; /* xorshift stays at zero for ever */
    search->report.outcome = SEARCH_RUNNING;
    return search;
}

void search_free(struct search *search)
{
    free(search);
}

/* Retransmissions of many workstations after a power cut must not march in step: up to a quarter is added. */
static uint64_t spread(struct search *search, uint64_t interval_us)
{
    search->spread ^= search->spread << 13;
    search->spread ^= search->spread >> 7;
    search->spread ^= search->spread << 17;
    return interval_us + search->spread % (interval_us / 4 + 1);
}

static bool same_candidate(const struct candidate *a, const struct candidate *b)
{
    return address_equal(&a->to, &b->to) && address_same_host(&a->from, &b->from);
}

static bool is_known(const struct search *search, const struct candidate *candidate)
{
    for (uint32_t i = 0; i < search->ask_count; i++)
        if (same_candidate(&search->asks[i].candidate, candidate))
            return true;
    return false;
}

static uint32_t most_of(enum source source)
{
    if (source == SOURCE_SWEEP)
        return SEARCH_SWEEP_MAX;
    return source == SOURCE_MULTICAST || source == SOURCE_BROADCAST ? SEARCH_GROUPS_MAX : SEARCH_PER_SOURCE_MAX;
}

static bool family_wanted(const struct search *search, const struct address *to)
{
    return to->family != ENDPOINT_NONE && (search->family == ENDPOINT_NONE || search->family == to->family);
}

/* True when it is asked from now on: wanted, new, and with a place in the table. */
static bool add(struct search *search, const struct candidate *candidate, uint64_t start_us)
{
    if (!family_wanted(search, &candidate->to) || candidate->to.port == 0 || is_known(search, candidate))
        return false;
    if (search->count[candidate->source] >= most_of(candidate->source)) {
        search->report.left_out++;
        return false;
    }
    search->count[candidate->source]++;
    assert(search->ask_count < SEARCH_ASKS_MAX);
    search->asks[search->ask_count++] =
        (struct ask){.candidate = *candidate, .next_us = start_us, .interval_us = SEARCH_FIRST_RETRY_US};
    return true;
}

void search_candidate(struct search *search, const struct candidate *candidate, uint64_t delay_us, uint64_t now_us)
{
    (void)add(search, candidate, now_us + delay_us);
}

void search_rival(struct search *search)
{
    search->report.rivals++;
}

/* The signed list says where the server is; an answer that came another way is no proof of the way, so ask there. Few
 * such addresses: whoever relays may do so under as many addresses as he likes. */
static void follow_leads(struct search *search, const struct judgement *judgement, uint64_t now_us)
{
    assert(judgement->probe < search->ask_count);
    struct candidate lead = {.source = search->asks[judgement->probe].candidate.source};
    for (size_t i = 0; i < judgement->lead_count && search->lead_count < SEARCH_LEADS_MAX; i++) {
        lead.to = judgement->leads[i];
        search->lead_count += add(search, &lead, now_us + i * SEARCH_STAGGER_US);
    }
}

void search_datagram(struct search *search, const struct datagram *in, uint64_t now_us)
{
    struct judgement judgement = {.verdict = VERDICT_UNPROVEN};
    if (search->report.outcome != SEARCH_RUNNING)
        return;
    search->question.judge(search->question.self, in, now_us, &judgement);
    switch (judgement.verdict) {
    case VERDICT_PROVED:
        search->report.proved++;
        if (!search->collect)
            search->report.outcome = SEARCH_PROVED;
        break;
    case VERDICT_REFUSED:
        search->report.outcome = SEARCH_REFUSED;
        break;
    case VERDICT_LEAD:
        follow_leads(search, &judgement, now_us);
        break;
    case VERDICT_RELAYED:
        search->report.relayed++;
        follow_leads(search, &judgement, now_us);
        break;
    case VERDICT_UNPROVEN:
        search->report.unproven++;
        break;
    }
}

/* A sweep meets the system's own limits (neighbours being resolved), which pass. */
void search_send_failed(struct search *search, uint32_t probe, uint64_t now_us)
{
    assert(probe < search->ask_count);
    struct ask *ask = &search->asks[probe];
    ask->failures++;
    if (ask->candidate.once && ask->failures < SEARCH_ONCE_TRIES)
        ask->next_us = now_us + SEARCH_ONCE_RETRY_US;
}

static bool could_be_sent(const struct ask *ask)
{
    return ask->tries > ask->failures;
}

static bool anything_sent(const struct search *search)
{
    for (uint32_t i = 0; i < search->ask_count; i++)
        if (could_be_sent(&search->asks[i]))
            return true;
    return false;
}

static enum search_outcome outcome_at_deadline(const struct search *search)
{
    if (!anything_sent(search))
        return SEARCH_UNSENDABLE;
    const struct search_report *report = &search->report;
    if (report->proved > 0)
        return SEARCH_PROVED;
    if (report->unproven > 0 || report->relayed > 0 || report->rivals > 0)
        return SEARCH_UNPROVEN;
    return SEARCH_SILENCE;
}

static struct ask *next_ask(struct search *search)
{
    struct ask *next = NULL;
    for (uint32_t i = 0; i < search->ask_count; i++)
        if (!next || search->asks[i].next_us < next->next_us)
            next = &search->asks[i];
    return next;
}

/* Sending is due: write the request and plan the next try, half as far again as the last. */
static void send_due(struct search *search, struct ask *ask, uint64_t now_us, struct search_action *out)
{
    const struct question *question = &search->question;
    uint32_t probe = (uint32_t)(ask - search->asks);
    out->step = SEARCH_STEP_SEND;
    out->probe = probe;
    out->once = ask->candidate.once;
    out->send.peer = ask->candidate.to;
    out->send.local = ask->candidate.from;
    out->send.to_group = ask->candidate.group;
    out->send.size = question->write(question->self, probe, &ask->candidate, now_us, out->send.bytes);
    ask->next_us = ask->candidate.once ? UINT64_MAX : now_us + spread(search, ask->interval_us);
    ask->interval_us += ask->interval_us / 2;
    search->report.retransmissions += ask->tries > 0;
    search->report.sent++;
    ask->tries++;
}

void search_next(struct search *search, uint64_t now_us, struct search_action *out)
{
    struct ask *ask = next_ask(search);
    if (search->report.outcome == SEARCH_RUNNING && now_us >= search->deadline_us)
        search->report.outcome = outcome_at_deadline(search);
    if (search->report.outcome != SEARCH_RUNNING) {
        out->step = SEARCH_STEP_DONE;
    } else if (ask && ask->next_us <= now_us) {
        send_due(search, ask, now_us, out);
    } else {
        out->step = SEARCH_STEP_WAIT;
        out->wake_us = ask && ask->next_us < search->deadline_us ? ask->next_us : search->deadline_us;
    }
}

void search_report(const struct search *search, struct search_report *out)
{
    *out = search->report;
    for (uint32_t i = 0; i < search->ask_count; i++) {
        const struct ask *ask = &search->asks[i];
        out->asked[ask->candidate.source] += could_be_sent(ask);
        out->unsendable += ask->tries > 0 && !could_be_sent(ask);
    }
}
