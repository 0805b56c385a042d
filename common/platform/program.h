/* SPDX-License-Identifier: MIT
 *
 * program.h: where this program's own file stands, so that it finds the helpers installed with it.
 */
#ifndef COMMON_PLATFORM_PROGRAM_H
#define COMMON_PLATFORM_PROGRAM_H

#include "proto/types.h"

/* Once, first in main(): standard input, output and error are open from here on, so that no file of ours ever becomes
 * one of them; and ended children are waited for, whatever the parent had chosen. */
void program_prepare(void);

/* Writes "<folder of this program>/<relative>". False when the folder is not known or the path does not fit. */
bool program_relative(char *out, size_t room, const char *relative) MUST_CHECK;

#endif
