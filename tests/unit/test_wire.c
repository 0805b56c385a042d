/* SPDX-License-Identifier: MIT */
#include "proto/message.h"
#include "proto/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t COUNTING[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
                                   0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};

static void numbers_are_read_big_endian(void **state)
{
    (void)state;
    struct wire_reader reader = wire_reader_over(COUNTING, sizeof COUNTING);
    assert_int_equal(wire_read_u8(&reader), 0x01);
    assert_int_equal(wire_read_u16(&reader), 0x0203);
    assert_int_equal(wire_read_u32(&reader), 0x04050607);
    assert_true(wire_read_u64(&reader) == 0x08090a0b0c0d0e0f);
    assert_false(wire_read_failed(&reader));
    assert_int_equal(wire_left(&reader), 0);
}

static void numbers_are_written_big_endian(void **state)
{
    (void)state;
    uint8_t bytes[sizeof COUNTING];
    struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);
    wire_write_u8(&writer, 0x01);
    wire_write_u16(&writer, 0x0203);
    wire_write_u32(&writer, 0x04050607);
    wire_write_u64(&writer, 0x08090a0b0c0d0e0f);
    assert_false(wire_write_failed(&writer));
    assert_int_equal(writer.at, sizeof bytes);
    assert_memory_equal(bytes, COUNTING, sizeof bytes);
}

static void extreme_numbers_survive(void **state)
{
    (void)state;
    uint8_t bytes[30];
    struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);
    struct wire_reader reader = wire_reader_over(bytes, sizeof bytes);
    wire_write_u8(&writer, UINT8_MAX);
    wire_write_u16(&writer, UINT16_MAX);
    wire_write_u32(&writer, UINT32_MAX);
    wire_write_u64(&writer, UINT64_MAX);
    wire_write_zeros(&writer, 15);
    assert_int_equal(wire_read_u8(&reader), UINT8_MAX);
    assert_int_equal(wire_read_u16(&reader), UINT16_MAX);
    assert_true(wire_read_u32(&reader) == UINT32_MAX);
    assert_true(wire_read_u64(&reader) == UINT64_MAX);
    assert_int_equal(wire_read_u8(&reader), 0);
    assert_int_equal(wire_read_u16(&reader), 0);
    assert_true(wire_read_u32(&reader) == 0);
    assert_true(wire_read_u64(&reader) == 0);
}

static uint64_t read_number(struct wire_reader *reader, size_t size)
{
    if (size == 1)
        return wire_read_u8(reader);
    if (size == 2)
        return wire_read_u16(reader);
    return size == 4 ? wire_read_u32(reader) : wire_read_u64(reader);
}

static void a_number_that_just_fits_is_read_and_one_that_does_not_is_zero(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 2, 4, 8};
    for (size_t i = 0; i < 4; i++) {
        struct wire_reader fits = wire_reader_over(COUNTING, sizes[i]);
        struct wire_reader lacks_one = wire_reader_over(COUNTING, sizes[i] - 1);
        assert_true(read_number(&fits, sizes[i]) != 0);
        assert_false(wire_read_failed(&fits));
        assert_true(read_number(&lacks_one, sizes[i]) == 0);
        assert_true(wire_read_failed(&lacks_one));
        assert_int_equal(lacks_one.at, 0);
    }
}

static void bytes_that_just_fit_are_read_and_others_are_zero(void **state)
{
    (void)state;
    uint8_t out[4] = {0xff, 0xff, 0xff, 0xff};
    struct wire_reader reader = wire_reader_over(COUNTING, 4);
    wire_read_bytes(&reader, out, 4);
    assert_memory_equal(out, COUNTING, 4);
    assert_false(wire_read_failed(&reader));

    const uint8_t zeros[4] = {0};
    reader = wire_reader_over(COUNTING, 3);
    wire_read_bytes(&reader, out, 4);
    assert_memory_equal(out, zeros, 4);
    assert_true(wire_read_failed(&reader));
}

