/* SPDX-License-Identifier: MIT
 *
 * make_corpus.c: writes the seed corpus of the fuzz targets of proto/ below a folder, always the same bytes. Run it
 * after a change of the wire format: make_corpus tests/fuzz/corpus
 */
#include "proto/message.h"
#include "tests/unit/proto_forge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where the files of one target go. */
struct corpus {
    struct fixture fixture;
    char folder[4000];
    enum message_kind kind;
};

static void open_corpus(struct corpus *corpus, const char *root, const char *target)
{
    fixture_init(&corpus->fixture);
    snprintf(corpus->folder, sizeof corpus->folder, "%s/%s", root, target);
    if (mkdir(corpus->folder, 0755) != 0 && errno != EEXIST) {
        perror(corpus->folder);
        exit(EXIT_FAILURE);
    }
}

static void save(const struct corpus *corpus, const char *name, const void *bytes, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", corpus->folder, name);
    FILE *file = fopen(path, "wb");
    bool written = file && fwrite(bytes, 1, size, file) == size;
    if (!file || fclose(file) != 0 || !written) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

static void save_cut(const struct corpus *corpus, const char *name, size_t size)
{
    struct packet packet = {.size = 0};
    fixture_encode(&corpus->fixture, corpus->kind, &packet);
    packet.size = size;
    forge_sign(&corpus->fixture, corpus->kind, &packet);
    save(corpus, name, packet.bytes, packet.size);
}

static void save_with_fields(const struct corpus *corpus, const char *name, struct wire_reader fields)
{
    struct packet packet;
    fixture_encode(&corpus->fixture, corpus->kind, &packet);
    forge_add_fields(&corpus->fixture, corpus->kind, &packet, &fields);
    save(corpus, name, packet.bytes, packet.size);
}

static void save_lengths(const struct corpus *corpus)
{
    struct packet packet;
    fixture_encode(&corpus->fixture, corpus->kind, &packet);
    save(corpus, "valid", packet.bytes, packet.size);
    save_cut(corpus, "length-0", 0);
    save_cut(corpus, "length-31", PROTO_HEADER_SIZE - 1);
    save_cut(corpus, "length-32", PROTO_HEADER_SIZE);
    save_cut(corpus, "length-33", PROTO_HEADER_SIZE + 1);
    save_cut(corpus, "one-short", packet.size - 1);
    save_cut(corpus, "one-long", packet.size + 1);
}

static void save_fields(const struct corpus *corpus)
{
    static const uint8_t unknown[] = {0x40, 3, 'a', 'b', 'c', 0x41, 0};
    static const uint8_t critical[] = {0xc0, 1, 'a'};
    static const uint8_t cut[] = {0x40, 4, 'a', 'b', 'c'};
    static const uint8_t host[] = {FIELD_HOST_NAME, 2, 0xc3, 0xbc};
    static const uint8_t bad_host[] = {FIELD_HOST_NAME, 2, 0xc3, '('};
    save_with_fields(corpus, "field-unknown", wire_reader_over(unknown, sizeof unknown));
    save_with_fields(corpus, "field-critical", wire_reader_over(critical, sizeof critical));
    save_with_fields(corpus, "field-cut", wire_reader_over(cut, sizeof cut));
    save_with_fields(corpus, "field-host", wire_reader_over(host, sizeof host));
    save_with_fields(corpus, "field-bad-host", wire_reader_over(bad_host, sizeof bad_host));
}

static void make_query(const char *root)
{
    struct corpus corpus = {.kind = KIND_QUERY};
    open_corpus(&corpus, root, "query");
    save_lengths(&corpus);
    save_fields(&corpus);
    save_cut(&corpus, "largest", PROTO_DATAGRAM_MAX);
    save_cut(&corpus, "too-large", PROTO_DATAGRAM_MAX + 1);
}

static void save_answer(const struct corpus *corpus, const char *name, const struct answer *answer)
{
    const struct answer_context context = {&corpus->fixture.server.id, corpus->fixture.query};
    uint8_t bytes[PROTO_DATAGRAM_MAX];
    size_t size = answer_encode(answer, &context, &corpus->fixture.server.secret, bytes, PROTO_REQUEST_MIN);
    save(corpus, name, bytes, size);
}

static void make_answer(const char *root)
{
    struct corpus corpus = {.kind = KIND_ANSWER};
    struct answer answer;
    open_corpus(&corpus, root, "answer");
    save_lengths(&corpus);
    save_fields(&corpus);
    fixture_answer(PROTO_ENDPOINTS_MAX, &answer);
    save_answer(&corpus, "list-cut", &answer);
    fixture_answer(0, &answer);
    answer.status = ANSWER_REFUSED;
    answer.host = (struct name){{0}};
    save_answer(&corpus, "refused", &answer);
}

static void make_announce(const char *root)
{
    struct corpus corpus = {.kind = KIND_ANNOUNCEMENT};
    open_corpus(&corpus, root, "announce");
    save_lengths(&corpus);
}

static void make_enrol_request(const char *root)
{
    struct corpus corpus = {.kind = KIND_ENROL_REQUEST};
    open_corpus(&corpus, root, "enrol_request");
    save_lengths(&corpus);
    save_fields(&corpus);
    save_cut(&corpus, "largest", PROTO_DATAGRAM_MAX);
}

static void make_enrol_reply(const char *root)
{
    static const uint8_t repeated[] = {FIELD_ENROL_RESULT, 1, ENROL_USED, FIELD_PRACTICE_NAME, 1, 'p'};
    static const uint8_t bad_number[] = {FIELD_ROSTER_GENERATION, 3, 0, 0, 0};
    struct corpus corpus = {.kind = KIND_ENROL_REPLY};
    open_corpus(&corpus, root, "enrol_reply");
    save_lengths(&corpus);
    save_fields(&corpus);
    save_with_fields(&corpus, "field-repeated", wire_reader_over(repeated, sizeof repeated));
    save_with_fields(&corpus, "field-bad-number", wire_reader_over(bad_number, sizeof bad_number));
}

/* As text and as content: the target reads its input both ways. */
static void make_token(const char *root)
{
    struct corpus corpus = {.kind = KIND_QUERY};
    struct token token;
    char text[TOKEN_TEXT_MAX];
    uint8_t content[60 + 3] = {1, [59] = 1, [60] = 'p', [61] = 0};

    open_corpus(&corpus, root, "token");
    for (uint8_t count = 0; count <= TOKEN_ENDPOINTS_MAX; count = (uint8_t)(count + 4)) {
        const char *const names[] = {"text-0", "text-4", "text-8"};
        fixture_token(&corpus.fixture, count, &token);
        if (token_to_text(&token, text) != PROTO_OK)
            exit(EXIT_FAILURE);
        save(&corpus, names[count / 4], text, strlen(text));
    }
    save(&corpus, "text-cut", text, strlen(text) - 1);
    save(&corpus, "text-prefix", "practice-", 9);
    save(&corpus, "text-other", "4711-0815", 9);
    save(&corpus, "content", content, 62);
    save(&corpus, "content-short", content, 61);
    save(&corpus, "content-long", content, 63);
    content[0] = 2;
    save(&corpus, "content-later-version", content, 62);
    save(&corpus, "length-0", content, 0);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make_corpus FOLDER\n");
        return 2;
    }
    make_query(argv[1]);
    make_answer(argv[1]);
    make_announce(argv[1]);
    make_enrol_request(argv[1]);
    make_enrol_reply(argv[1]);
    make_token(argv[1]);
    return EXIT_SUCCESS;
}
