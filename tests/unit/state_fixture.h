/* SPDX-License-Identifier: MIT
 *
 * state_fixture.h: a folder of a test's own, files in it as bytes, a disk that stops taking them, and keys from fixed
 * seeds. For cmocka: what fails here fails the case.
 */
#ifndef TESTS_STATE_FIXTURE_H
#define TESTS_STATE_FIXTURE_H

#include "common/keys.h"
#include "common/statefile.h"

#include <sys/types.h>

struct state_folder {
    char path[64];
    char file[STATEFILE_PATH_MAX]; /* "state" in the folder; not made */
};

struct state_bytes {
    size_t size;
    char *bytes; /* with a NUL behind them; free() them */
};

/* Group setup of cmocka: cryptography and jansson. */
int state_start(void **state);

/* Setup and teardown of cmocka for each case, and the same for those with a fixture of their own. */
int state_set_up(void **state);
int state_tear_down(void **state);
void state_folder_make(struct state_folder *out);
void state_folder_remove(const struct state_folder *folder);

/* Where a file of this name is in the folder. */
void state_path(const struct state_folder *folder, const char *name, char out[STATEFILE_PATH_MAX]);

void state_put(const char *path, const void *bytes, size_t size, mode_t mode);
void state_put_text(const char *path, const char *text);
struct state_bytes state_get(const char *path);
void state_assert_holds(const char *path, const struct state_bytes *expected);
mode_t state_mode(const char *path);
ino_t state_inode(const char *path); /* another one after each replacement: the old file is still linked until then */
size_t state_count(const char *folder);

/* From here on nothing in the folder can be read or written, as if its disk were gone; then it is back, untouched. */
void state_break(const struct state_folder *folder);
void state_mend(const struct state_folder *folder);

/* While the disk is full, files can be read, and no byte written to any. */
void state_disk_full(bool full);

/* Cuts the file at every length below its own, calls check() for each, and makes sure that check() left the file as it
 * was. The file is whole again in the end. */
typedef void state_check(void *context);
void state_each_truncation(const char *path, state_check *check, void *context);

/* Keys from fixed seeds; every number another pair. */
void state_server_keys(unsigned number, struct server_keys *out);
void state_workstation_keys(unsigned number, struct workstation_keys *out);
struct name state_name(const char *text);

#endif