static void after_a_failed_read_nothing_more_is_read(void **state)
{
    (void)state;
    uint8_t out = 0xff;
    struct wire_reader reader = wire_reader_over(COUNTING, 3);
    assert_int_equal(wire_read_u32(&reader), 0);
    assert_int_equal(wire_left(&reader), 0);
    assert_int_equal(wire_read_u8(&reader), 0);
    assert_int_equal(wire_read_u16(&reader), 0);
    wire_read_bytes(&reader, &out, 1);
    assert_int_equal(out, 0);
    wire_skip(&reader, 0);
    assert_true(wire_read_failed(&reader));
    assert_int_equal(reader.at, 0);
}

static void an_empty_reader_fails_at_the_first_byte_only(void **state)
{
    (void)state;
    uint8_t untouched = 0xff;
    struct wire_reader reader = wire_reader_over(COUNTING, 0);
    assert_int_equal(wire_left(&reader), 0);
    wire_read_bytes(&reader, &untouched, 0);
    wire_skip(&reader, 0);
    assert_false(wire_read_failed(&reader));
    assert_int_equal(untouched, 0xff);
    assert_int_equal(wire_read_u8(&reader), 0);
    assert_true(wire_read_failed(&reader));
}

static void skipping_to_the_end_is_fine_and_beyond_it_fails(void **state)
{
    (void)state;
    struct wire_reader reader = wire_reader_over(COUNTING, 5);
    wire_skip(&reader, 2);
    assert_int_equal(wire_left(&reader), 3);
    wire_skip(&reader, 3);
    assert_false(wire_read_failed(&reader));
    assert_int_equal(wire_left(&reader), 0);
    wire_skip(&reader, 1);
    assert_true(wire_read_failed(&reader));
}

static void a_huge_skip_does_not_wrap_round(void **state)
{
    (void)state;
    struct wire_reader reader = wire_reader_over(COUNTING, 5);
    wire_skip(&reader, 2);
    wire_skip(&reader, SIZE_MAX);
    assert_true(wire_read_failed(&reader));
    assert_int_equal(reader.at, 2);
}

static void the_rest_is_zero_only_without_any_other_byte(void **state)
{
    (void)state;
    const uint8_t first[] = {9, 1, 0, 0};
    const uint8_t last[] = {9, 0, 0, 0x80};
    const uint8_t none[] = {9, 0, 0, 0};
    const uint8_t *cases[] = {first, last, none};
    for (size_t i = 0; i < 3; i++) {
        struct wire_reader reader = wire_reader_over(cases[i], 4);
        assert_false(wire_rest_is_zero(&reader));
        wire_skip(&reader, 1);
        assert_int_equal(wire_rest_is_zero(&reader), cases[i] == none);
        assert_int_equal(wire_left(&reader), 3);
    }
    struct wire_reader empty = wire_reader_over(none, 0);
    assert_true(wire_rest_is_zero(&empty));
}

static void what_just_fits_is_written(void **state)
{
    (void)state;
    uint8_t bytes[5];
    const uint8_t expected[5] = {7, 8, 9, 0, 0};
    struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);
    wire_write_bytes(&writer, (const uint8_t[]){7, 8, 9}, 3);
    wire_write_zeros(&writer, 2);
    wire_write_bytes(&writer, NULL, 0);
    wire_write_zeros(&writer, 0);
    assert_false(wire_write_failed(&writer));
    assert_memory_equal(bytes, expected, sizeof expected);
}

static void what_does_not_fit_leaves_the_room_as_it_was(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 2, 4, 8, 3};
    for (size_t i = 0; i < 5; i++) {
        uint8_t bytes[8];
        uint8_t before[8];
        memset(bytes, 0xa5, sizeof bytes);
        memset(before, 0xa5, sizeof before);
        struct wire_writer writer = wire_writer_over(bytes, sizes[i] - 1);
        if (sizes[i] == 1)
            wire_write_u8(&writer, 1);
        else if (sizes[i] == 2)
            wire_write_u16(&writer, 1);
        else if (sizes[i] == 4)
            wire_write_u32(&writer, 1);
        else if (sizes[i] == 8)
            wire_write_u64(&writer, 1);
        else
            wire_write_zeros(&writer, 3);
        assert_true(wire_write_failed(&writer));
        assert_memory_equal(bytes, before, sizeof bytes);
    }
}

