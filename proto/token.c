/* SPDX-License-Identifier: MIT */
#include "proto/token.h"

#include "proto/name.h"
#include "proto/seal.h"
#include "proto/wire.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum {
    TOKEN_VERSION = 1,
    CHECK_SIZE = 4,
    BYTES_MAX = 1 + 32 + 8 + 16 + 2 + 1 + PROTO_NAME_MAX + 1 + TOKEN_ENDPOINTS_MAX * PROTO_ENDPOINT_SIZE + CHECK_SIZE,
    LATER_BYTES_MAX = 1024, /* a later version may need more; it should still be named as one */
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

#define PREFIX "practice-"
static_assert(sizeof PREFIX - 1 + sodium_base64_ENCODED_LEN(BYTES_MAX, BASE64) <= TOKEN_TEXT_MAX, "text fits");

static void write_token(struct wire_writer *writer, const struct token *token)
{
    size_t name_size = strlen(token->practice.text);
    uint8_t check[CHECK_SIZE];

    wire_write_u8(writer, TOKEN_VERSION);
    wire_write_bytes(writer, token->server.bytes, sizeof token->server.bytes);
    wire_write_bytes(writer, token->selector.bytes, sizeof token->selector.bytes);
    wire_write_bytes(writer, token->secret.bytes, sizeof token->secret.bytes);
    wire_write_u16(writer, token->port);
    wire_write_u8(writer, (uint8_t)name_size);
    wire_write_bytes(writer, (const uint8_t *)token->practice.text, name_size);
    wire_write_u8(writer, token->count);
    for (size_t i = 0; i < token->count; i++)
        wire_write_endpoint(writer, &token->endpoints[i]);
    seal_token_check(writer->bytes, writer->at, check);
    wire_write_bytes(writer, check, sizeof check);
}

enum proto_result token_to_text(const struct token *token, char out[TOKEN_TEXT_MAX])
{
    uint8_t bytes[BYTES_MAX];
    struct wire_writer writer = wire_writer_over(bytes, sizeof bytes);

    if (token->count > TOKEN_ENDPOINTS_MAX || token->practice.text[0] == '\0')
        return PROTO_FIELD;
    write_token(&writer, token);
    assert(!wire_write_failed(&writer));
    memcpy(out, PREFIX, sizeof PREFIX - 1);
    sodium_bin2base64(out + sizeof PREFIX - 1, TOKEN_TEXT_MAX - (sizeof PREFIX - 1), bytes, writer.at, BASE64);
    sodium_memzero(bytes, sizeof bytes);
    return PROTO_OK;
}

static enum proto_result read_token(struct wire_reader *reader, struct token *out)
{
    if (wire_read_u8(reader) != TOKEN_VERSION)
        return PROTO_VERSION_UNKNOWN;
    wire_read_bytes(reader, out->server.bytes, sizeof out->server.bytes);
    wire_read_bytes(reader, out->selector.bytes, sizeof out->selector.bytes);
    wire_read_bytes(reader, out->secret.bytes, sizeof out->secret.bytes);
    out->port = wire_read_u16(reader);
    size_t name_size = wire_read_u8(reader);
    struct wire_reader name = wire_sub_reader(reader, name_size);
    if (wire_read_failed(reader) || !name_set(&out->practice, name.bytes, name.size))
        return PROTO_FIELD;
    out->count = wire_read_u8(reader);
    if (out->count > TOKEN_ENDPOINTS_MAX)
        return PROTO_FIELD;
    for (size_t i = 0; i < out->count; i++)
        wire_read_endpoint(reader, &out->endpoints[i]);
    return !wire_read_failed(reader) && wire_left(reader) == 0 ? PROTO_OK : PROTO_LENGTH;
}

static enum proto_result from_bytes(const uint8_t *bytes, size_t size, struct token *out)
{
    uint8_t check[CHECK_SIZE];
    if (size < CHECK_SIZE + 1)
        return PROTO_SHORT;
    size_t content = size - CHECK_SIZE;
    seal_token_check(bytes, content, check);
    if (memcmp(check, bytes + content, sizeof check) != 0)
        return PROTO_PADDING;
    struct wire_reader reader = wire_reader_over(bytes, content);
    struct token token = {0};
    enum proto_result result = read_token(&reader, &token);
    if (result == PROTO_OK)
        *out = token;
    sodium_memzero(&token, sizeof token);
    return result;
}

/* libsodium 1.0.18 takes some bytes above 127 for letters, where char is signed. */
static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((uint8_t)*text > 0x7f)
            return false;
    return true;
}

enum proto_result token_from_text(const char *text, struct token *out)
{
    uint8_t bytes[LATER_BYTES_MAX];
    size_t size = 0;
    const char *end = NULL;
    const size_t prefix = sizeof PREFIX - 1;

    if (strncmp(text, PREFIX, prefix) != 0)
        return PROTO_MAGIC;
    text += prefix;
    bool whole = is_ascii(text) &&
                 sodium_base642bin(bytes, sizeof bytes, text, strlen(text), NULL, &size, &end, BASE64) == 0 &&
                 *end == '\0';
    enum proto_result result = whole ? from_bytes(bytes, size, out) : PROTO_PADDING;
    sodium_memzero(bytes, sizeof bytes);
    return result;
}
