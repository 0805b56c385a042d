/* SPDX-License-Identifier: MIT */
#include "tests/unit/state_fixture.h"

#include "common/json.h"
#include "proto/name.h"
#include "proto/seal.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { NFTW_DESCRIPTORS = 8 };

int state_start(void **state)
{
    (void)state;
    if (!keys_start())
        return -1;
    json_start();
    return 0;
}

void state_folder_make(struct state_folder *out)
{
    /* In memory where possible: each save waits for the disk, and nothing here is about the disk. */
    const char *above = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(out->path, sizeof out->path, "%s/practice_test.XXXXXX", above);
    assert_non_null(mkdtemp(out->path));
    state_path(out, "state", out->file);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void state_folder_remove(const struct state_folder *folder)
{
    assert_int_equal(nftw(folder->path, remove_entry, NFTW_DESCRIPTORS, FTW_DEPTH | FTW_PHYS), 0);
}

int state_set_up(void **state)
{
    struct state_folder *folder = calloc(1, sizeof *folder);
    assert_non_null(folder);
    state_folder_make(folder);
    *state = folder;
    return 0;
}

int state_tear_down(void **state)
{
    state_folder_remove(*state);
    free(*state);
    return 0;
}

void state_path(const struct state_folder *folder, const char *name, char out[STATEFILE_PATH_MAX])
{
    assert_true(statefile_path(out, folder->path, name));
}

void state_put(const char *path, const void *bytes, size_t size, mode_t mode)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(chmod(path, mode), 0);
}

void state_put_text(const char *path, const char *text)
{
    state_put(path, text, strlen(text), 0600);
}

struct state_bytes state_get(const char *path)
{
    struct stat status;
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    assert_int_equal(fstat(fileno(stream), &status), 0);
    struct state_bytes got = {.size = (size_t)status.st_size, .bytes = calloc(1, (size_t)status.st_size + 1)};
    assert_non_null(got.bytes);
    assert_int_equal(fread(got.bytes, 1, got.size, stream), got.size);
    assert_int_equal(fclose(stream), 0);
    return got;
}

void state_assert_holds(const char *path, const struct state_bytes *expected)
{
    struct state_bytes got = state_get(path);
    assert_int_equal(got.size, expected->size);
    assert_memory_equal(got.bytes, expected->bytes, got.size);
    free(got.bytes);
}

static struct stat status_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status;
}

mode_t state_mode(const char *path)
{
    return status_of(path).st_mode & 07777;
}

ino_t state_inode(const char *path)
{
    return status_of(path).st_ino;
}

size_t state_count(const char *folder)
{
    size_t count = 0;
    DIR *stream = opendir(folder);
    assert_non_null(stream);
    for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    assert_int_equal(closedir(stream), 0);
    return count;
}

static void name_away(const struct state_folder *folder, char out[STATEFILE_PATH_MAX])
{
    (void)snprintf(out, STATEFILE_PATH_MAX, "%s.away", folder->path);
}

void state_break(const struct state_folder *folder)
{
    char away[STATEFILE_PATH_MAX];
    name_away(folder, away);
    assert_int_equal(rename(folder->path, away), 0);
}

void state_mend(const struct state_folder *folder)
{
    char away[STATEFILE_PATH_MAX];
    name_away(folder, away);
    assert_int_equal(rename(away, folder->path), 0);
}

void state_each_truncation(const char *path, state_check *check, void *context)
{
    struct state_bytes whole = state_get(path);
    mode_t mode = state_mode(path);
    for (size_t size = whole.size; size-- > 0;) {
        const struct state_bytes cut = {.size = size, .bytes = whole.bytes};
        assert_int_equal(truncate(path, (off_t)size), 0);
        check(context);
        state_assert_holds(path, &cut);
        assert_int_equal(state_mode(path), mode);
    }
    state_put(path, whole.bytes, whole.size, mode);
    free(whole.bytes);
}

void state_disk_full(bool full)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = full ? 0 : limit.rlim_max;
    assert_true(signal(SIGXFSZ, full ? SIG_IGN : SIG_DFL) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void make_seed(unsigned number, uint8_t out[crypto_sign_ed25519_SEEDBYTES])
{
    memset(out, 0x5a, crypto_sign_ed25519_SEEDBYTES);
    memcpy(out, &number, sizeof number);
}

void state_server_keys(unsigned number, struct server_keys *out)
{
    struct server_public public_key;
    uint8_t seed[crypto_sign_ed25519_SEEDBYTES];
    make_seed(number, seed);
    assert_int_equal(crypto_sign_ed25519_seed_keypair(public_key.bytes, out->secret.bytes, seed), 0);
    seal_server_id(&public_key, &out->id);
}

void state_workstation_keys(unsigned number, struct workstation_keys *out)
{
    uint8_t seed[crypto_sign_ed25519_SEEDBYTES];
    make_seed(number, seed);
    assert_int_equal(crypto_sign_ed25519_seed_keypair(out->public_key.bytes, out->secret.bytes, seed), 0);
    seal_workstation_id(&out->public_key, &out->id);
}

struct name state_name(const char *text)
{
    struct name name;
    assert_true(name_from_text(&name, text));
    return name;
}
