/* SPDX-License-Identifier: MIT
 *
 * service.h: what a service says to the service manager that started it (sd_notify(3) on Linux).
 */
#ifndef COMMON_PLATFORM_SERVICE_H
#define COMMON_PLATFORM_SERVICE_H

/* Each does nothing when no service manager asked for it. Never fails visibly: serving goes on all the same. */
void service_ready(void);
void service_stopping(void);

#endif
