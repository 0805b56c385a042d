/* SPDX-License-Identifier: MIT
 *
 * source_dnssd.c: what mDNS says, read by a helper process (dnssd_browse.c), since dns_sd.h may block for as long as
 * D-Bus likes. It starts a little later: most searches are over before.
 */
#include "locator/source.h"

#include "common/dnssd_lines.h"
#include "common/helper.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { START_AFTER_US = 50000, LINES_AT_ONCE = 64 };

struct dnssd {
    const struct locate_settings *settings;
    uint64_t due_us;
    struct helper *helper; /* NULL before it is started and after it has ended */
};

static void *dnssd_start(const struct locate_settings *settings, uint64_t now_us)
{
    struct dnssd *dnssd = settings->dnssd_helper ? calloc(1, sizeof *dnssd) : NULL;
    if (!dnssd)
        return NULL;
    dnssd->settings = settings;
    dnssd->due_us = now_us + START_AFTER_US;
    return dnssd;
}

static uint64_t dnssd_due_us(const void *self)
{
    const struct dnssd *dnssd = self;
    return dnssd->due_us;
}

static int dnssd_fd(const void *self)
{
    const struct dnssd *dnssd = self;
    return dnssd->helper ? helper_fd(dnssd->helper) : -1;
}

/* The practice's own name, as it is or with the suffix that a name conflict brings: Avahi's " #2", Apple's " (2)". */
static bool carries_name(const struct dnssd_found *found, const struct name *practice)
{
    size_t length = strlen(practice->text);
    if (strncasecmp(found->name.text, practice->text, length) != 0)
        return false;
    const char *rest = found->name.text + length;
    return *rest == '\0' || strncmp(rest, " #", 2) == 0 || strncmp(rest, " (", 2) == 0;
}

/* A name proves nothing, so the fingerprint chooses whom to ask; but another server under our practice's name is worth
 * a word: a re-installed server, or an impostor. */
static void take(const struct dnssd *dnssd, const struct dnssd_found *found, struct search *search, uint64_t now_us)
{
    const struct fingerprint *wanted = dnssd->settings->fingerprint;
    if (found->has_key && memcmp(found->key.bytes, wanted->bytes, sizeof wanted->bytes) == 0) {
        const struct candidate candidate = {.source = SOURCE_DNSSD, .to = found->address};
        search_candidate(search, &candidate, 0, now_us);
    } else if (carries_name(found, dnssd->settings->practice)) {
        search_rival(search);
    }
}

static void take_lines(struct dnssd *dnssd, struct search *search, uint64_t now_us)
{
    char text[HELPER_LINE_MAX];
    size_t size;
    struct dnssd_line line;
    for (int i = 0; i < LINES_AT_ONCE; i++) {
        enum helper_result result = helper_line(dnssd->helper, text, &size);
        if (result == HELPER_ENDED) {
            helper_kill(dnssd->helper);
            dnssd->helper = NULL; /* no mDNS daemon here: the other sources go on */
        }
        if (result != HELPER_LINE)
            return;
        if (dnssd_line_parse(text, size, &line) && line.event == DNSSD_FOUND)
            take(dnssd, &line.found, search, now_us);
    }
}

static void dnssd_run(void *self, struct search *search, uint64_t now_us)
{
    struct dnssd *dnssd = self;
    if (dnssd->due_us != UINT64_MAX) {
        const char *const argv[] = {dnssd->settings->dnssd_helper, NULL};
        dnssd->due_us = UINT64_MAX;
        dnssd->helper = helper_start(argv);
    }
    if (dnssd->helper)
        take_lines(dnssd, search, now_us);
}

static void dnssd_stop(void *self)
{
    struct dnssd *dnssd = self;
    helper_kill(dnssd->helper);
    free(dnssd);
}

const struct source_ops source_dnssd = {dnssd_start, dnssd_due_us, dnssd_fd, dnssd_run, dnssd_stop};
