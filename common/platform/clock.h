/* SPDX-License-Identifier: MIT
 *
 * clock.h: the two clocks. Engines take time as a value; only drivers ask for it here.
 */
#ifndef COMMON_PLATFORM_CLOCK_H
#define COMMON_PLATFORM_CLOCK_H

#include <stdint.h>

/* For intervals: never set, and counts the time that the machine slept. Microseconds from an arbitrary start. */
uint64_t clock_interval_us(void);

/* For records: seconds since 1970, as good as the machine's clock is. */
uint64_t clock_wall_s(void);

#endif