static void after_a_failed_write_nothing_more_is_written(void **state)
{
    (void)state;
    uint8_t bytes[4] = {0xa5, 0xa5, 0xa5, 0xa5};
    const uint8_t expected[4] = {1, 0xa5, 0xa5, 0xa5};
    struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);
    wire_write_u8(&writer, 1);
    wire_write_u32(&writer, 2);
    wire_write_u8(&writer, 3);
    wire_write_bytes(&writer, (const uint8_t[]){4}, 1);
    wire_write_zeros(&writer, 1);
    wire_write_zeros(&writer, 0);
    assert_true(wire_write_failed(&writer));
    assert_int_equal(writer.at, 1);
    assert_memory_equal(bytes, expected, sizeof bytes);
}

static void a_huge_write_does_not_wrap_round(void **state)
{
    (void)state;
    uint8_t bytes[4];
    struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);
    wire_write_u8(&writer, 1);
    wire_write_zeros(&writer, SIZE_MAX);
    assert_true(wire_write_failed(&writer));
    assert_int_equal(writer.at, 1);
}

static void an_empty_writer_fails_at_the_first_byte_only(void **state)
{
    (void)state;
    uint8_t byte = 0xa5;
    struct wire_writer writer = wire_writer_over(&byte, 0);
    wire_write_bytes(&writer, NULL, 0);
    assert_false(wire_write_failed(&writer));
    wire_write_u8(&writer, 1);
    assert_true(wire_write_failed(&writer));
    assert_int_equal(byte, 0xa5);
}

static void a_sub_reader_ends_with_its_part(void **state)
{
    (void)state;
    struct wire_reader reader = wire_reader_over(COUNTING, 6);
    wire_skip(&reader, 1);
    struct wire_reader sub = wire_sub_reader(&reader, 3);
    assert_int_equal(wire_left(&sub), 3);
    assert_int_equal(wire_read_u16(&sub), 0x0203);
    assert_int_equal(wire_read_u16(&sub), 0);
    assert_true(wire_read_failed(&sub));
    assert_false(wire_read_failed(&reader));
    assert_int_equal(wire_read_u16(&reader), 0x0506);
}

static void a_sub_reader_to_the_last_byte_is_fine_and_a_longer_one_fails_both(void **state)
{
    (void)state;
    struct wire_reader reader = wire_reader_over(COUNTING, 4);
    struct wire_reader sub = wire_sub_reader(&reader, 4);
    assert_false(wire_read_failed(&sub));
    assert_int_equal(wire_read_u32(&sub), 0x01020304);

    reader = wire_reader_over(COUNTING, 4);
    sub = wire_sub_reader(&reader, 5);
    assert_true(wire_read_failed(&sub));
    assert_true(wire_read_failed(&reader));
    assert_int_equal(wire_left(&sub), 0);
    assert_int_equal(wire_read_u8(&sub), 0);
}

static void an_empty_sub_reader_is_fine(void **state)
{
    (void)state;
    struct wire_reader reader = wire_reader_over(COUNTING, 4);
    wire_skip(&reader, 4);
    struct wire_reader sub = wire_sub_reader(&reader, 0);
    assert_false(wire_read_failed(&reader));
    assert_false(wire_read_failed(&sub));
    assert_int_equal(wire_left(&sub), 0);
}

static void read_endpoint(const uint8_t bytes[PROTO_ENDPOINT_SIZE], struct endpoint *out)
{
    struct wire_reader reader = wire_reader_over(bytes, PROTO_ENDPOINT_SIZE);
    memset(out, 0xa5, sizeof *out);
    wire_read_endpoint(&reader, out);
    assert_false(wire_read_failed(&reader));
    assert_int_equal(wire_left(&reader), 0);
}

