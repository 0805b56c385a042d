/* SPDX-License-Identifier: MIT
 *
 * dnssd_library.h: what the system's dns_sd.h library wants before its first call. For the helper programs only.
 */
#ifndef COMMON_PLATFORM_DNSSD_LIBRARY_H
#define COMMON_PLATFORM_DNSSD_LIBRARY_H

void dnssd_library_prepare(void);

#endif
