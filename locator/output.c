/* SPDX-License-Identifier: MIT */
#include "locator/output.h"

#include "common/escape.h"
#include "common/json.h"

#include <net/if.h>
#include <string.h>

/* What a line can say, whichever way the address was come by. */
struct line {
    const char *practice;
    const char *address;
    const char *host;
    const char *interface;
    const char *source;
    const struct fingerprint *key;
    uint8_t family;
    uint16_t port;
    bool verified;
    bool healthy;
    uint64_t serial;
    uint64_t age_s;
    uint64_t rtt_us;
};

bool output_format_fits(const char *format, char *bad)
{
    for (const char *at = strchr(format, '%'); at; at = strchr(at + 2, '%')) {
        if (at[1] == '\0' || !strchr("apnh%", at[1])) {
            *bad = at[1];
            return false;
        }
    }
    return true;
}

bool output_is_healthy(const struct verified *verified)
{
    return verified->answer.status == ANSWER_OK;
}

static void print_format(FILE *to, const char *format, const struct line *line)
{
    for (const char *at = format; *at != '\0'; at++) {
        if (*at != '%') {
            (void)fputc(*at, to);
            continue;
        }
        at++; /* output_format_fits() saw that there is one */
        if (*at == 'a')
            (void)fputs(line->address, to);
        else if (*at == 'p')
            (void)fprintf(to, "%u", (unsigned)line->port);
        else if (*at == 'n')
            (void)fputs(line->practice, to);
        else if (*at == 'h')
            (void)fputs(line->host, to);
        else
            (void)fputc('%', to);
    }
    (void)fputc('\n', to);
}

static void print_json(FILE *to, const struct line *line)
{
    char key[FINGERPRINT_TEXT_MAX];
    keys_fingerprint_text(line->key, key);
    /* A name that is no UTF-8 is none for JSON. */
    const char *interface = escape_needless(line->interface, strlen(line->interface)) ? line->interface : "";
    json_t *object =
        json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:b, s:s, s:b, s:I, s:I, s:I}", "practice", line->practice,
                  "address", line->address, "port", (int)line->port, "host", line->host, "family",
                  line->family == ENDPOINT_IPV6 ? "ipv6" : "ipv4", "interface", interface, "source", line->source,
                  "verified", line->verified, "key", key, "healthy", line->healthy, "serial", json_capped(line->serial),
                  "age_s", json_capped(line->age_s), "rtt_us", json_capped(line->rtt_us));
    (void)json_dumpf(object, to, JSON_COMPACT | JSON_PRESERVE_ORDER);
    (void)fputc('\n', to);
    json_decref(object);
}

static bool print(FILE *to, const struct output_style *style, const struct line *line)
{
    switch (style->kind) {
    case OUTPUT_TEXT:
        (void)fprintf(to, "%s\n", line->address);
        break;
    case OUTPUT_JSON:
        print_json(to, line);
        break;
    case OUTPUT_FORMAT:
        print_format(to, style->format, line);
        break;
    }
    return fflush(to) == 0 && !ferror(to);
}

bool output_verified(FILE *to, const struct output_style *style, const struct pin *pin, const struct verified *verified)
{
    char address[ADDRESS_TEXT_MAX];
    char interface[IF_NAMESIZE] = "";
    address_to_text(&verified->address, address);
    interface_name(verified->address.ifindex, interface);
    const struct line line = {.practice = pin->practice.text,
                              .address = address,
                              .host = verified->answer.host.text,
                              .interface = interface,
                              .source = source_name(verified->source),
                              .key = &pin->server.fingerprint,
                              .family = verified->address.family,
                              .port = verified->answer.port,
                              .verified = true,
                              .healthy = output_is_healthy(verified),
                              .serial = verified->answer.serial,
                              .rtt_us = verified->rtt_us};
    return print(to, style, &line);
}

bool output_stale(FILE *to, const struct output_style *style, const struct pin *pin, const struct remembered *last,
                  uint64_t age_s)
{
    const struct line line = {.practice = pin->practice.text,
                              .address = last->address_text,
                              .host = last->host.text,
                              .interface = last->interface,
                              .source = source_name(SOURCE_CACHE),
                              .key = &pin->server.fingerprint,
                              .family = strchr(last->address_text, ':') ? ENDPOINT_IPV6 : ENDPOINT_IPV4,
                              .port = last->port,
                              .serial = last->serial,
                              .age_s = age_s};
    return print(to, style, &line);
}
