/* SPDX-License-Identifier: MIT */
#include "common/conf.h"

#include "common/duration.h"
#include "common/escape.h"
#include "proto/name.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    LINE_BYTES_MAX = 1000,
    LINE_ROOM = LINE_BYTES_MAX + 2, /* with the end of a line, or of a string */
    SETTINGS_MAX = 64,
    KEY_MAX = 48,     /* of a known key */
    NEAR_MAX = 2,     /* edits at which an unknown key is still taken for a known one */
    SHOWN_BYTES = 60, /* of the file's own text in a mistake */
    SHOWN_ROOM = (SHOWN_BYTES + 3) * ESCAPED_SIZE + sizeof "...",
    KEYS_ROOM = 640,
    MISTAKE_ROOM = 2048,
};

#define BLANKS          " \t\r"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define LIST_SEPARATORS " \t,"

struct parser {
    const char *path;
    FILE *file;
    const struct conf_setting *settings;
    size_t count;
    const struct conf_report *report;
    unsigned line; /* 0: a mistake of the file as a whole */
    bool wrong;
    unsigned given[SETTINGS_MAX]; /* the line that gave each setting; 0: none did */
};

static __attribute__((format(printf, 2, 3))) void mistake(struct parser *parser, const char *format, ...)
{
    char text[MISTAKE_ROOM];
    va_list arguments;
    int length = parser->line > 0 ? snprintf(text, sizeof text, "%s:%u: ", parser->path, parser->line)
                                  : snprintf(text, sizeof text, "%s: ", parser->path);

    parser->wrong = true;
    if (length >= 0 && (size_t)length < sizeof text) {
        va_start(arguments, format);
        (void)vsnprintf(text + length, sizeof text - (size_t)length, format, arguments);
        va_end(arguments);
    }
    parser->report->mistake(parser->report->context, text);
}

/* The file's text as a mistake may show it: the start of it, made safe. */
static void show(const char *text, char out[SHOWN_ROOM])
{
    size_t size = strnlen(text, SHOWN_BYTES);
    for (int i = 0; i < 3 && ((unsigned char)text[size] & 0xc0) == 0x80; i++)
        size++; /* never through the middle of a character */
    size_t length = escape_text(text, size, out);
    (void)snprintf(out + length, SHOWN_ROOM - length, "%s", text[size] != '\0' ? "..." : "");
}

/* The least number of bytes to change, add or drop (Levenshtein); case does not count. */
static size_t edits(const char *given, const char *known)
{
    size_t row[KEY_MAX + 1];
    size_t width = strlen(known);
    for (size_t i = 0; i <= width; i++)
        row[i] = i;
    for (; *given != '\0'; given++) {
        size_t diagonal = row[0]++;
        for (size_t i = 0; i < width; i++) {
            size_t changed = diagonal + (tolower((unsigned char)*given) != tolower((unsigned char)known[i]));
            size_t moved = (row[i] < row[i + 1] ? row[i] : row[i + 1]) + 1;
            diagonal = row[i + 1];
            row[i + 1] = changed < moved ? changed : moved;
        }
    }
    return row[width];
}

static const char *nearest_key(const struct parser *parser, const char *given)
{
    const char *nearest = NULL;
    size_t least = NEAR_MAX + 1;
    for (size_t i = 0; i < parser->count; i++) {
        const char *key = parser->settings[i].key;
        size_t distance = edits(given, key);
        if (distance < least) {
            least = distance;
            nearest = key;
        }
    }
    return nearest;
}

static void list_keys(const struct parser *parser, char out[KEYS_ROOM])
{
    size_t length = 0;
    *out = '\0';
    for (size_t i = 0; i < parser->count; i++) {
        const char *key = parser->settings[i].key;
        if (length + strlen(key) + sizeof ", ..." > KEYS_ROOM) {
            (void)snprintf(out + length, KEYS_ROOM - length, ", ...");
            return;
        }
        length += (size_t)snprintf(out + length, KEYS_ROOM - length, "%s%s", i > 0 ? ", " : "", key);
    }
}

