/* SPDX-License-Identifier: MIT */
#include "common/dnssd_lines.h"

#include "proto/name.h"
#include "proto/wire.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { FINGERPRINT_DIGITS = 2 * sizeof(struct fingerprint), TXT_ITEM_MAX = 255 };

static_assert(sizeof "found 2147483647  65535  " + INET6_ADDRSTRLEN + FINGERPRINT_DIGITS + PROTO_NAME_MAX + 1 <=
                  DNSSD_LINE_MAX,
              "the longest line fits");

/* Bytes of a line or of a TXT value; not terminated. */
struct text {
    const char *at;
    size_t size;
};

static bool text_is(struct text text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.at, word, text.size) == 0;
}

/* Cuts the word before the next space off, and the space with it; without a space, all that is left. */
static struct text next_word(struct text *rest)
{
    struct text word = *rest;
    const char *space = memchr(rest->at, ' ', rest->size);
    if (space)
        word.size = (size_t)(space - rest->at);
    size_t used = space ? word.size + 1 : word.size;
    rest->at += used;
    rest->size -= used;
    return word;
}

/* Digits only, without leading zeros; 0 for anything but 1 to max. */
static uint32_t number_from(struct text text, uint32_t max)
{
    uint64_t value = 0;
    if (text.size == 0 || text.size > sizeof "4294967295" - 1 || text.at[0] == '0')
        return 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return 0;
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    return value <= max ? (uint32_t)value : 0;
}

static int nibble_from(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool fingerprint_from(struct text text, struct fingerprint *out)
{
    struct fingerprint read = {{0}};
    if (text.size != FINGERPRINT_DIGITS)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        int nibble = nibble_from(text.at[i]);
        if (nibble < 0)
            return false;
        read.bytes[i / 2] = (uint8_t)(read.bytes[i / 2] << 4 | nibble);
    }
    *out = read;
    return true;
}

bool dnssd_is_host(const struct address *address)
{
    static const uint8_t everybody[4] = {255, 255, 255, 255};
    if (address->family == ENDPOINT_IPV4 && memcmp(address->bytes, everybody, sizeof everybody) == 0)
        return false;
    if (address->family == ENDPOINT_NONE)
        return false;
    return !address_is_unspecified(address) && !address_is_loopback(address) && !address_is_multicast(address);
}

/* A zone in the text is refused: the helper says the interface apart, and resolving a name of one would be a
 * look-up. */
static bool address_from(struct text text, struct address *out)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.size >= sizeof copy || memchr(text.at, '\0', text.size) || memchr(text.at, '%', text.size))
        return false;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    return address_from_text(copy, 0, out) && dnssd_is_host(out);
}

static bool name_from(struct text text, struct name *out)
{
    return name_set(out, (const uint8_t *)text.at, text.size);
}

static bool found_from(struct text rest, struct dnssd_found *out)
{
    uint32_t ifindex = number_from(next_word(&rest), INT32_MAX);
    if (ifindex == 0 || !address_from(next_word(&rest), &out->address))
        return false;
    out->address.ifindex = ifindex;
    out->address.port = (uint16_t)number_from(next_word(&rest), UINT16_MAX);
    struct text key = next_word(&rest);
    out->has_key = fingerprint_from(key, &out->key);
    return out->address.port != 0 && (out->has_key || text_is(key, "-")) && name_from(rest, &out->name);
}

bool dnssd_line_parse(const char *line, size_t size, struct dnssd_line *out)
{
    struct text rest = {line, size};
    struct dnssd_line read = {.event = DNSSD_READY};
    if (size == 0)
        return false;
    if (text_is(rest, "conflict")) {
        read.event = DNSSD_CONFLICT;
    } else if (!text_is(rest, "ready")) {
        struct text word = next_word(&rest);
        read.event = text_is(word, "found") ? DNSSD_FOUND : DNSSD_REGISTERED;
        if (read.event == DNSSD_FOUND ? !found_from(rest, &read.found)
                                      : !text_is(word, "registered") || !name_from(rest, &read.found.name))
            return false;
    }
    *out = read;
    return true;
}

static void fingerprint_to(const struct dnssd_found *found, char out[FINGERPRINT_DIGITS + 1])
{
    (void)snprintf(out, FINGERPRINT_DIGITS + 1, "-");
    for (size_t i = 0; found->has_key && i < sizeof found->key.bytes; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", found->key.bytes[i]);
}

static int found_to(const struct dnssd_found *found, char out[DNSSD_LINE_MAX])
{
    char text[ADDRESS_TEXT_MAX];
    char key[FINGERPRINT_DIGITS + 1];
    struct address plain = found->address;
    plain.ifindex = 0;
    address_to_text(&plain, text);
    fingerprint_to(found, key);
    return snprintf(out, DNSSD_LINE_MAX, "found %u %s %u %s %s\n", (unsigned)found->address.ifindex, text,
                    found->address.port, key, found->name.text);
}

size_t dnssd_line_format(const struct dnssd_line *line, char out[DNSSD_LINE_MAX])
{
    int length = 0;
    switch (line->event) {
    case DNSSD_READY:
        length = snprintf(out, DNSSD_LINE_MAX, "ready\n");
        break;
    case DNSSD_FOUND:
        length = found_to(&line->found, out);
        break;
    case DNSSD_REGISTERED:
        length = snprintf(out, DNSSD_LINE_MAX, "registered %s\n", line->found.name.text);
        break;
    case DNSSD_CONFLICT:
        length = snprintf(out, DNSSD_LINE_MAX, "conflict\n");
        break;
    }
    assert(length > 0 && length < DNSSD_LINE_MAX);
    return (size_t)length;
}

/* True when the item is "KEY=…" or "KEY", in any case of letters; *value is what follows, if anything. */
static bool item_is(struct text item, const char *key, struct text *value)
{
    size_t length = strlen(key);
    if (item.size < length || strncasecmp(item.at, key, length) != 0)
        return false;
    if (item.size > length && item.at[length] != '=')
        return false;
    size_t used = item.size > length ? length + 1 : length;
    *value = (struct text){item.at + used, item.size - used};
    return true;
}

/* RFC 6763, section 6.4: of several items with the same key only the first counts, whatever its value. A torn item
 * reads as zeros, which are no item, and is the last. */
static bool value_of(const uint8_t *txt, size_t size, const char *key, struct text *value, char buffer[TXT_ITEM_MAX])
{
    struct wire_reader reader = wire_reader_over(txt, size);
    while (wire_left(&reader) > 0) {
        struct text item = {buffer, wire_read_u8(&reader)};
        wire_read_bytes(&reader, (uint8_t *)buffer, item.size);
        if (item_is(item, key, value))
            return true;
    }
    return false;
}

bool dnssd_txt_read(const uint8_t *txt, size_t size, struct dnssd_found *out)
{
    char buffer[TXT_ITEM_MAX];
    struct text value;
    struct fingerprint key = {{0}};
    if (!value_of(txt, size, "q", &value, buffer))
        return false;
    uint32_t port = number_from(value, UINT16_MAX);
    if (port == 0)
        return false;
    out->address.port = (uint16_t)port;
    out->has_key = value_of(txt, size, "key", &value, buffer) && fingerprint_from(value, &key);
    out->key = key;
    return true;
}
