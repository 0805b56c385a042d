/* SPDX-License-Identifier: MIT */
#include "proto/name.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/proto_forge.h"

#include <string.h>

static void read_token(const char *text)
{
    char written[TOKEN_TEXT_MAX];
    struct token token;
    struct token again;
    struct name name;

    if (token_from_text(text, &token) != PROTO_OK)
        return;
    fuzz_require(token.count <= TOKEN_ENDPOINTS_MAX);
    fuzz_require(name_from_text(&name, token.practice.text));
    fuzz_require(token_to_text(&token, written) == PROTO_OK);
    fuzz_require(strlen(written) < sizeof written && strlen(written) == strlen(text));
    fuzz_require(token_from_text(written, &again) == PROTO_OK);
    fuzz_require(fixture_same_token(&again, &token));
}

/* The input as text, which seldom passes the check bytes, and then as the content of a token with the right ones. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TOKEN_LONG_TEXT];

    if (size > TOKEN_CONTENT_MAX)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    read_token(text);
    forge_token_text(data, size, text);
    read_token(text);
    return 0;
}