static void unknown_key(struct parser *parser, const char *given)
{
    char shown[SHOWN_ROOM];
    char keys[KEYS_ROOM];
    const char *nearest = nearest_key(parser, given);
    show(given, shown);
    if (nearest) {
        mistake(parser, "unknown key \"%s\"; did you mean \"%s\"?", shown, nearest);
        return;
    }
    list_keys(parser, keys);
    mistake(parser, "unknown key \"%s\"; the known ones are %s", shown, keys);
}

static bool set_text(char out[CONF_TEXT_MAX], const char *text)
{
    size_t size = strlen(text) + 1;
    if (size > CONF_TEXT_MAX || !escape_needless(text, size - 1))
        return false;
    memcpy(out, text, size);
    return true;
}

static bool set_port(uint16_t *out, const char *text)
{
    unsigned long number = 0;
    for (; *text >= '0' && *text <= '9' && number <= UINT16_MAX; text++)
        number = number * 10 + (unsigned long)(*text - '0');
    if (*text != '\0' || number == 0 || number > UINT16_MAX)
        return false;
    *out = (uint16_t)number;
    return true;
}

static bool set_bool(bool *out, const char *text)
{
    static const char *const words[][2] = {{"no", "yes"}, {"false", "true"}, {"off", "on"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        for (size_t truth = 0; truth < 2; truth++) {
            if (strcasecmp(text, words[i][truth]) == 0) {
                *out = truth == 1;
                return true;
            }
        }
    }
    return false;
}

static bool set_list(struct conf_list *out, const char *text)
{
    struct conf_list list = {0};
    char word[LINE_ROOM];
    text += strspn(text, LIST_SEPARATORS);
    while (*text != '\0') {
        size_t size = strcspn(text, LIST_SEPARATORS);
        memcpy(word, text, size);
        word[size] = '\0';
        if (list.count == CONF_LIST_MAX || !set_text(list.items[list.count], word))
            return false;
        list.count++;
        text += size;
        text += strspn(text, LIST_SEPARATORS);
    }
    if (list.count > 0)
        *out = list;
    return list.count > 0;
}

static bool set_value(const struct conf_setting *setting, const char *text)
{
    switch (setting->kind) {
    case CONF_NAME:
        return name_from_text(setting->value, text);
    case CONF_TEXT:
        return set_text(setting->value, text);
    case CONF_PORT:
        return set_port(setting->value, text);
    case CONF_DURATION:
        return duration_from_text(text, setting->value);
    case CONF_BOOL:
        return set_bool(setting->value, text);
    case CONF_LIST:
        return set_list(setting->value, text);
    }
    return false;
}

/* The limits that a setting's own words may not tell; NULL where the kind says it all. */
static const char *limit_of(enum conf_kind kind)
{
    static_assert(PROTO_NAME_MAX == 63 && CONF_TEXT_MAX == 256 && CONF_LIST_MAX == 16, "as the words say");
    switch (kind) {
    case CONF_NAME:
        return " (at most 63 bytes of UTF-8)";
    case CONF_TEXT:
        return " (at most 255 bytes)";
    case CONF_LIST:
        return " (at most 16 words of 255 bytes)";
    case CONF_PORT:
    case CONF_DURATION:
    case CONF_BOOL:
        break;
    }
    return "";
}

static void take(struct parser *parser, size_t index, const char *value)
{
    char shown[SHOWN_ROOM];
    const struct conf_setting *setting = &parser->settings[index];
    if (parser->given[index] != 0) {
        mistake(parser, "%s is given twice, first in line %u; remove one of the two", setting->key,
                parser->given[index]);
        return;
    }
    parser->given[index] = parser->line;
    if (*value == '\0') {
        mistake(parser, "%s has no value; it wants %s", setting->key, setting->wants);
    } else if (!set_value(setting, value)) {
        show(value, shown);
        mistake(parser, "%s is \"%s\"; it wants %s%s", setting->key, shown, setting->wants, limit_of(setting->kind));
    }
}

/* inih's handler. Its result would only make inih count errors, and it counts lines of its own. */
static int on_pair(void *context, const char *section, const char *name, const char *value)
{
    struct parser *parser = context;
    (void)section;
    for (size_t i = 0; i < parser->count; i++) {
        if (strcmp(name, parser->settings[i].key) == 0) {
            take(parser, i, value);
            return 1;
        }
    }
    unknown_key(parser, name);
    return 1;
}

/* Reads a line without its end, keeping as much as fits; *size is all that it had. False at the end of the file. */
static bool read_line(FILE *file, char out[LINE_ROOM], size_t *size)
{
    size_t length = 0;
    int byte = getc(file);
    if (byte == EOF)
        return false;
    for (; byte != EOF && byte != '\n'; byte = getc(file)) {
        if (length < LINE_ROOM - 1)
            out[length] = (char)byte;
        length++;
    }
    if (length > 0 && length < LINE_ROOM && out[length - 1] == '\r')
        length--;
    out[length < LINE_ROOM ? length : LINE_ROOM - 1] = '\0';
    *size = length;
    return true;
}

/* A comment starts a line or follows a blank, so that "#" and ";" may stand within a word. */
static void cut_comment(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        if ((*at == '#' || *at == ';') && (at == text || strchr(BLANKS, at[-1]))) {
            *at = '\0';
            return;
        }
    }
}

