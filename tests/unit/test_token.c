/* SPDX-License-Identifier: MIT */
#include "tests/unit/proto_forge.h"
#include "tests/unit/test_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The content of a token: where its parts stand, check bytes left out. */
enum {
    VERSION_AT = 0,
    PORT_AT = 57,
    NAME_SIZE_AT = 59,
    NAME_AT = 60,
    PREFIX_SIZE = 9,
    LEAST_CONTENT = NAME_AT + 1 + 1, /* a name of one byte, no endpoint */
    CONTENT_MAX = NAME_AT + PROTO_NAME_MAX + 1 + TOKEN_ENDPOINTS_MAX * PROTO_ENDPOINT_SIZE,
    MUTATIONS = 5000,
};

struct content {
    uint8_t bytes[TOKEN_CONTENT_MAX];
    size_t size;
};

static void make_token(uint8_t count, struct token *out)
{
    struct fixture fixture = {0};
    fixture_server(1, &fixture.server);
    fixture_fill(fixture.secret.bytes, sizeof fixture.secret.bytes, 0xc0);
    fixture_token(&fixture, count, out);
}

/* The content that the valid token of some endpoints has, written down apart from token.c. */
static void make_content(uint8_t count, struct content *out)
{
    struct token token;
    struct wire_writer writer = wire_writer_over(out->bytes, sizeof out->bytes);

    make_token(count, &token);
    size_t name_size = strlen(token.practice.text);
    wire_write_u8(&writer, 1);
    wire_write_bytes(&writer, token.server.bytes, 32);
    wire_write_bytes(&writer, token.selector.bytes, 8);
    wire_write_bytes(&writer, token.secret.bytes, 16);
    wire_write_u16(&writer, token.port);
    wire_write_u8(&writer, (uint8_t)name_size);
    wire_write_bytes(&writer, (const uint8_t *)token.practice.text, name_size);
    wire_write_u8(&writer, count);
    for (size_t i = 0; i < count; i++)
        wire_write_endpoint(&writer, &token.endpoints[i]);
    assert_false(wire_write_failed(&writer));
    out->size = writer.at;
}

/* The text stands in a buffer of exactly its size, so that ASan sees a read beyond its end. */
static enum proto_result parse(const char *text, struct token *out)
{
    char *exact = strdup(text);
    struct token before;
    assert_non_null(exact);
    memset(out, 0xa5, sizeof *out);
    memset(&before, 0xa5, sizeof before);
    enum proto_result result = token_from_text(exact, out);
    if (result != PROTO_OK)
        assert_memory_equal(out, &before, sizeof before);
    free(exact);
    return result;
}

static enum proto_result parse_content(const struct content *content)
{
    char text[TOKEN_LONG_TEXT];
    struct token token;
    forge_token_text(content->bytes, content->size, text);
    return parse(text, &token);
}

static void a_token_is_read_as_it_was_written(void **state)
{
    (void)state;
    for (uint8_t count = 0; count <= TOKEN_ENDPOINTS_MAX; count++) {
        for (size_t size = 1; size <= PROTO_NAME_MAX; size++) {
            struct token token;
            struct token read;
            char text[TOKEN_TEXT_MAX];
            make_token(count, &token);
            token.practice = (struct name){{0}};
            memset(token.practice.text, 'p', size);
            assert_int_equal(token_to_text(&token, text), PROTO_OK);
            assert_int_equal(parse(text, &read), PROTO_OK);
            assert_true(fixture_same_token(&read, &token));
        }
    }
}

static void a_token_is_written_as_documented(void **state)
{
    (void)state;
    const uint8_t counts[] = {0, 1, TOKEN_ENDPOINTS_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct content content;
        struct token token;
        char expected[TOKEN_LONG_TEXT];
        char text[TOKEN_TEXT_MAX];
        make_content(counts[i], &content);
        make_token(counts[i], &token);
        forge_token_text(content.bytes, content.size, expected);
        assert_int_equal(token_to_text(&token, text), PROTO_OK);
        assert_string_equal(text, expected);
        assert_memory_equal(text, "practice-", PREFIX_SIZE);
    }
}

