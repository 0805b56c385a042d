/* SPDX-License-Identifier: MIT */
#include "proto/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct sample {
    const char *bytes;
    size_t size;
    const char *what;
};

#define SAMPLE(text, what)                                                                                             \
    {                                                                                                                  \
        text, sizeof(text) - 1, what                                                                                   \
    }

static void assert_taken(const struct sample *sample)
{
    const struct name zeros = {{0}};
    struct name name;
    memset(&name, 0xa5, sizeof name);
    if (!name_set(&name, (const uint8_t *)sample->bytes, sample->size))
        fail_msg("refused: %s", sample->what);
    assert_memory_equal(name.text, sample->bytes, sample->size);
    assert_memory_equal(name.text + sample->size, zeros.text, sizeof name.text - sample->size);
}

static void assert_refused(const struct sample *sample)
{
    struct name name;
    struct name before;
    memset(&name, 0xa5, sizeof name);
    memset(&before, 0xa5, sizeof before);
    if (name_set(&name, (const uint8_t *)sample->bytes, sample->size))
        fail_msg("taken: %s", sample->what);
    assert_memory_equal(&name, &before, sizeof name);
}

static void one_to_63_bytes_are_taken(void **state)
{
    (void)state;
    char text[PROTO_NAME_MAX + 1];
    memset(text, 'x', sizeof text);
    for (size_t size = 1; size <= PROTO_NAME_MAX; size++)
        assert_taken(&(struct sample){text, size, "1 to 63 bytes"});
    assert_refused(&(struct sample){text, 0, "nothing"});
    assert_refused(&(struct sample){text, PROTO_NAME_MAX + 1, "64 bytes"});
    assert_refused(&(struct sample){text, SIZE_MAX, "SIZE_MAX bytes"});
}

static void the_limit_counts_bytes_and_not_characters(void **state)
{
    (void)state;
    char text[PROTO_NAME_MAX + 1];
    memset(text, 'x', sizeof text);
    memcpy(text + 61, "\xc3\xbc", 2);
    assert_taken(&(struct sample){text, 63, "ends with a two-byte character"});
    memset(text, 'x', sizeof text);
    memcpy(text + 62, "\xc3\xbc", 2);
    assert_refused(&(struct sample){text, 63, "cut within its last character"});
    assert_refused(&(struct sample){text, 64, "63 characters in 64 bytes"});
}

