/* SPDX-License-Identifier: MIT
 *
 * log.h: lines for the person who runs the program, on standard error. Says what, which, why; never a secret.
 *
 * Under systemd each line carries its level as "<3>" and so on (sd-daemon(3)); elsewhere it starts with the program's
 * name. Control characters in the text are written as \xNN. What a network packet can trigger is counted and summed up
 * at most once a minute, never logged by the packet.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_NOTICE = 5, LOG_INFO = 6, LOG_DEBUG = 7 };

/* Once, first in main(). The name is borrowed for ever. Lines above the level are dropped. */
void log_start(const char *program, enum log_level level);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
