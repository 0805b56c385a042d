/* SPDX-License-Identifier: MIT
 *
 * token.h: an invitation as one line of text to paste. docs/protocol.md, "Token".
 */
#ifndef PROTO_TOKEN_H
#define PROTO_TOKEN_H

#include "proto/result.h"
#include "proto/types.h"

enum {
    TOKEN_ENDPOINTS_MAX = 8,
    TOKEN_TEXT_MAX = 416, /* the longest token's text with its NUL */
};

/* Holds a secret: wipe after use. */
struct token {
    struct server_public server;
    struct selector selector;
    struct token_secret secret;
    struct name practice;
    uint16_t port; /* the agent's UDP port */
    uint8_t count;
    struct endpoint endpoints[TOKEN_ENDPOINTS_MAX]; /* where the server was when it invited */
};

/* Writes the token as text, NUL-terminated. */
enum proto_result token_to_text(const struct token *token, char out[TOKEN_TEXT_MAX]) MUST_CHECK;

/* Reads a token. PROTO_MAGIC: no token at all; PROTO_PADDING: its check bytes are wrong, so it was mistyped or cut;
 * PROTO_VERSION_UNKNOWN: from a later version; PROTO_SHORT, PROTO_FIELD, PROTO_LENGTH: no version of ours wrote it.
 * *out is written on success only. */
enum proto_result token_from_text(const char *text, struct token *out) MUST_CHECK;

#endif
