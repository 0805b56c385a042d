/* SPDX-License-Identifier: MIT
 *
 * test_random.h: repeatable random numbers for tests. The seed is TEST_SEED of the environment, or fixed. It
 * is printed at the start, so that even a crash leaves it in the output, and belongs into the message of
 * every failure.
 */
#ifndef TESTS_TEST_RANDOM_H
#define TESTS_TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct test_random {
    unsigned long long seed;
    uint64_t state;
};

/* xorshift64 (Marsaglia 2003). */
static inline uint64_t test_random_next(struct test_random *random)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return random->state;
}

static inline struct test_random test_random_start(void)
{
    const char *text = getenv("TEST_SEED");
    struct test_random random = {.seed = text ? strtoull(text, NULL, 0) : 20240229};

    printf("TEST_SEED=%llu\n", random.seed);
    fflush(stdout);
    random.state = random.seed ? random.seed : UINT64_MAX; /* zero would stay zero */
    for (int i = 0; i < 16; i++)                           /* small seeds start with small numbers */
        test_random_next(&random);
    return random;
}

/* How often to repeat: as usual, or TEST_RUNS of the environment. */
static inline size_t test_random_rounds(size_t usual)
{
    const char *text = getenv("TEST_RUNS");
    return text ? (size_t)strtoull(text, NULL, 0) : usual;
}

/* 0 to limit - 1; limit is above 0. */
static inline size_t test_random_below(struct test_random *random, size_t limit)
{
    return (size_t)(test_random_next(random) >> 16) % limit;
}

static inline uint8_t test_random_byte(struct test_random *random)
{
    return (uint8_t)test_random_below(random, 256);
}

#endif
