/* SPDX-License-Identifier: MIT */
#include "tests/unit/proto_forge.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* The layout of docs/protocol.md, once more. */
enum {
    GATE_AT = 16,
    GATE_SIZE = 16,
    MAC_SIZE = 32,
    ENDPOINT_SIZE = 20,
    ANSWER_COUNT_AT = 120,
};

struct shape {
    const char *signature_label;
    const char *mac_label; /* NULL: no MAC in front of the signature */
    size_t covered_from;   /* behind what the proofs leave out */
    size_t fields_size_at; /* 0: no optional fields */
    size_t fixed_end;
};

static struct shape shape_of(enum message_kind kind)
{
    switch (kind) {
    case KIND_QUERY:
        return (struct shape){"PrLo1 query", NULL, 48, 88, 92};
    case KIND_ANSWER:
        return (struct shape){"PrLo1 answer", NULL, 32, 122, 124};
    case KIND_ANNOUNCEMENT:
        return (struct shape){"PrLo1 announce", NULL, 32, 0, 56};
    case KIND_ENROL_REQUEST:
        return (struct shape){"PrLo1 enrol", "PrLo1 enrol mac", 48, 58, 112};
    case KIND_ENROL_REPLY:
        return (struct shape){"PrLo1 enrolled", "PrLo1 enrolled m", 48, 58, 112};
    }
    abort();
}

void forge_put_u16(struct packet *packet, size_t at, size_t value)
{
    packet->bytes[at] = (uint8_t)(value >> 8 & 0xff);
    packet->bytes[at + 1] = (uint8_t)(value & 0xff);
}

static size_t get_u16(const struct packet *packet, size_t at)
{
    return (size_t)packet->bytes[at] << 8 | packet->bytes[at + 1];
}

size_t forge_fields_at(enum message_kind kind, const struct packet *packet)
{
    size_t endpoints = kind == KIND_ANSWER ? packet->bytes[ANSWER_COUNT_AT] : 0;
    return shape_of(kind).fixed_end + endpoints * ENDPOINT_SIZE;
}

size_t forge_proofs_at(enum message_kind kind, const struct packet *packet)
{
    struct shape shape = shape_of(kind);
    size_t fields_size = shape.fields_size_at ? get_u16(packet, shape.fields_size_at) : 0;
    return forge_fields_at(kind, packet) + fields_size;
}

void forge_blake2b(const struct blake2b_use *use, const struct wire_reader *parts, size_t count, uint8_t *out)
{
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] = {0};
    crypto_generichash_blake2b_state state;

    memcpy(personal, use->label, strlen(use->label));
    if (crypto_generichash_blake2b_init_salt_personal(&state, use->key, use->key_size, use->out_size, NULL, personal) !=
        0)
        abort();
    for (size_t i = 0; i < count; i++)
        crypto_generichash_blake2b_update(&state, parts[i].bytes, parts[i].size);
    crypto_generichash_blake2b_final(&state, out, use->out_size);
}

static void hash_scope(const struct blake2b_use *use, const struct seal_scope *scope, const struct packet *packet,
                       uint8_t *out)
{
    const uint8_t total[2] = {(uint8_t)(packet->size >> 8), (uint8_t)(packet->size & 0xff)};
    const struct wire_reader parts[] = {
        wire_reader_over(scope->bound, 32),
        wire_reader_over(packet->bytes, GATE_AT),
        wire_reader_over(packet->bytes + scope->resume, scope->end - scope->resume),
        wire_reader_over(total, sizeof total),
    };
    forge_blake2b(use, parts, sizeof parts / sizeof parts[0], out);
}

void forge_digest(const struct seal_scope *scope, const struct packet *packet, struct seal_digest *out)
{
    const struct blake2b_use use = {.label = scope->label, .out_size = sizeof out->bytes};
    hash_scope(&use, scope, packet, out->bytes);
}

void forge_gate(const struct fixture *fixture, struct packet *packet)
{
    const struct blake2b_use use = {"PrLo1 gate", fixture->server.id.gate_key.bytes, 32, GATE_SIZE};
    const struct wire_reader parts[] = {
        wire_reader_over(packet->bytes, GATE_AT),
        wire_reader_over(packet->bytes + GATE_AT + GATE_SIZE, packet->size - GATE_AT - GATE_SIZE),
    };
    forge_blake2b(&use, parts, 2, packet->bytes + GATE_AT);
}

static const uint8_t *bound_of(const struct fixture *fixture, enum message_kind kind)
{
    if (kind == KIND_ANSWER)
        return fixture->query.bytes;
    return kind == KIND_ENROL_REPLY ? fixture->request.bytes : fixture->server.id.public_key.bytes;
}

static const uint8_t *signer_of(const struct fixture *fixture, enum message_kind kind)
{
    bool workstation = kind == KIND_QUERY || kind == KIND_ENROL_REQUEST;
    return workstation ? fixture->workstation.secret.bytes : fixture->server.secret.bytes;
}

void forge_sign(const struct fixture *fixture, enum message_kind kind, struct packet *packet)
{
    struct shape shape = shape_of(kind);
    struct seal_scope scope = {.label = shape.mac_label,
                               .bound = bound_of(fixture, kind),
                               .resume = shape.covered_from,
                               .end = forge_proofs_at(kind, packet)};
    struct seal_digest digest;
    size_t proofs_size = PROTO_SIGNATURE_SIZE + (shape.mac_label ? MAC_SIZE : 0);

    if (scope.end + proofs_size <= packet->size) {
        if (shape.mac_label) {
            struct blake2b_use mac = {shape.mac_label, fixture->secret.bytes, sizeof fixture->secret.bytes, MAC_SIZE};
            hash_scope(&mac, &scope, packet, packet->bytes + scope.end);
            scope.end += MAC_SIZE;
        }
        scope.label = shape.signature_label;
        forge_digest(&scope, packet, &digest);
        crypto_sign_ed25519_detached(packet->bytes + scope.end, NULL, digest.bytes, sizeof digest.bytes,
                                     signer_of(fixture, kind));
    }
    if (packet->size >= PROTO_HEADER_SIZE)
        forge_gate(fixture, packet);
}

void forge_add_fields(const struct fixture *fixture, enum message_kind kind, struct packet *packet,
                      const struct wire_reader *fields)
{
    size_t at = forge_proofs_at(kind, packet);
    size_t size_at = shape_of(kind).fields_size_at;
    bool padded = kind == KIND_QUERY || kind == KIND_ENROL_REQUEST;

    memmove(packet->bytes + at + fields->size, packet->bytes + at, packet->size - at - (padded ? fields->size : 0));
    memcpy(packet->bytes + at, fields->bytes, fields->size);
    packet->size += padded ? 0 : fields->size;
    forge_put_u16(packet, size_at, get_u16(packet, size_at) + fields->size);
    forge_sign(fixture, kind, packet);
}

void forge_token_text(const uint8_t *content, size_t size, char *out)
{
    const struct blake2b_use use = {.label = "PrLo1 check", .out_size = 16};
    const struct wire_reader part = wire_reader_over(content, size);
    const char prefix[] = "practice-";
    const size_t prefix_size = sizeof prefix - 1;
    uint8_t bytes[TOKEN_CONTENT_MAX + 16];

    memcpy(bytes, content, size);
    forge_blake2b(&use, &part, 1, bytes + size);
    memcpy(out, prefix, prefix_size);
    sodium_bin2base64(out + prefix_size, TOKEN_LONG_TEXT - prefix_size, bytes, size + 4,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
