/* SPDX-License-Identifier: MIT */
#include "agent/control_socket.h"

#include "common/json.h"
#include "common/platform/peer.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
    struct control_socket *owner;
    int fd; /* -1: this place is free */
    struct loop_watch *watch;
    size_t size; /* of the request so far */
    char request[CONTROL_REQUEST_MAX];
    char *reply; /* being written; NULL before */
    size_t reply_size;
    size_t written;
};

struct control_socket {
    struct loop *loop;
    control_handler *handler;
    void *context;
    struct sockaddr_un name;
    int fd;
    struct loop_watch *watch;
    struct client clients[CONTROL_CLIENTS_MAX];
};

static void drop(struct client *client)
{
    loop_watch_close(client->watch);
    (void)close(client->fd);
    if (client->reply)
        sodium_memzero(client->reply, client->reply_size); /* may be a token */
    free(client->reply);
    *client = (struct client){.owner = client->owner, .fd = -1};
}

static void write_more(struct client *client)
{
    while (client->written < client->reply_size) {
        ssize_t done =
            send(client->fd, client->reply + client->written, client->reply_size - client->written, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (done <= 0)
            break;
        client->written += (size_t)done;
    }
    drop(client);
}

/* The reply as one line in memory of our own; false when there is none. */
static bool set_reply(struct client *client, json_t *reply)
{
    char *text = reply ? json_dumps(reply, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    json_decref(reply);
    if (!text)
        return false;
    size_t size = strlen(text);
    client->reply = malloc(size + 1);
    if (client->reply) {
        memcpy(client->reply, text, size);
        client->reply[size] = '\n';
        client->reply_size = size + 1;
    }
    json_text_free(text);
    return client->reply != NULL;
}

static void answer(struct client *client, size_t line_size)
{
    struct control_socket *owner = client->owner;
    json_t *request = json_loadb(client->request, line_size, JSON_REJECT_DUPLICATES, NULL);
    json_t *reply = json_is_object(request) ? owner->handler(owner->context, request)
                                            : json_pack("{s:s}", "error", "the request is not a JSON object");
    json_decref(request);
    if (!set_reply(client, reply)) {
        drop(client);
        return;
    }
    loop_watch_for_writing(client->watch);
    write_more(client);
}

static void read_more(struct client *client)
{
    size_t room = sizeof client->request - client->size;
    ssize_t got = recv(client->fd, client->request + client->size, room, 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (got <= 0) {
        drop(client);
        return;
    }
    client->size += (size_t)got;
    const char *end = memchr(client->request, '\n', client->size);
    if (end)
        answer(client, (size_t)(end - client->request));
    else if (client->size == sizeof client->request)
        drop(client);
}

static void on_client(void *context)
{
    struct client *client = context;
    if (client->reply)
        write_more(client);
    else
        read_more(client);
}

/* When all places are taken, whoever has said nothing whole yet makes room: idle connections must not lock commands
 * out. */
static struct client *free_place(struct control_socket *socket)
{
    struct client *idle = NULL;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &socket->clients[i];
        if (client->fd < 0)
            return client;
        if (!client->reply && !idle)
            idle = client;
    }
    if (idle)
        drop(idle);
    return idle;
}

static bool may_command(int fd)
{
    uid_t uid;
    return peer_uid(fd, &uid) && (uid == 0 || uid == geteuid());
}

static void on_connection(void *context)
{
    struct control_socket *socket = context;
    int fd = accept4(socket->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    struct client *client = may_command(fd) ? free_place(socket) : NULL;
    if (!client) {
        (void)close(fd);
        return;
    }
    *client = (struct client){.owner = socket, .fd = fd};
    client->watch = loop_watch_new(socket->loop, fd, on_client, client);
    if (!client->watch)
        drop(client);
}

/* The file must never be there with another mode than 0600: so the mode is set by the umask of the moment. */
static bool bind_quietly(int fd, const struct sockaddr_un *name)
{
    (void)unlink(name->sun_path);
    mode_t before = umask(0177);
    int failed = bind(fd, (const struct sockaddr *)name, sizeof *name);
    (void)umask(before);
    return !failed && listen(fd, CONTROL_CLIENTS_MAX) == 0;
}

static bool start_listening(struct control_socket *control, const char *path)
{
    char folder[sizeof control->name.sun_path];
    if (strlen(path) >= sizeof control->name.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    control->name.sun_family = AF_UNIX;
    memcpy(control->name.sun_path, path, strlen(path) + 1);
    memcpy(folder, path, strlen(path) + 1);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder) {
        *slash = '\0';
        if (statefile_make_folder(folder) != STATEFILE_OK)
            return false;
    }
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->fd < 0 || !bind_quietly(control->fd, &control->name))
        return false;
    control->watch = loop_watch_new(control->loop, control->fd, on_connection, control);
    return control->watch != NULL;
}

struct control_socket *control_socket_new(struct loop *loop, const char *path, control_handler *handler, void *context)
{
    struct control_socket *control = calloc(1, sizeof *control);
    if (!control)
        return NULL;
    control->loop = loop;
    control->handler = handler;
    control->context = context;
    control->fd = -1;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        control->clients[i] = (struct client){.owner = control, .fd = -1};
    if (start_listening(control, path))
        return control;
    int why = errno;
    control_socket_free(control);
    errno = why;
    return NULL;
}

void control_socket_free(struct control_socket *socket)
{
    if (!socket)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (socket->clients[i].fd >= 0)
            drop(&socket->clients[i]);
    loop_watch_close(socket->watch);
    if (socket->fd >= 0) {
        (void)close(socket->fd);
        (void)unlink(socket->name.sun_path);
    }
    free(socket);
}
