/* SPDX-License-Identifier: MIT */
#include "proto/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A datagram with a good header; larger than is valid. */
struct sample {
    uint8_t bytes[PROTO_DATAGRAM_MAX + 1];
};

static void make_sample(struct sample *out)
{
    const uint8_t header[PROTO_HEADER_SIZE] = {'P', 'r', 'L', 'o', 1,  MESSAGE_QUERY, 0, AUTH_SIGNATURE, 11, 12, 13,
                                               14,  15,  16,  17,  18, 0xee};
    *out = (struct sample){{0}};
    memcpy(out->bytes, header, sizeof header);
}

static void assert_reason(const struct sample *sample, size_t size, enum proto_result expected)
{
    struct header header;
    struct header before;
    memset(&header, 0xa5, sizeof header);
    memset(&before, 0xa5, sizeof before);
    enum proto_result result = header_decode(sample->bytes, size, &header);
    assert_string_equal(proto_result_name(result), proto_result_name(expected));
    if (expected != PROTO_OK)
        assert_memory_equal(&header, &before, sizeof header);
}

static void assert_reason_with(size_t at, uint8_t value, enum proto_result expected)
{
    struct sample sample;
    make_sample(&sample);
    sample.bytes[at] = value;
    assert_reason(&sample, PROTO_HEADER_SIZE, expected);
}

static void a_header_is_read(void **state)
{
    (void)state;
    const struct hint hint = {{11, 12, 13, 14, 15, 16, 17, 18}};
    struct sample sample;
    struct header header;

    make_sample(&sample);
    assert_int_equal(header_decode(sample.bytes, PROTO_HEADER_SIZE, &header), PROTO_OK);
    assert_int_equal(header.type, MESSAGE_QUERY);
    assert_int_equal(header.auth, AUTH_SIGNATURE);
    assert_memory_equal(&header.hint, &hint, sizeof hint);
}

static void a_header_is_written_with_a_gate_of_zeros(void **state)
{
    (void)state;
    const struct header header = {MESSAGE_QUERY, AUTH_SIGNATURE, {{11, 12, 13, 14, 15, 16, 17, 18}}};
    uint8_t bytes[PROTO_HEADER_SIZE];
    struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);
    struct sample expected;

    memset(bytes, 0xff, sizeof bytes);
    header_write(&writer, &header);
    assert_false(wire_write_failed(&writer));
    assert_int_equal(writer.at, PROTO_HEADER_SIZE);
    make_sample(&expected);
    expected.bytes[MESSAGE_GATE_AT] = 0;
    assert_memory_equal(bytes, expected.bytes, sizeof bytes);
}

static void sizes_from_32_to_1232_are_taken(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    assert_reason(&sample, 0, PROTO_SHORT);
    assert_reason(&sample, 31, PROTO_SHORT);
    assert_reason(&sample, 32, PROTO_OK);
    assert_reason(&sample, 33, PROTO_OK);
    assert_reason(&sample, 1232, PROTO_OK);
    assert_reason(&sample, 1233, PROTO_LONG);
}

static void every_byte_of_the_magic_counts(void **state)
{
    (void)state;
    for (size_t at = 0; at < 4; at++)
        assert_reason_with(at, 'x', PROTO_MAGIC);
}

static void only_our_version_is_known(void **state)
{
    (void)state;
    for (unsigned version = 0; version <= UINT8_MAX; version++)
        assert_reason_with(4, (uint8_t)version, version == PROTO_VERSION ? PROTO_OK : PROTO_VERSION_UNKNOWN);
}

static void low_flags_may_be_unknown_and_high_ones_may_not(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags <= UINT8_MAX; flags++)
        assert_reason_with(6, (uint8_t)flags, flags < 0x10 ? PROTO_OK : PROTO_FLAGS);
}

static void the_first_reason_in_the_order_of_the_bytes_is_named(void **state)
{
    (void)state;
    struct sample sample;
    memset(&sample, 0xff, sizeof sample);
    assert_reason(&sample, PROTO_DATAGRAM_MAX + 1, PROTO_LONG);
    assert_reason(&sample, PROTO_HEADER_SIZE, PROTO_MAGIC);
    memcpy(sample.bytes, "PrLo", 4);
    assert_reason(&sample, PROTO_HEADER_SIZE, PROTO_VERSION_UNKNOWN);
    sample.bytes[4] = PROTO_VERSION;
    assert_reason(&sample, PROTO_HEADER_SIZE, PROTO_FLAGS);
}

