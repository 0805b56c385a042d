/* SPDX-License-Identifier: MIT */
#include "common/loop.h"

#include <stdlib.h>
#include <uv.h>

enum { SIGNALS_MAX = 4 };

struct loop_signal {
    uv_signal_t handle;
    loop_handler *handler;
    void *context;
};

struct loop {
    uv_loop_t uv;
    size_t signal_count;
    struct loop_signal signals[SIGNALS_MAX];
};

struct loop_watch {
    uv_poll_t handle;
    int events;
    loop_handler *handler;
    void *context;
};

struct loop_timer {
    uv_timer_t handle;
    loop_handler *handler;
    void *context;
};

struct loop *loop_new(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop && uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return NULL;
    }
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    for (size_t i = 0; i < loop->signal_count; i++)
        uv_close((uv_handle_t *)&loop->signals[i].handle, NULL);
    (void)uv_run(&loop->uv, UV_RUN_NOWAIT); /* lets closed handles be freed */
    (void)uv_loop_close(&loop->uv);
    free(loop);
}

void loop_run(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

static void on_poll(uv_poll_t *handle, int status, int events);

static void start_watch(struct loop_watch *watch)
{
    (void)uv_poll_start(&watch->handle, watch->events, on_poll);
}

/* An error (status below zero) is handed on as readable: the handler's own read meets it, and so takes it off the
 * descriptor. libuv has stopped watching then, but an error such as a netlink socket's overrun is not its end. */
static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct loop_watch *watch = handle->data;
    (void)events;
    if (status < 0)
        start_watch(watch);
    watch->handler(watch->context);
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_handler *handler, void *context)
{
    struct loop_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    watch->handler = handler;
    watch->context = context;
    watch->handle.data = watch;
    if (uv_poll_init(&loop->uv, &watch->handle, fd) != 0) {
        free(watch);
        return NULL;
    }
    watch->events = UV_READABLE;
    start_watch(watch);
    return watch;
}

void loop_watch_for_writing(struct loop_watch *watch)
{
    watch->events = UV_WRITABLE;
    start_watch(watch);
}

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

void loop_watch_close(struct loop_watch *watch)
{
    if (watch)
        uv_close((uv_handle_t *)&watch->handle, free_handle);
}

static void on_timer(uv_timer_t *handle)
{
    struct loop_timer *timer = handle->data;
    timer->handler(timer->context);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_handler *handler, void *context)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    if (!timer)
        return NULL;
    timer->handler = handler;
    timer->context = context;
    timer->handle.data = timer;
    (void)uv_timer_init(&loop->uv, &timer->handle); /* cannot fail */
    return timer;
}

void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms)
{
    uv_update_time((uv_loop_t *)timer->handle.loop); /* a long handler must not shorten the delay */
    (void)uv_timer_start(&timer->handle, on_timer, delay_ms, 0);
}

bool loop_timer_is_running(const struct loop_timer *timer)
{
    return uv_is_active((const uv_handle_t *)&timer->handle);
}

void loop_timer_close(struct loop_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->handle, free_handle);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct loop_signal *entry = handle->data;
    (void)number;
    entry->handler(entry->context);
}

bool loop_on_signal(struct loop *loop, int number, loop_handler *handler, void *context)
{
    if (loop->signal_count == SIGNALS_MAX)
        return false;
    struct loop_signal *entry = &loop->signals[loop->signal_count];
    if (uv_signal_init(&loop->uv, &entry->handle) != 0)
        return false;
    loop->signal_count++;
    entry->handler = handler;
    entry->context = context;
    entry->handle.data = entry;
    return uv_signal_start(&entry->handle, on_signal, number) == 0;
}