static void the_longest_token_fits(void **state)
{
    (void)state;
    struct token token;
    char text[TOKEN_TEXT_MAX + 1];

    make_token(TOKEN_ENDPOINTS_MAX, &token);
    memset(token.practice.text, 'p', PROTO_NAME_MAX);
    memset(text, 0x7e, sizeof text);
    assert_int_equal(token_to_text(&token, text), PROTO_OK);
    assert_int_equal(strlen(text), PREFIX_SIZE + (CONTENT_MAX + 4) * 4 / 3);
    assert_true(strlen(text) < TOKEN_TEXT_MAX);
    assert_int_equal(text[TOKEN_TEXT_MAX], 0x7e);
}

static void a_token_that_could_not_be_read_is_not_written(void **state)
{
    (void)state;
    struct token token;
    char text[TOKEN_TEXT_MAX] = "untouched";
    make_token(TOKEN_ENDPOINTS_MAX, &token);
    token.count = TOKEN_ENDPOINTS_MAX + 1;
    assert_int_equal(token_to_text(&token, text), PROTO_FIELD);
    make_token(1, &token);
    token.practice = (struct name){{0}};
    assert_int_equal(token_to_text(&token, text), PROTO_FIELD);
    assert_string_equal(text, "untouched");
}

static void what_is_no_token_is_said_to_be_none(void **state)
{
    (void)state;
    const char *const texts[] = {"", "p", "practice", "practice_AAAA", "Practice-AAAA", "4711-0815", " practice-AAAA"};
    struct token token;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(parse(texts[i], &token), PROTO_MAGIC);
}

static void every_cut_is_found(void **state)
{
    (void)state;
    const uint8_t counts[] = {0, TOKEN_ENDPOINTS_MAX};
    for (size_t i = 0; i < 2; i++) {
        struct token token;
        char text[TOKEN_TEXT_MAX];
        make_token(counts[i], &token);
        assert_int_equal(token_to_text(&token, text), PROTO_OK);
        for (size_t size = strlen(text); size-- > 0;) {
            text[size] = '\0';
            enum proto_result result = parse(text, &token);
            bool named = size < PREFIX_SIZE ? result == PROTO_MAGIC
                                            : result == PROTO_PADDING || (result == PROTO_SHORT && size < 16);
            if (!named)
                fail_msg("%zu characters: %s", size, proto_result_name(result));
        }
    }
}

static void every_changed_character_is_found(void **state)
{
    (void)state;
    struct token token;
    char text[TOKEN_TEXT_MAX];
    make_token(2, &token);
    assert_int_equal(token_to_text(&token, text), PROTO_OK);
    for (size_t at = 0; text[at]; at++) {
        const char right = text[at];
        for (int other = 1; other <= UINT8_MAX; other++) {
            text[at] = (char)other;
            enum proto_result result = parse(text, &token);
            if (result != (text[at] == right ? PROTO_OK : at < PREFIX_SIZE ? PROTO_MAGIC : PROTO_PADDING))
                fail_msg("character %zu as %d: %s", at, other, proto_result_name(result));
        }
        text[at] = right;
    }
}

static void every_pair_of_swapped_characters_is_found(void **state)
{
    (void)state;
    struct token token;
    char text[TOKEN_TEXT_MAX];
    make_token(2, &token);
    assert_int_equal(token_to_text(&token, text), PROTO_OK);
    for (size_t at = PREFIX_SIZE; text[at + 1]; at++) {
        const char first = text[at];
        const char second = text[at + 1];
        text[at] = second;
        text[at + 1] = first;
        assert_int_equal(parse(text, &token), first == second ? PROTO_OK : PROTO_PADDING);
        text[at] = first;
        text[at + 1] = second;
    }
}

static void anything_behind_a_token_is_found(void **state)
{
    (void)state;
    struct token token;
    char text[TOKEN_TEXT_MAX + 8];
    make_token(2, &token);
    assert_int_equal(token_to_text(&token, text), PROTO_OK);
    char *end = text + strlen(text);
    for (int other = 1; other <= UINT8_MAX; other++) {
        end[0] = (char)other;
        end[1] = '\0';
        assert_int_equal(parse(text, &token), PROTO_PADDING);
    }
    memcpy(end, "====", 5);
    assert_int_equal(parse(text, &token), PROTO_PADDING);
}

