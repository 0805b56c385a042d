/* SPDX-License-Identifier: MIT */
#include "agent/command.h"

#include "common/json.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_S = 10 };

static void print_mistake(void *context, const char *line)
{
    (void)context;
    (void)fprintf(stderr, "%s\n", line);
}

bool command_settings(const struct command_options *options, struct settings *out)
{
    const struct conf_report report = {print_mistake, NULL};
    enum conf_result result = settings_read(options->config, &report, out);
    if (result == CONF_ABSENT && options->config_asked) {
        (void)fprintf(stderr, "%s: no such file; without --config, %s is read when it exists\n", options->config,
                      SETTINGS_DEFAULT_FILE);
        return false;
    }
    return result != CONF_WRONG;
}

int command_only_json(int argc, char **argv, bool *json)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
    int option;
    *json = false;
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'j')
            return EXIT_USAGE; /* getopt has said what is wrong */
        *json = true;
    }
    if (optind == argc)
        return EXIT_FINE;
    (void)fprintf(stderr, "practice-agent %s takes no argument; found \"%s\"\n", argv[0], argv[optind]);
    return EXIT_USAGE;
}

static int connect_to(const char *path)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&name, sizeof name) == 0)
        return fd;
    int why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

static bool send_line(int fd, json_t *request)
{
    char *text = json_dumps(request, JSON_COMPACT);
    bool sent = false;
    if (text) {
        size_t size = strlen(text);
        sent = send(fd, text, size, MSG_NOSIGNAL) == (ssize_t)size && send(fd, "\n", 1, MSG_NOSIGNAL) == 1;
        json_text_free(text);
    }
    return sent;
}

/* Reads to the end of the stream, which the agent closes behind its reply. */
static json_t *receive(int fd)
{
    FILE *stream = fdopen(fd, "r");
    if (!stream) {
        (void)close(fd);
        return NULL;
    }
    json_t *reply = json_loadf(stream, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, NULL);
    (void)fclose(stream);
    return reply;
}

static json_t *exchange(const char *path, json_t *request)
{
    int fd = connect_to(path);
    if (fd < 0) {
        (void)fprintf(stderr, "the agent cannot be reached at %s: %s; %s\n", path, strerror(errno),
                      errno == EACCES ? "only root and the agent's own user may ask it"
                                      : "is it running? 'practice-agent run' starts it");
        return NULL;
    }
    if (!send_line(fd, request)) {
        (void)fprintf(stderr, "the agent at %s does not listen: %s\n", path, strerror(errno));
        (void)close(fd);
        return NULL;
    }
    json_t *reply = receive(fd);
    if (!reply)
        (void)fprintf(stderr, "the agent at %s gave no reply; only root and the agent's own user are answered\n", path);
    return reply;
}

json_t *command_ask(const struct command_options *options, json_t *request)
{
    json_t *reply = request ? exchange(options->control, request) : NULL;
    const char *error = json_string_value(json_object_get(reply, "error"));
    json_decref(request);
    if (!error)
        return reply;
    (void)fprintf(stderr, "%s\n", error);
    json_decref(reply);
    return NULL;
}

void command_print_json(json_t *object)
{
    (void)json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    (void)putchar('\n');
    json_decref(object);
}
