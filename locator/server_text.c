/* SPDX-License-Identifier: MIT */
#include "locator/server_text.h"

#include <stdio.h>
#include <string.h>

static bool read_port(const char *text, uint16_t *out)
{
    uint32_t number = 0;
    for (; *text >= '0' && *text <= '9' && number <= UINT16_MAX; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    if (*text != '\0' || number == 0 || number > UINT16_MAX)
        return false;
    *out = (uint16_t)number;
    return true;
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Labels of 1 to 63 letters, digits, hyphens and underscores, divided by dots; one dot may end it. */
static bool is_host_name(const char *text)
{
    size_t label = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '.' && label == 0)
            return false;
        label = *at == '.' ? 0 : label + 1;
        if (label > 63 || (*at != '.' && !is_name_character(*at)))
            return false;
    }
    return text[0] != '\0' && text[0] != '.';
}

/* Cuts "host", "host:port", "[address]" or "[address]:port" apart. More than one colon without brackets is an IPv6
 * address. */
static bool split(char *text, char **host, struct server_text *out)
{
    char *end = text[0] == '[' ? strchr(text, ']') : strchr(text, ':');
    *host = text;
    if (text[0] == '[') {
        if (!end)
            return false;
        *host = text + 1;
        *end++ = '\0';
        return *end == '\0' || (*end == ':' && read_port(end + 1, &out->port));
    }
    if (!end || strchr(end + 1, ':'))
        return true;
    *end = '\0';
    return read_port(end + 1, &out->port);
}

bool server_text_read(const char *text, struct server_text *out)
{
    struct server_text read = {0};
    char buffer[SERVER_HOST_MAX + 16];
    char *host;
    int length = snprintf(buffer, sizeof buffer, "%s", text);
    if (length < 0 || (size_t)length >= sizeof buffer || !split(buffer, &host, &read))
        return false;
    read.is_address = address_from_text(host, read.port, &read.address);
    if (!read.is_address && (!is_host_name(host) || strlen(host) >= sizeof read.host))
        return false;
    if (!read.is_address)
        (void)snprintf(read.host, sizeof read.host, "%s", host);
    *out = read;
    return true;
}