static void text_far_too_long_is_refused(void **state)
{
    (void)state;
    char text[4 * TOKEN_TEXT_MAX] = "practice-";
    struct token token;
    memset(text + PREFIX_SIZE, 'A', sizeof text - PREFIX_SIZE - 1);
    assert_int_equal(parse(text, &token), PROTO_PADDING);
}

static void a_token_of_a_later_version_is_named_as_such(void **state)
{
    (void)state;
    const struct content shortest = {{2}, 1};
    struct content content;
    make_content(1, &content);
    content.bytes[VERSION_AT] = 2;
    assert_int_equal(parse_content(&content), PROTO_VERSION_UNKNOWN);
    content.bytes[VERSION_AT] = UINT8_MAX;
    assert_int_equal(parse_content(&content), PROTO_VERSION_UNKNOWN);
    content.bytes[VERSION_AT] = 0;
    assert_int_equal(parse_content(&content), PROTO_VERSION_UNKNOWN);
    assert_int_equal(parse_content(&shortest), PROTO_VERSION_UNKNOWN);
}

static void a_token_of_a_later_version_may_be_longer_than_ours(void **state)
{
    (void)state;
    struct content content = {{2}, CONTENT_MAX};
    assert_int_equal(parse_content(&content), PROTO_VERSION_UNKNOWN);
    content.size = CONTENT_MAX + 1;
    assert_int_equal(parse_content(&content), PROTO_VERSION_UNKNOWN);
    content.size = TOKEN_CONTENT_MAX;
    assert_int_equal(parse_content(&content), PROTO_VERSION_UNKNOWN);
}

/* libsodium 1.0.18 reads every byte above 0x7f as "_" where char is signed. */
static void characters_outside_ascii_stand_for_no_other(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_MAX];
    struct token token;
    make_token(2, &token);
    memset(token.selector.bytes, 0xff, sizeof token.selector.bytes);
    assert_int_equal(token_to_text(&token, text), PROTO_OK);
    char *underscore = strchr(text, '_');
    assert_non_null(underscore);
    *underscore = '\xc3';
    assert_int_equal(parse(text, &token), PROTO_PADDING);
}

static void a_token_without_content_is_too_short(void **state)
{
    (void)state;
    const struct content empty = {.size = 0};
    struct token token;
    assert_int_equal(parse("practice-", &token), PROTO_SHORT);
    assert_int_equal(parse("practice-AAAA", &token), PROTO_SHORT);
    assert_int_equal(parse_content(&empty), PROTO_SHORT);
}

static void content_that_ends_early_or_late_is_refused_by_its_lengths(void **state)
{
    (void)state;
    struct content content;
    make_content(2, &content);
    const size_t count_at = content.size - 2 * PROTO_ENDPOINT_SIZE - 1;
    const size_t whole = content.size;
    for (content.size = 1; content.size < whole; content.size++)
        assert_int_equal(parse_content(&content), content.size < count_at ? PROTO_FIELD : PROTO_LENGTH);
    assert_int_equal(parse_content(&content), PROTO_OK);
    content.bytes[content.size++] = 0;
    assert_int_equal(parse_content(&content), PROTO_LENGTH);
}

static enum proto_result parse_with(size_t at, uint8_t value)
{
    struct content content;
    make_content(TOKEN_ENDPOINTS_MAX, &content);
    content.bytes[at] = value;
    return parse_content(&content);
}

static void impossible_values_are_refused(void **state)
{
    (void)state;
    struct content content;
    make_content(0, &content);
    const size_t count_at = content.size - 1;
    assert_int_equal(parse_with(NAME_AT, '\n'), PROTO_FIELD);
    assert_int_equal(parse_with(NAME_AT, 0), PROTO_FIELD);
    assert_int_equal(parse_with(NAME_AT, 0xff), PROTO_FIELD);
    assert_int_equal(parse_with(NAME_SIZE_AT, 0), PROTO_FIELD);
    assert_int_equal(parse_with(NAME_SIZE_AT, UINT8_MAX), PROTO_FIELD);
    assert_int_equal(parse_with(count_at, TOKEN_ENDPOINTS_MAX), PROTO_OK);
    assert_int_equal(parse_with(count_at, TOKEN_ENDPOINTS_MAX - 1), PROTO_LENGTH);
    assert_int_equal(parse_with(count_at, TOKEN_ENDPOINTS_MAX + 1), PROTO_FIELD);
    assert_int_equal(parse_with(count_at, UINT8_MAX), PROTO_FIELD);
}