static void an_endpoint_stands_as_family_flags_port_and_address(void **state)
{
    (void)state;
    const struct endpoint endpoint = {
        .family = ENDPOINT_IPV6, .flags = ENDPOINT_LINK_LOCAL, .port = 0x1234, .addr = {0xfe, 0x80, [15] = 0x77}};
    const uint8_t expected[PROTO_ENDPOINT_SIZE] = {6, 2, 0x12, 0x34, 0xfe, 0x80, [19] = 0x77};
    uint8_t bytes[PROTO_ENDPOINT_SIZE];
    struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);
    struct endpoint read;

    wire_write_endpoint(&writer, &endpoint);
    assert_false(wire_write_failed(&writer));
    assert_memory_equal(bytes, expected, sizeof bytes);
    read_endpoint(bytes, &read);
    assert_memory_equal(&read, &endpoint, sizeof read);
}

static void an_ipv4_endpoint_keeps_four_bytes_only(void **state)
{
    (void)state;
    const uint8_t bytes[PROTO_ENDPOINT_SIZE] = {4, 1, 0x12, 0x34, 192, 168, 1, 2, 0xff, [19] = 0xff};
    const struct endpoint expected = {
        .family = ENDPOINT_IPV4, .flags = ENDPOINT_OWN_LINK, .port = 0x1234, .addr = {192, 168, 1, 2}};
    struct endpoint read;
    read_endpoint(bytes, &read);
    assert_memory_equal(&read, &expected, sizeof read);
}

static void an_endpoint_of_unknown_family_is_none_and_all_zero(void **state)
{
    (void)state;
    const uint8_t families[] = {0, 1, 2, 3, 5, 7, 10, 0xff};
    const struct endpoint none = {.family = ENDPOINT_NONE};
    for (size_t i = 0; i < sizeof families; i++) {
        const uint8_t bytes[PROTO_ENDPOINT_SIZE] = {families[i], 1, 0x12, 0x34, 192, 168, 1, 2};
        struct endpoint read;
        read_endpoint(bytes, &read);
        assert_memory_equal(&read, &none, sizeof read);
    }
}

static void an_endpoint_that_is_cut_off_fails(void **state)
{
    (void)state;
    const uint8_t bytes[PROTO_ENDPOINT_SIZE - 1] = {4, 1, 0x12, 0x34, 192, 168, 1, 2};
    const uint8_t zeros[16] = {0};
    struct wire_reader reader = wire_reader_over(bytes, sizeof bytes);
    struct endpoint read;
    wire_read_endpoint(&reader, &read);
    assert_true(wire_read_failed(&reader));
    assert_memory_equal(read.addr, zeros, sizeof zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_big_endian),
        cmocka_unit_test(numbers_are_written_big_endian),
        cmocka_unit_test(extreme_numbers_survive),
        cmocka_unit_test(a_number_that_just_fits_is_read_and_one_that_does_not_is_zero),
        cmocka_unit_test(bytes_that_just_fit_are_read_and_others_are_zero),
        cmocka_unit_test(after_a_failed_read_nothing_more_is_read),
        cmocka_unit_test(an_empty_reader_fails_at_the_first_byte_only),
        cmocka_unit_test(skipping_to_the_end_is_fine_and_beyond_it_fails),
        cmocka_unit_test(a_huge_skip_does_not_wrap_round),
        cmocka_unit_test(the_rest_is_zero_only_without_any_other_byte),
        cmocka_unit_test(what_just_fits_is_written),
        cmocka_unit_test(what_does_not_fit_leaves_the_room_as_it_was),
        cmocka_unit_test(after_a_failed_write_nothing_more_is_written),
        cmocka_unit_test(a_huge_write_does_not_wrap_round),
        cmocka_unit_test(an_empty_writer_fails_at_the_first_byte_only),
        cmocka_unit_test(a_sub_reader_ends_with_its_part),
        cmocka_unit_test(a_sub_reader_to_the_last_byte_is_fine_and_a_longer_one_fails_both),
        cmocka_unit_test(an_empty_sub_reader_is_fine),
        cmocka_unit_test(an_endpoint_stands_as_family_flags_port_and_address),
        cmocka_unit_test(an_ipv4_endpoint_keeps_four_bytes_only),
        cmocka_unit_test(an_endpoint_of_unknown_family_is_none_and_all_zero),
        cmocka_unit_test(an_endpoint_that_is_cut_off_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
