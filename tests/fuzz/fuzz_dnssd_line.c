/* SPDX-License-Identifier: MIT */
#include "common/dnssd_lines.h"
#include "proto/name.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* A line of a helper, and the same bytes as a TXT record. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dnssd_found found;
    struct dnssd_line line;
    struct dnssd_line again;
    char text[DNSSD_LINE_MAX];

    if (dnssd_txt_read(data, size, &found))
        fuzz_require(found.address.port != 0);
    if (!dnssd_line_parse((const char *)data, size, &line))
        return 0;
    size_t length = dnssd_line_format(&line, text);
    fuzz_require(length > 0 && length < sizeof text && text[length - 1] == '\n');
    fuzz_require(dnssd_line_parse(text, length - 1, &again));
    fuzz_require(again.event == line.event && strcmp(again.found.name.text, line.found.name.text) == 0);
    fuzz_require(again.event != DNSSD_FOUND || address_equal(&again.found.address, &line.found.address));
    return 0;
}
