/* SPDX-License-Identifier: MIT
 *
 * netspace.h: an own, empty network for a test case, and "ip" to furnish it. Linux only. As root, or as an ordinary
 * user where user namespaces are permitted; where they are not, the setup fails, so that nothing counts as passed.
 */
#ifndef TESTS_NETSPACE_H
#define TESTS_NETSPACE_H

/* Group setup of cmocka: makes an ordinary user root of a user namespace. */
int netspace_become_root(void **state);

/* Setup of cmocka for each case: a new network namespace with nothing but a loopback interface that is down. */
int netspace_enter(void **state);

/* Runs "ip" with arguments separated by single spaces; the case fails when that does. */
void netspace_ip(const char *arguments);

/* Runs the command for each of count numbers from first on, in one go. "#" stands for a number's two lower bytes, such
 * as "1.44". */
void netspace_ip_each(const char *command, unsigned first, unsigned count);

#endif
