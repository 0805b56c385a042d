/* SPDX-License-Identifier: MIT */
#include "locator/words.h"

#include "common/duration.h"
#include "common/escape.h"
#include "locator/interfaces.h"

#include <string.h>
#include <unistd.h>

/* What stands before the count, and behind it in the singular; the plural has the ending as well. */
struct phrase {
    enum source source;
    const char *before;
    const char *noun;
    const char *ending;
    const char *behind;
};

static const struct phrase PHRASES[] = {
    {SOURCE_CACHE, "", "remembered address", "es", ""},      {SOURCE_CONFIGURED, "", "configured address", "es", ""},
    {SOURCE_DNS, "", "address", "es", " found by DNS"},      {SOURCE_MULTICAST, "multicast on ", "network", "s", ""},
    {SOURCE_BROADCAST, "broadcast on ", "network", "s", ""}, {SOURCE_DNSSD, "", "address", "es", " found by DNS-SD"},
    {SOURCE_SWEEP, "", "address", "es", " one by one"},
};

static bool named_before(const struct interfaces *interfaces, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (interfaces->items[i].address.ifindex == interfaces->items[index].address.ifindex)
            return true;
    return false;
}

static void print_interfaces(FILE *to)
{
    struct interfaces interfaces;
    const char *before = " on ";
    interfaces_read(&interfaces);
    for (size_t i = 0; i < interfaces.count; i++) {
        const char *name = interfaces.items[i].interface;
        if (named_before(&interfaces, i) || !escape_needless(name, strlen(name)))
            continue;
        (void)fprintf(to, "%s%s", before, name);
        before = ", ";
    }
}

static void print_asked(FILE *to, const uint32_t asked[SOURCE_COUNT])
{
    const char *before = ": ";
    for (size_t i = 0; i < sizeof PHRASES / sizeof PHRASES[0]; i++) {
        const struct phrase *phrase = &PHRASES[i];
        uint32_t count = asked[phrase->source];
        if (count == 0)
            continue;
        (void)fprintf(to, "%s%s%u %s%s%s", before, phrase->before, (unsigned)count, phrase->noun,
                      count == 1 ? "" : phrase->ending, phrase->behind);
        before = ", ";
    }
}

void words_of_search(FILE *to, const struct search_report *report, uint64_t timeout_ms)
{
    char time[DURATION_TEXT_MAX];
    duration_to_text(timeout_ms, time);
    (void)fprintf(to, "asked for %s", time);
    print_interfaces(to);
    print_asked(to, report->asked);
    if (report->unproven > 0)
        (void)fprintf(to, "; %u %s proved nothing", (unsigned)report->unproven,
                      report->unproven == 1 ? "answer" : "answers");
    if (report->relayed > 0)
        (void)fprintf(to, "; %u %s another way", (unsigned)report->relayed,
                      report->relayed == 1 ? "answer came" : "answers came");
    (void)fputc('\n', to);
}

void words_of_waiting(FILE *to, const char *practice)
{
    if (isatty(fileno(to)))
        (void)fprintf(to, "still looking for \"%s\" ...\n", practice);
}
