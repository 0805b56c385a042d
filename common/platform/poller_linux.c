/* SPDX-License-Identifier: MIT */
#include "common/platform/poller.h"

#include <sys/epoll.h>

int poller_open(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

bool poller_add(int poller, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) == 0;
}

void poller_watch(int poller, int fd, bool reading, bool writing)
{
    struct epoll_event event = {.events = (reading ? EPOLLIN : 0u) | (writing ? EPOLLOUT : 0u), .data.fd = fd};
    if (!reading && !writing)
        (void)epoll_ctl(poller, EPOLL_CTL_DEL, fd, &event);
    else if (epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event) != 0)
        (void)epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

void poller_wait(int poller, uint64_t timeout_us)
{
    struct epoll_event event;
    /* Rounded up: waking a fraction of a millisecond early would spin until the time has come. */
    uint64_t timeout_ms = (timeout_us + 999) / 1000;
    (void)epoll_wait(poller, &event, 1, timeout_ms > 60000 ? 60000 : (int)timeout_ms);
}