/* The setting in a line, without comment and indentation, or NULL when there is none; a mistake is reported then. */
static char *find_setting(struct parser *parser, char line[LINE_ROOM], size_t size)
{
    char shown[SHOWN_ROOM];
    if (size > LINE_BYTES_MAX) {
        mistake(parser, "the line has more than %d bytes; make it shorter", LINE_BYTES_MAX);
        return NULL;
    }
    if (memchr(line, '\0', size)) {
        mistake(parser, "the line has a NUL byte; save the file as plain text in UTF-8");
        return NULL;
    }
    if (parser->line == 1 && strncmp(line, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
        line += strlen(BYTE_ORDER_MARK);
    cut_comment(line);
    line += strspn(line, BLANKS);
    if (*line == '\0')
        return NULL;
    /* inih would take a ":" as well, and split "see http://..." there. */
    if (*line != '[' && *line != '=' && line[strcspn(line, "=:")] == '=')
        return line;
    show(line, shown);
    if (*line == '[')
        mistake(parser, "\"%s\" is a section header; remove it, there are no sections here", shown);
    else
        mistake(parser, "\"%s\" is no setting; write it as \"key = value\"", shown);
    return NULL;
}

/* inih's reader, in the manner of fgets(): hands over the lines that hold a setting, and counts them all. */
static char *next_setting(char *out, int room, void *context)
{
    struct parser *parser = context;
    char line[LINE_ROOM] = "";
    size_t size;
    assert(room > LINE_ROOM);
    while (read_line(parser->file, line, &size)) {
        parser->line++;
        const char *setting = find_setting(parser, line, size);
        if (setting) {
            (void)snprintf(out, (size_t)room, "%s\n", setting);
            return out;
        }
    }
    return NULL;
}

static void parse(struct parser *parser)
{
    /* Variables in Debian's inih. Comments and the byte order mark are seen to before inih sees a line; so are blanks
     * at its start, which to inih make it a continuation, and would silently change the setting above it. */
    ini_max_line = LINE_ROOM + 1;
    ini_allow_bom = false;
    ini_allow_inline_comments = false;
    (void)ini_parse_stream(next_setting, parser, on_pair, parser);
    if (ferror(parser->file)) {
        parser->line = 0;
        mistake(parser, "cannot be read (%s); it must be a text file that this user may read", strerror(errno));
    }
}

enum conf_result conf_read(const char *path, const struct conf_setting *settings, size_t count,
                           const struct conf_report *report)
{
    struct parser parser = {.path = path, .settings = settings, .count = count, .report = report};
    assert(count <= SETTINGS_MAX);
    for (size_t i = 0; i < count; i++)
        assert(strlen(settings[i].key) <= KEY_MAX);
    parser.file = fopen(path, "re");
    if (!parser.file && errno == ENOENT)
        return CONF_ABSENT;
    if (!parser.file) {
        mistake(&parser, "cannot be opened (%s); it must be a text file that this user may read", strerror(errno));
        return CONF_WRONG;
    }
    parse(&parser);
    (void)fclose(parser.file);
    return parser.wrong ? CONF_WRONG : CONF_OK;
}