static void unknown_types_have_a_header_all_the_same(void **state)
{
    (void)state;
    struct sample sample;
    struct header header;
    make_sample(&sample);
    sample.bytes[5] = 0x7e;
    sample.bytes[7] = 0xfe;
    assert_int_equal(header_decode(sample.bytes, PROTO_HEADER_SIZE, &header), PROTO_OK);
    assert_int_equal(header.type, 0x7e);
    assert_int_equal(header.auth, 0xfe);
}

static enum proto_result open_with(uint8_t type, uint8_t auth, struct wire_reader *reader)
{
    struct sample sample;
    make_sample(&sample);
    sample.bytes[5] = type;
    sample.bytes[7] = auth;
    *reader = wire_reader_over(sample.bytes, PROTO_HEADER_SIZE + 3);
    enum proto_result result = message_open(reader, MESSAGE_QUERY, AUTH_SIGNATURE);
    reader->bytes = NULL; /* the sample ends here */
    return result;
}

static void a_message_is_opened_by_its_type_and_authentication_only(void **state)
{
    (void)state;
    struct wire_reader reader;
    for (unsigned value = 0; value <= UINT8_MAX; value++) {
        enum proto_result by_type = open_with((uint8_t)value, AUTH_SIGNATURE, &reader);
        assert_int_equal(by_type, value == MESSAGE_QUERY ? PROTO_OK : PROTO_TYPE);
        enum proto_result by_auth = open_with(MESSAGE_QUERY, (uint8_t)value, &reader);
        assert_int_equal(by_auth, value == AUTH_SIGNATURE ? PROTO_OK : PROTO_AUTH);
    }
    assert_int_equal(open_with(MESSAGE_ANSWER, AUTH_NONE, &reader), PROTO_TYPE);
}

static void an_opened_message_goes_on_behind_its_header(void **state)
{
    (void)state;
    struct wire_reader reader;
    assert_int_equal(open_with(MESSAGE_QUERY, AUTH_SIGNATURE, &reader), PROTO_OK);
    assert_int_equal(reader.at, PROTO_HEADER_SIZE);
    assert_int_equal(wire_left(&reader), 3);
}

static void a_bad_header_is_not_opened(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    sample.bytes[0] = 'x';
    struct wire_reader reader = wire_reader_over(sample.bytes, PROTO_HEADER_SIZE);
    assert_int_equal(message_open(&reader, MESSAGE_QUERY, AUTH_SIGNATURE), PROTO_MAGIC);
}

static void replies_are_told_by_bit_7(void **state)
{
    (void)state;
    assert_int_equal(MESSAGE_ANSWER & 0x80, 0x80);
    assert_int_equal(MESSAGE_ENROL_REPLY & 0x80, 0x80);
    assert_int_equal((MESSAGE_QUERY | MESSAGE_ANNOUNCEMENT | MESSAGE_ENROL_REQUEST) & 0x80, 0);
}

static void fields_are_walked_in_order(void **state)
{
    (void)state;
    const uint8_t bytes[] = {1, 2, 'a', 'b', 0x81, 0, 3, 1, 'c'};
    struct wire_reader fields = wire_reader_over(bytes, sizeof bytes);
    struct field field;

    assert_true(field_next(&fields, &field));
    assert_int_equal(field.type, 1);
    assert_int_equal(field.value.size, 2);
    assert_memory_equal(field.value.bytes, "ab", 2);
    assert_true(field_next(&fields, &field));
    assert_int_equal(field.type, 0x81);
    assert_int_equal(wire_left(&field.value), 0);
    assert_true(field_next(&fields, &field));
    assert_int_equal(field.type, 3);
    assert_int_equal(wire_read_u8(&field.value), 'c');
    assert_int_equal(wire_read_u8(&field.value), 0);
    assert_true(wire_read_failed(&field.value));
    assert_false(field_next(&fields, &field));
    assert_false(wire_read_failed(&fields));
}

static void no_fields_are_no_error(void **state)
{
    (void)state;
    const uint8_t byte = 1;
    struct wire_reader fields = wire_reader_over(&byte, 0);
    struct field field;
    assert_false(field_next(&fields, &field));
    assert_false(wire_read_failed(&fields));
}

static void a_field_of_255_bytes_is_the_longest(void **state)
{
    (void)state;
    const uint8_t bytes[2 + 255] = {1, 255};
    struct wire_reader fields = wire_reader_over(bytes, sizeof bytes);
    struct field field;
    assert_true(field_next(&fields, &field));
    assert_int_equal(field.value.size, 255);
    assert_false(field_next(&fields, &field));
    assert_false(wire_read_failed(&fields));
}

