/* SPDX-License-Identifier: MIT
 *
 * loop.h: the event loop of the resident programs. loop.c is the only file that sees the loop library (libuv).
 *
 * Everything runs in one thread; handlers must not wait. A watch, timer or signal belongs to its loop and lives until
 * it is closed; closing one in its own handler is allowed.
 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include "proto/types.h"

struct loop;
struct loop_watch;
struct loop_timer;

typedef void loop_handler(void *context);

/* NULL on failure. loop_free() after everything on it was closed; NULL is fine there. */
struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Runs handlers until loop_stop() is called from one of them. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Calls the handler while fd is readable or has an error to tell. The descriptor stays the caller's: close the watch
 * first. NULL on failure. */
struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_handler *handler, void *context);
/* From now on while fd is writable instead. */
void loop_watch_for_writing(struct loop_watch *watch);
void loop_watch_close(struct loop_watch *watch);

/* A timer, not running yet. Starting a running one sets it anew. NULL on failure. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_handler *handler, void *context);
void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms);
bool loop_timer_is_running(const struct loop_timer *timer);
void loop_timer_close(struct loop_timer *timer);

/* Calls the handler for each delivery of this signal, outside of signal context. False on failure; goes with the
 * loop. */
bool loop_on_signal(struct loop *loop, int number, loop_handler *handler, void *context) MUST_CHECK;

#endif
