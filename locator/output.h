/* SPDX-License-Identifier: MIT
 *
 * output.h: how an address leaves the program. Fresh addresses go out as struct verified only; a remembered one is
 * passed with its age and marked.
 */
#ifndef LOCATOR_OUTPUT_H
#define LOCATOR_OUTPUT_H

#include "locator/pins.h"
#include "locator/verified.h"

#include <stdio.h>

enum output_kind { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_FORMAT };

struct output_style {
    enum output_kind kind;
    const char *format; /* of OUTPUT_FORMAT: %a address, %p port, %n practice, %h host, %% percent */
};

/* False for a format with another letter behind a percent sign; *bad is that letter, or '\0' for none. */
bool output_format_fits(const char *format, char *bad) MUST_CHECK;

/* True when the server says that the practice service can be used. */
bool output_is_healthy(const struct verified *verified);

/* Each writes one line. False when the stream refuses it. */
bool output_verified(FILE *to, const struct output_style *style, const struct pin *pin,
                     const struct verified *verified) MUST_CHECK;
bool output_stale(FILE *to, const struct output_style *style, const struct pin *pin, const struct remembered *last,
                  uint64_t age_s) MUST_CHECK;

#endif
