/* SPDX-License-Identifier: MIT */
#include "agent/command.h"
#include "common/duration.h"
#include "proto/name.h"

#include <getopt.h>
#include <stdio.h>

struct invite_options {
    const char *name;
    uint64_t lasts_ms; /* 0: the agent's default */
    bool token;
};

static int parse(int argc, char **argv, struct invite_options *out)
{
    static const struct option options[] = {{"name", required_argument, NULL, 'n'},
                                            {"expires", required_argument, NULL, 'e'},
                                            {"token", no_argument, NULL, 't'},
                                            {0}};
    int option;
    *out = (struct invite_options){0};
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'n') {
            out->name = optarg;
        } else if (option == 't') {
            out->token = true;
        } else if (option != 'e') {
            return EXIT_USAGE; /* getopt has said what is wrong */
        } else if (!duration_from_text(optarg, &out->lasts_ms) || out->lasts_ms < 1000) {
            (void)fprintf(stderr, "--expires \"%s\" is no duration; write 30m, 2h or 7d\n", optarg);
            return EXIT_USAGE;
        }
    }
    struct name name;
    if (out->name && !name_from_text(&name, out->name)) {
        (void)fprintf(stderr,
                      "--name is not fit for a workstation: 1 to 63 bytes of text without control characters\n");
        return EXIT_USAGE;
    }
    if (optind < argc) {
        (void)fprintf(stderr, "practice-agent invite takes no argument; found \"%s\"; names go behind --name\n",
                      argv[optind]);
        return EXIT_USAGE;
    }
    return EXIT_FINE;
}

static json_t *request_for(const struct invite_options *options)
{
    json_t *request = json_pack("{s:s}", "command", "invite");
    if (options->name)
        (void)json_object_set_new(request, "name", json_string(options->name));
    if (options->lasts_ms > 0)
        (void)json_object_set_new(request, "lasts_s", json_integer((json_int_t)(options->lasts_ms / 1000)));
    return request;
}

int cmd_invite(const struct command_options *options, int argc, char **argv)
{
    struct invite_options invite;
    int code = parse(argc, argv, &invite);
    if (code != EXIT_FINE)
        return code;
    if (!invite.token) {
        (void)fprintf(stderr, "practice-agent invite needs --token: this version enrols workstations by token\n");
        return EXIT_USAGE;
    }
    json_t *reply = command_ask(options, request_for(&invite));
    if (!reply)
        return EXIT_COULD_NOT;
    (void)printf("%s\n", json_string_value(json_object_get(reply, "token")));
    (void)fprintf(stderr, "on the workstation, run 'practice-locator join' with this line; it works once\n");
    json_decref(reply);
    return EXIT_FINE;
}
