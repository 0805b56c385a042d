/* SPDX-License-Identifier: MIT */
#include "locator/locate.h"

#include "common/platform/clock.h"
#include "common/platform/poller.h"
#include "common/platform/program.h"
#include "common/udp.h"
#include "locator/interfaces.h"
#include "locator/source.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* From the program's folder: in the build tree as well as installed. */
#define BROWSE_HELPER "../libexec/practice-locator/dnssd-browse"

static const struct source_ops *const SOURCES[] = {&source_cache, &source_configured, &source_multicast, &source_dnssd,
                                                   &source_dns,   &source_broadcast,  &source_sweep};

enum {
    SOURCES_MAX = sizeof SOURCES / sizeof SOURCES[0],
    /* Datagrams taken from a socket before sources and timers get their turn: a flood must not starve them. */
    RECEIVE_BURST = 64,
    /* A datagram to a host that does not exist stays in the socket's send buffer until the kernel gives its address up,
     * for some three seconds. So a sweep has sockets of its own, as many as take a network of 1,024. */
    SWEEP_SOCKETS = 8,
    SWEEP_PER_SOCKET = 128,
};

struct running_source {
    void *self; /* NULL: has nothing to do in this search */
    int fd;     /* the one that the poller watches, or -1 */
};

struct locate {
    struct locate_settings settings;
    struct search *search;
    int poller;
    int sockets[2];                   /* IPv4, IPv6; -1 where the system has no such thing */
    int sweep_sockets[SWEEP_SOCKETS]; /* -1: not needed yet */
    uint32_t swept;
    struct running_source sources[SOURCES_MAX];
    uint64_t wake_us; /* what the engine asked for */
};

static int open_socket(const struct locate *locate, enum endpoint_family family)
{
    int fd = udp_open(family, 0);
    if (fd < 0 || poller_add(locate->poller, fd))
        return fd;
    (void)close(fd);
    return -1;
}

/* The next one after every SWEEP_PER_SOCKET datagrams; the first again when all have had theirs. */
static int next_sweep_socket(struct locate *locate)
{
    int *fd = &locate->sweep_sockets[locate->swept++ / SWEEP_PER_SOCKET % SWEEP_SOCKETS];
    if (*fd < 0)
        *fd = open_socket(locate, ENDPOINT_IPV4);
    return *fd;
}

static int socket_for(struct locate *locate, const struct search_action *action)
{
    return action->once ? next_sweep_socket(locate) : locate->sockets[action->send.peer.family == ENDPOINT_IPV6];
}

/* One family is enough: IPv6 may be switched off. */
static bool open_sockets(struct locate *locate)
{
    locate->sockets[0] = open_socket(locate, ENDPOINT_IPV4);
    locate->sockets[1] = open_socket(locate, ENDPOINT_IPV6);
    return locate->sockets[0] >= 0 || locate->sockets[1] >= 0;
}

