/* SPDX-License-Identifier: MIT */
#include "agent/command.h"

#include <stdio.h>

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "unknown";
}

static long long number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void print_addresses(const json_t *list)
{
    size_t index;
    const json_t *item;
    (void)printf("addresses       ");
    json_array_foreach(list, index, item)(void) printf("%s%s", index > 0 ? ", " : "", json_string_value(item));
    (void)printf("%s\n", json_array_size(list) == 0 ? "none" : "");
}

static void print(const json_t *status)
{
    const json_t *dns_sd = json_object_get(status, "dns_sd");
    const json_t *counters = json_object_get(status, "counters");
    (void)printf("practice        %s\n", text(status, "practice"));
    (void)printf("key             %s\n", text(status, "key"));
    print_addresses(json_object_get(status, "addresses"));
    (void)printf("service port    %lld\n", number(status, "port"));
    (void)printf("query port      %lld (UDP)\n", number(status, "query_port"));
    (void)printf("DNS-SD          %s\n", text(dns_sd, "state"));
    (void)printf("workstations    %lld enrolled, %lld invited\n", number(status, "workstations"),
                 number(status, "open_invitations"));
    (void)printf("queries         %lld answered, %lld refused, %lld from strangers\n", number(counters, "answered"),
                 number(counters, "refused"), number(counters, "strangers"));
}

int cmd_status(const struct command_options *options, int argc, char **argv)
{
    bool json;
    int code = command_only_json(argc, argv, &json);
    if (code != EXIT_FINE)
        return code;
    json_t *status = command_ask(options, json_pack("{s:s}", "command", "status"));
    if (!status)
        return EXIT_COULD_NOT;
    if (json) {
        command_print_json(status);
    } else {
        print(status);
        json_decref(status);
    }
    return EXIT_FINE;
}