static void names_as_people_write_them_are_taken(void **state)
{
    (void)state;
    const struct sample samples[] = {
        SAMPLE(" ", "the first printable character"),
        SAMPLE("~", "the last one of ASCII"),
        SAMPLE("Praxis Dr. M\xc3\xbcller & Partner", "an umlaut"),
        SAMPLE("\xe6\xad\xaf\xe7\xa7\x91", "three-byte characters"),
        SAMPLE("\xf0\x9f\xa6\xb7", "a four-byte character"),
        SAMPLE("a\"b\\c'd%s", "what other formats escape"),
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        assert_taken(&samples[i]);
}

static void the_edges_of_utf8_are_taken(void **state)
{
    (void)state;
    const struct sample samples[] = {
        SAMPLE("\xc2\xa0", "U+00A0, the first of two bytes that prints"),
        SAMPLE("\xdf\xbf", "U+07FF, the last of two bytes"),
        SAMPLE("\xe0\xa0\x80", "U+0800, the first of three bytes"),
        SAMPLE("\xe2\x80\xa7", "U+2027, below the line separators"),
        SAMPLE("\xe2\x80\x8d", "U+200D, below the direction marks"),
        SAMPLE("\xe2\x80\x90", "U+2010, above the direction marks"),
        SAMPLE("\xe2\x80\xaf", "U+202F, above the direction overrides"),
        SAMPLE("\xe2\x81\xa5", "U+2065, below the direction isolates"),
        SAMPLE("\xe2\x81\xaa", "U+206A, above the direction isolates"),
        SAMPLE("\xed\x9f\xbf", "U+D7FF, below the surrogates"),
        SAMPLE("\xee\x80\x80", "U+E000, above the surrogates"),
        SAMPLE("\xef\xbf\xbf", "U+FFFF, the last of three bytes"),
        SAMPLE("\xf0\x90\x80\x80", "U+10000, the first of four bytes"),
        SAMPLE("\xf4\x8f\xbf\xbf", "U+10FFFF, the last of all"),
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        assert_taken(&samples[i]);
}

static void control_characters_are_refused(void **state)
{
    (void)state;
    const struct sample samples[] = {
        SAMPLE("\0", "NUL alone"),
        SAMPLE("a\0b", "NUL within"),
        SAMPLE("a\0", "NUL at the end"),
        SAMPLE("\x01", "U+0001"),
        SAMPLE("a\nb", "line feed"),
        SAMPLE("\x1b[2J", "escape"),
        SAMPLE("\x1f", "U+001F, the last of C0"),
        SAMPLE("\x7f", "DEL"),
        SAMPLE("\xc2\x80", "U+0080, the first of C1"),
        SAMPLE("\xc2\x9b", "CSI in one character"),
        SAMPLE("\xc2\x9f", "U+009F, the last of C1"),
        SAMPLE("\xe2\x80\xa8", "U+2028, line separator"),
        SAMPLE("\xe2\x80\xa9", "U+2029, paragraph separator"),
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        assert_refused(&samples[i]);
}

static void every_kind_of_invalid_utf8_is_refused(void **state)
{
    (void)state;
    const struct sample samples[] = {
        SAMPLE("\x80", "a lone continuation byte"),
        SAMPLE("a\xbf", "a continuation byte behind ASCII"),
        SAMPLE("\xc3\xbc\xbc", "one continuation byte too many"),
        SAMPLE("\xc0\xaf", "overlong slash of two bytes"),
        SAMPLE("\xc1\xbf", "overlong U+007F"),
        SAMPLE("\xe0\x80\xaf", "overlong slash of three bytes"),
        SAMPLE("\xe0\x9f\xbf", "overlong U+07FF"),
        SAMPLE("\xf0\x80\x80\xaf", "overlong slash of four bytes"),
        SAMPLE("\xf0\x8f\xbf\xbf", "overlong U+FFFF"),
        SAMPLE("\xed\xa0\x80", "U+D800, the first surrogate"),
        SAMPLE("\xed\xbf\xbf", "U+DFFF, the last surrogate"),
        SAMPLE("\xed\xa0\xbd\xed\xb2\xa9", "a pair of surrogates"),
        SAMPLE("\xf4\x90\x80\x80", "U+110000"),
        SAMPLE("\xf5\x80\x80\x80", "a lead byte above Unicode"),
        SAMPLE("\xf7\xbf\xbf\xbf", "the last four-byte form"),
        SAMPLE("\xf8\x88\x80\x80\x80", "a five-byte form"),
        SAMPLE("\xf8\x90\x80\x80", "the lead byte of a five-byte form with four bytes"),
        SAMPLE("\xfc\x84\x80\x80\x80\x80", "a six-byte form"),
        SAMPLE("\xfe", "0xFE"),
        SAMPLE("\xff", "0xFF"),
        SAMPLE("\xc3", "two bytes, one there"),
        SAMPLE("\xe2\x82", "three bytes, two there"),
        SAMPLE("\xf0\x9f\xa6", "four bytes, three there"),
        SAMPLE("\xc3(", "the second of two is ASCII"),
        SAMPLE("\xe2(\xa1", "the second of three is ASCII"),
        SAMPLE("\xe2\x82(", "the third of three is ASCII"),
        SAMPLE("\xf0(\x8c\xbc", "the second of four is ASCII"),
        SAMPLE("\xf0\x90(\xbc", "the third of four is ASCII"),
        SAMPLE("\xf0\x90\x8c(", "the fourth of four is ASCII"),
        SAMPLE("\xc3\xc3\xbc", "a lead byte within a character"),
        SAMPLE("all good but for the end\xff", "the last byte"),
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        assert_refused(&samples[i]);
}

static void what_reorders_the_letters_shown_is_refused(void **state)
{
    (void)state;
    const struct sample samples[] = {
        SAMPLE("a\xe2\x80\x8e", "U+200E, left-to-right mark"),
        SAMPLE("a\xe2\x80\x8f", "U+200F, right-to-left mark"),
        SAMPLE("a\xe2\x80\xaa", "U+202A, the first embedding"),
        SAMPLE("a\xe2\x80\xae", "U+202E, right-to-left override"),
        SAMPLE("a\xe2\x81\xa6", "U+2066, the first isolate"),
        SAMPLE("a\xe2\x81\xa9", "U+2069, the end of an isolate"),
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        assert_refused(&samples[i]);
}

/* RFC 3629, table 3-7 of the Unicode standard: how many bytes a code point takes. */
static size_t encode_point(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    const unsigned leads[] = {0xc0, 0xe0, 0xf0};
    for (size_t i = size - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3f));
    out[0] = (char)(leads[size - 2] | point);
    return size;
}

static bool may_stand_in_a_name(uint32_t point)
{
    bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    bool layout = point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
                  (point >= 0x2066 && point <= 0x2069);
    bool surrogate = point >= 0xd800 && point < 0xe000;
    return !control && !layout && !surrogate && point <= 0x10ffff;
}

static void every_code_point_is_judged_by_what_it_is(void **state)
{
    (void)state;
    for (uint32_t point = 0; point < 0x1fffff; point++) {
        char bytes[4];
        struct name name;
        size_t size = encode_point(point, bytes);
        if (name_set(&name, (const uint8_t *)bytes, size) != may_stand_in_a_name(point))
            fail_msg("U+%04X", point);
    }
}

static void every_pair_of_bytes_is_judged_by_what_it_is(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        const uint8_t bytes[2] = {(uint8_t)(pair >> 8), (uint8_t)(pair & 0xff)};
        bool ascii = bytes[0] >= 0x20 && bytes[0] < 0x7f && bytes[1] >= 0x20 && bytes[1] < 0x7f;
        bool two = bytes[0] >= 0xc2 && bytes[0] <= 0xdf && bytes[1] >= 0x80 && bytes[1] <= 0xbf;
        bool c1 = bytes[0] == 0xc2 && bytes[1] < 0xa0;
        struct name name;
        if (name_set(&name, bytes, 2) != (ascii || (two && !c1)))
            fail_msg("%02X %02X", bytes[0], bytes[1]);
    }
}

static void a_string_is_taken_like_its_bytes(void **state)
{
    (void)state;
    char text[PROTO_NAME_MAX + 2] = {0};
    struct name name;

    assert_true(name_from_text(&name, "reception"));
    assert_string_equal(name.text, "reception");
    memset(text, 'x', PROTO_NAME_MAX);
    assert_true(name_from_text(&name, text));
    assert_string_equal(name.text, text);
    text[PROTO_NAME_MAX] = 'x';
    assert_false(name_from_text(&name, text));
    assert_false(name_from_text(&name, ""));
    assert_false(name_from_text(&name, "a\tb"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_to_63_bytes_are_taken),
        cmocka_unit_test(the_limit_counts_bytes_and_not_characters),
        cmocka_unit_test(names_as_people_write_them_are_taken),
        cmocka_unit_test(the_edges_of_utf8_are_taken),
        cmocka_unit_test(control_characters_are_refused),
        cmocka_unit_test(every_kind_of_invalid_utf8_is_refused),
        cmocka_unit_test(what_reorders_the_letters_shown_is_refused),
        cmocka_unit_test(every_code_point_is_judged_by_what_it_is),
        cmocka_unit_test(every_pair_of_bytes_is_judged_by_what_it_is),
        cmocka_unit_test(a_string_is_taken_like_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
