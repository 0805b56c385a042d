/* SPDX-License-Identifier: MIT */
#include "common/platform/service.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or "@name" for an abstract socket; the length for sendto(), 0 for anything else. */
static socklen_t manager_address(struct sockaddr_un *out)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length = path ? strlen(path) : 0;

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (length < 2 || length > sizeof out->sun_path || (*path != '/' && *path != '@'))
        return 0;
    memcpy(out->sun_path, path, length);
    if (*path == '@')
        out->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

/* Waits while the manager's queue is full: a lost READY=1 would have it end a service that works. */
static void tell(const char *state)
{
    struct sockaddr_un address;
    socklen_t length = manager_address(&address);
    if (length == 0)
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    while (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, length) < 0 &&
           errno == EINTR)
        ;
    (void)close(fd);
}

void service_ready(void)
{
    tell("READY=1");
}

void service_stopping(void)
{
    tell("STOPPING=1");
}