static void close_open(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

struct locate *locate_new(const struct locate_settings *settings, const struct question *question)
{
    uint64_t now_us = clock_interval_us();
    struct locate *locate = calloc(1, sizeof *locate);
    if (!locate)
        return NULL;
    locate->settings = *settings;
    locate->sockets[0] = locate->sockets[1] = -1;
    for (size_t i = 0; i < SWEEP_SOCKETS; i++)
        locate->sweep_sockets[i] = -1;
    locate->poller = poller_open();
    locate->search = search_new(&settings->search, question, now_us);
    if (locate->poller < 0 || !locate->search || !open_sockets(locate)) {
        int why = errno;
        locate_free(locate);
        errno = why;
        return NULL;
    }
    for (size_t i = 0; i < SOURCES_MAX; i++)
        locate->sources[i] = (struct running_source){SOURCES[i]->start(&locate->settings, now_us), -1};
    return locate;
}

void locate_free(struct locate *locate)
{
    if (!locate)
        return;
    for (size_t i = 0; i < SOURCES_MAX; i++)
        if (locate->sources[i].self)
            SOURCES[i]->stop(locate->sources[i].self);
    for (size_t i = 0; i < SWEEP_SOCKETS; i++)
        close_open(locate->sweep_sockets[i]);
    close_open(locate->sockets[1]);
    close_open(locate->sockets[0]);
    close_open(locate->poller);
    search_free(locate->search);
    free(locate);
}

int locate_fd(const struct locate *locate)
{
    return locate->poller;
}

uint64_t locate_due_us(const struct locate *locate)
{
    uint64_t due_us = locate->wake_us;
    for (size_t i = 0; i < SOURCES_MAX; i++) {
        const struct running_source *source = &locate->sources[i];
        uint64_t source_us = source->self ? SOURCES[i]->due_us(source->self) : UINT64_MAX;
        if (source_us < due_us)
            due_us = source_us;
    }
    return due_us;
}

static void receive(struct locate *locate, int fd)
{
    struct datagram in;
    for (int i = 0; fd >= 0 && i < RECEIVE_BURST && udp_receive(fd, &in); i++)
        search_datagram(locate->search, &in, clock_interval_us());
}

static void run_sources(struct locate *locate, uint64_t now_us)
{
    for (size_t i = 0; i < SOURCES_MAX; i++) {
        struct running_source *source = &locate->sources[i];
        if (!source->self || (source->fd < 0 && SOURCES[i]->due_us(source->self) > now_us))
            continue;
        SOURCES[i]->run(source->self, locate->search, now_us);
        int fd = SOURCES[i]->fd(source->self);
        if (fd != source->fd && fd >= 0 && !poller_add(locate->poller, fd))
            fd = -1;
        source->fd = fd;
    }
}

/* True when the engine has come to its end. */
static bool act(struct locate *locate)
{
    struct search_action action;
    for (;;) {
        search_next(locate->search, clock_interval_us(), &action);
        if (action.step == SEARCH_STEP_DONE)
            return true;
        if (action.step == SEARCH_STEP_WAIT) {
            locate->wake_us = action.wake_us;
            return false;
        }
        int fd = socket_for(locate, &action);
        if (fd < 0 || !udp_send(fd, &action.send))
            search_send_failed(locate->search, action.probe, clock_interval_us());
    }
}

bool locate_process(struct locate *locate)
{
    receive(locate, locate->sockets[0]);
    receive(locate, locate->sockets[1]);
    for (size_t i = 0; i < SWEEP_SOCKETS; i++)
        receive(locate, locate->sweep_sockets[i]);
    run_sources(locate, clock_interval_us());
    return act(locate);
}

void locate_run(struct locate *locate, const struct locate_waiting *waiting)
{
    uint64_t call_us = waiting ? clock_interval_us() + waiting->after_us : UINT64_MAX;
    while (!locate_process(locate)) {
        uint64_t now_us = clock_interval_us();
        uint64_t due_us = locate_due_us(locate);
        if (waiting && now_us >= call_us) {
            waiting->call(waiting->context);
            call_us = UINT64_MAX;
        }
        if (call_us < due_us)
            due_us = call_us;
        if (due_us > now_us)
            poller_wait(locate->poller, due_us - now_us);
    }
}

/* The kernel takes datagrams for a network whose cable is out, and drops them: silence is then our own trouble. */
void locate_report(const struct locate *locate, struct search_report *out)
{
    struct interfaces interfaces;
    search_report(locate->search, out);
    if (out->outcome != SEARCH_SILENCE)
        return;
    interfaces_read(&interfaces);
    if (interfaces.count == 0)
        out->outcome = SEARCH_UNSENDABLE;
}

const char *locate_dnssd_helper(char out[LOCATE_HELPER_PATH_MAX])
{
    return program_relative(out, LOCATE_HELPER_PATH_MAX, BROWSE_HELPER) ? out : NULL;
}
