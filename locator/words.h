/* SPDX-License-Identifier: MIT
 *
 * words.h: what a search did, as a sentence for people.
 */
#ifndef LOCATOR_WORDS_H
#define LOCATOR_WORDS_H

#include "locator/search.h"

#include <stdio.h>

/* One line: how long, on which interfaces, whom it asked, and what came back that proved nothing. */
void words_of_search(FILE *to, const struct search_report *report, uint64_t timeout_ms);

/* Says once that a search goes on: only to a terminal, since scripts have no use for it. */
void words_of_waiting(FILE *to, const char *practice);

enum { WORDS_OF_WAITING_AFTER_US = 700000 };

#endif