static void a_name_of_64_bytes_is_refused(void **state)
{
    (void)state;
    struct content content;
    make_content(0, &content);
    memset(content.bytes + NAME_AT, 'x', PROTO_NAME_MAX + 1);
    for (size_t size = PROTO_NAME_MAX; size <= PROTO_NAME_MAX + 1; size++) {
        content.bytes[NAME_SIZE_AT] = (uint8_t)size;
        content.bytes[NAME_AT + size] = 0;
        content.size = NAME_AT + size + 1;
        assert_int_equal(parse_content(&content), size <= PROTO_NAME_MAX ? PROTO_OK : PROTO_FIELD);
    }
}

static void a_typing_error_in_any_token_is_found(void **state)
{
    (void)state;
    struct test_random random = test_random_start();
    for (size_t round = 0; round < MUTATIONS; round++) {
        struct token token;
        char text[TOKEN_TEXT_MAX];
        char changed[TOKEN_TEXT_MAX];
        make_token((uint8_t)test_random_below(&random, TOKEN_ENDPOINTS_MAX + 1), &token);
        assert_int_equal(token_to_text(&token, text), PROTO_OK);
        memcpy(changed, text, sizeof changed);
        for (size_t left = 1 + test_random_below(&random, 5); left > 0; left--)
            changed[PREFIX_SIZE + test_random_below(&random, strlen(text) - PREFIX_SIZE)] =
                (char)('0' + test_random_below(&random, 'z' - '0' + 1));
        enum proto_result result = parse(changed, &token);
        if (result != (strcmp(text, changed) == 0 ? PROTO_OK : PROTO_PADDING))
            fail_msg("TEST_SEED=%llu round %zu: %s", random.seed, round, proto_result_name(result));
    }
}

static void random_content_with_a_right_check_has_a_named_reason(void **state)
{
    (void)state;
    struct test_random random = test_random_start();
    size_t taken = 0;
    for (size_t round = 0; round < MUTATIONS; round++) {
        struct content content;
        make_content((uint8_t)test_random_below(&random, TOKEN_ENDPOINTS_MAX + 1), &content);
        if (test_random_below(&random, 2) == 0)
            content.size = test_random_below(&random, content.size + 1);
        for (size_t left = test_random_below(&random, 3); left > 0 && content.size > 0; left--)
            content.bytes[test_random_below(&random, content.size)] = test_random_byte(&random);
        enum proto_result result = parse_content(&content);
        bool named = result == PROTO_OK || result == PROTO_SHORT || result == PROTO_VERSION_UNKNOWN ||
                     result == PROTO_FIELD || result == PROTO_LENGTH;
        if (!named)
            fail_msg("TEST_SEED=%llu round %zu: %s", random.seed, round, proto_result_name(result));
        taken += result == PROTO_OK;
    }
    assert_in_range(taken, 1, MUTATIONS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_read_as_it_was_written),
        cmocka_unit_test(a_token_is_written_as_documented),
        cmocka_unit_test(the_longest_token_fits),
        cmocka_unit_test(a_token_that_could_not_be_read_is_not_written),
        cmocka_unit_test(what_is_no_token_is_said_to_be_none),
        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(every_changed_character_is_found),
        cmocka_unit_test(every_pair_of_swapped_characters_is_found),
        cmocka_unit_test(anything_behind_a_token_is_found),
        cmocka_unit_test(text_far_too_long_is_refused),
        cmocka_unit_test(a_token_of_a_later_version_is_named_as_such),
        cmocka_unit_test(a_token_of_a_later_version_may_be_longer_than_ours),
        cmocka_unit_test(characters_outside_ascii_stand_for_no_other),
        cmocka_unit_test(a_token_without_content_is_too_short),
        cmocka_unit_test(content_that_ends_early_or_late_is_refused_by_its_lengths),
        cmocka_unit_test(impossible_values_are_refused),
        cmocka_unit_test(a_name_of_64_bytes_is_refused),
        cmocka_unit_test(a_typing_error_in_any_token_is_found),
        cmocka_unit_test(random_content_with_a_right_check_has_a_named_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