static void a_field_that_is_cut_off_is_an_error(void **state)
{
    (void)state;
    const uint8_t bytes[] = {1, 2, 'a', 'b'};
    for (size_t size = 1; size < sizeof bytes; size++) {
        struct wire_reader fields = wire_reader_over(bytes, size);
        struct field field = {.type = 0x77};
        assert_false(field_next(&fields, &field));
        assert_true(wire_read_failed(&fields));
        assert_int_equal(field.type, 0x77);
        assert_false(field_next(&fields, &field));
    }
}

static void unknown_fields_may_be_skipped_below_0x80_only(void **state)
{
    (void)state;
    for (unsigned type = 0; type <= UINT8_MAX; type++) {
        const struct field field = {.type = (uint8_t)type};
        assert_int_equal(field_unknown(&field), type < 0x80 ? PROTO_OK : PROTO_CRITICAL);
    }
}

static enum proto_result name_of(const char *value, size_t size, struct name *out)
{
    const struct field field = {FIELD_HOST_NAME, wire_reader_over((const uint8_t *)value, size)};
    return field_name(&field, out);
}

static void the_whole_value_of_a_name_field_is_the_name(void **state)
{
    (void)state;
    char text[PROTO_NAME_MAX + 1];
    struct name name;

    assert_int_equal(name_of("server", 6, &name), PROTO_OK);
    assert_string_equal(name.text, "server");
    memset(text, 'x', sizeof text);
    assert_int_equal(name_of(text, PROTO_NAME_MAX, &name), PROTO_OK);
    assert_int_equal(name_of(text, PROTO_NAME_MAX + 1, &name), PROTO_FIELD);
    assert_int_equal(name_of("", 0, &name), PROTO_FIELD);
    assert_int_equal(name_of("a\0b", 3, &name), PROTO_FIELD);
    assert_int_equal(name_of("a\xff", 2, &name), PROTO_FIELD);
}

static void a_name_field_takes_as_many_bytes_as_it_says(void **state)
{
    (void)state;
    for (size_t size = 0; size <= PROTO_NAME_MAX; size++) {
        uint8_t bytes[2 + PROTO_NAME_MAX];
        struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);
        struct name name = {{0}};
        memset(name.text, 'x', size);
        field_write_name(&writer, FIELD_HOST_NAME, &name);
        assert_false(wire_write_failed(&writer));
        assert_int_equal(writer.at, size == 0 ? 0 : 2 + size);
        assert_int_equal(field_name_size(&name), writer.at);
    }
}

static void a_written_name_field_is_read_back(void **state)
{
    (void)state;
    const struct name name = {"server"};
    const uint8_t expected[] = {FIELD_HOST_NAME, 6, 's', 'e', 'r', 'v', 'e', 'r'};
    uint8_t bytes[sizeof expected];
    struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);
    field_write_name(&writer, FIELD_HOST_NAME, &name);
    assert_memory_equal(bytes, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_read),
        cmocka_unit_test(a_header_is_written_with_a_gate_of_zeros),
        cmocka_unit_test(sizes_from_32_to_1232_are_taken),
        cmocka_unit_test(every_byte_of_the_magic_counts),
        cmocka_unit_test(only_our_version_is_known),
        cmocka_unit_test(low_flags_may_be_unknown_and_high_ones_may_not),
        cmocka_unit_test(the_first_reason_in_the_order_of_the_bytes_is_named),
        cmocka_unit_test(unknown_types_have_a_header_all_the_same),
        cmocka_unit_test(a_message_is_opened_by_its_type_and_authentication_only),
        cmocka_unit_test(an_opened_message_goes_on_behind_its_header),
        cmocka_unit_test(a_bad_header_is_not_opened),
        cmocka_unit_test(replies_are_told_by_bit_7),
        cmocka_unit_test(fields_are_walked_in_order),
        cmocka_unit_test(no_fields_are_no_error),
        cmocka_unit_test(a_field_of_255_bytes_is_the_longest),
        cmocka_unit_test(a_field_that_is_cut_off_is_an_error),
        cmocka_unit_test(unknown_fields_may_be_skipped_below_0x80_only),
        cmocka_unit_test(the_whole_value_of_a_name_field_is_the_name),
        cmocka_unit_test(a_name_field_takes_as_many_bytes_as_it_says),
        cmocka_unit_test(a_written_name_field_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
