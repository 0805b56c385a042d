/* SPDX-License-Identifier: MIT
 *
 * statefile.h: the only way to read and replace files that a program keeps. Power can go at any instant.
 */
#ifndef COMMON_STATEFILE_H
#define COMMON_STATEFILE_H

#include "proto/types.h"

enum statefile_result {
    STATEFILE_OK = 0,
    STATEFILE_ABSENT,   /* no such file */
    STATEFILE_EXPOSED,  /* others than its owner may read it, and it holds a secret */
    STATEFILE_TOO_LONG, /* above the room given */
    STATEFILE_DAMAGED,  /* read, but not what it should be: said by those who know the content */
    STATEFILE_FAILED,   /* errno tells why */
};

enum { STATEFILE_PATH_MAX = 1024 };

/* Who may read a file. STATEFILE_SECRET: mode 0600, and reading refuses one that group or others can read or write. */
enum statefile_kind { STATEFILE_SECRET, STATEFILE_PUBLIC };

/* Puts folder and name together. False when the path does not fit. */
bool statefile_path(char out[STATEFILE_PATH_MAX], const char *folder, const char *name) MUST_CHECK;

/* Reads a whole regular file of at most room - 1 bytes into out and ends it with a NUL; *size is its length without. */
enum statefile_result statefile_read(const char *path, enum statefile_kind kind, char *out, size_t room,
                                     size_t *size) MUST_CHECK;

/* The same for a file of any size up to most bytes; *out ends with a NUL and is freed by the caller. */
enum statefile_result statefile_read_all(const char *path, enum statefile_kind kind, size_t most, char **out,
                                         size_t *size) MUST_CHECK;

/* Replaces (or makes) path with these bytes: temporary file in the same folder with its final mode from creation,
 * fsync, rename, fsync of the folder. On failure the old file stands untouched, no temporary is left, and errno tells
 * why. */
enum statefile_result statefile_replace(const char *path, enum statefile_kind kind, const void *bytes,
                                        size_t size) MUST_CHECK;

/* Removes a file durably. An absent one is fine. */
enum statefile_result statefile_remove(const char *path) MUST_CHECK;

/* Makes a folder of mode 0700 with those above it; one that is there is fine. */
enum statefile_result statefile_make_folder(const char *path) MUST_CHECK;

/* Sets a damaged file aside as NAME.damaged, so that work goes on and nothing is lost. */
enum statefile_result statefile_set_aside(const char *path) MUST_CHECK;

/* A short English name of a result, such as "is missing"; never NULL. */
const char *statefile_result_name(enum statefile_result result);

#endif
