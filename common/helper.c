/* SPDX-License-Identifier: MIT */
#include "common/helper.h"

#include "common/platform/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct helper {
    pid_t pid;
    int fd;
    size_t size;
    char buffer[HELPER_LINE_MAX];
};

/* Signals as a program expects them, whatever our own loop has done to them. */
static int default_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int failed = posix_spawnattr_setsigmask(attributes, &none);
    if (!failed)
        failed = posix_spawnattr_setsigdefault(attributes, &all);
    if (!failed)
        failed = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return failed;
}

static int redirect(posix_spawn_file_actions_t *actions, int fd)
{
    int failed = posix_spawn_file_actions_adddup2(actions, fd, STDIN_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(actions, fd, STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!failed)
        failed = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1); /* what others left us */
    return failed;
}

/* An error number, 0 for success. The environment stays out: the helper needs none of it. */
static int spawn(const char *const argv[], int fd, pid_t *pid)
{
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
        failed = redirect(&actions, fd);
        if (!failed)
            failed = default_signals(&attributes);
        if (!failed)
            failed = posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)argv, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

struct helper *helper_start(const char *const argv[])
{
    int ends[2];
    struct helper *helper = calloc(1, sizeof *helper);
    if (!helper || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        free(helper);
        return NULL;
    }
    helper->fd = ends[0];
    int failed = fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 ? errno : spawn(argv, ends[1], &helper->pid);
    (void)close(ends[1]);
    if (!failed)
        return helper;
    (void)close(ends[0]);
    free(helper);
    errno = failed;
    return NULL;
}

int helper_fd(const struct helper *helper)
{
    return helper->fd;
}

static bool take_line(struct helper *helper, char out[HELPER_LINE_MAX], size_t *size)
{
    const char *end = memchr(helper->buffer, '\n', helper->size);
    if (!end)
        return false;
    *size = (size_t)(end - helper->buffer);
    memcpy(out, helper->buffer, *size);
    out[*size] = '\0';
    helper->size -= *size + 1;
    memmove(helper->buffer, end + 1, helper->size);
    return true;
}

enum helper_result helper_line(struct helper *helper, char out[HELPER_LINE_MAX], size_t *size)
{
    while (!take_line(helper, out, size)) {
        size_t room = sizeof helper->buffer - helper->size;
        ssize_t got = room > 0 ? read(helper->fd, helper->buffer + helper->size, room) : 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return HELPER_LATER;
        if (got <= 0)
            return HELPER_ENDED;
        helper->size += (size_t)got;
    }
    return HELPER_LINE;
}

void helper_kill(struct helper *helper)
{
    if (!helper)
        return;
    (void)kill(helper->pid, SIGKILL); /* nothing, when it has ended: the pid is ours until it is waited for */
    while (waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    (void)close(helper->fd);
    free(helper);
}

/* Its last lines are of no interest; the end of them is. False when there is more to come. */
static bool read_to_end(const struct helper *helper)
{
    char rest[HELPER_LINE_MAX];
    ssize_t got = read(helper->fd, rest, sizeof rest);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void helper_finish(struct helper *helper, unsigned patience_ms)
{
    if (!helper)
        return;
    struct pollfd end = {.fd = helper->fd, .events = POLLIN};
    uint64_t now_us = clock_interval_us();
    uint64_t end_us = now_us + (uint64_t)patience_ms * 1000;
    (void)shutdown(helper->fd, SHUT_WR);
    for (; now_us < end_us; now_us = clock_interval_us())
        if (poll(&end, 1, (int)((end_us - now_us + 999) / 1000)) > 0 && read_to_end(helper))
            break;
    helper_kill(helper);
}
