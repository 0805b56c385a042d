/* SPDX-License-Identifier: MIT */
#include "common/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SET_ASIDE_MAX = 99, TEMPORARY_NAME_MAX = 32 };

/* A path as its open folder and the name in it: no later step can end up in another folder, and after a rename nothing
 * is left that may fail but the fsync itself. */
struct place {
    int folder;
    const char *name; /* points into the path */
};

struct content {
    const uint8_t *bytes;
    size_t size;
    mode_t mode;
};

bool statefile_path(char out[STATEFILE_PATH_MAX], const char *folder, const char *name)
{
    char path[STATEFILE_PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (*folder == '\0' || *name == '\0' || length < 0 || (size_t)length >= sizeof path)
        return false;
    memcpy(out, path, (size_t)length + 1);
    return true;
}

static void close_quietly(int fd)
{
    int kept = errno;
    (void)close(fd);
    errno = kept;
}

static bool place_open(struct place *out, const char *path)
{
    char folder[STATEFILE_PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = (size_t)(name - path);

    errno = *name == '\0' ? EINVAL : ENAMETOOLONG;
    if (*name == '\0' || length >= sizeof folder)
        return false;
    if (length > 0) {
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    out->name = name;
    out->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return out->folder >= 0;
}

static bool sync_descriptor(int fd)
{
    int result;
    do {
        result = fsync(fd);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

static enum statefile_result judge(const struct stat *status, enum statefile_kind kind)
{
    if (!S_ISREG(status->st_mode)) {
        errno = S_ISDIR(status->st_mode) ? EISDIR : EINVAL;
        return STATEFILE_FAILED;
    }
    if (kind == STATEFILE_SECRET && (status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return STATEFILE_EXPOSED;
    return STATEFILE_OK;
}

/* Opening does not wait for the other end of a pipe, which somebody may have put there. *fd is open on success only. */
static enum statefile_result open_file(const char *path, enum statefile_kind kind, int *fd, size_t *size)
{
    struct stat status;
    int opened = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (opened < 0)
        return errno == ENOENT ? STATEFILE_ABSENT : STATEFILE_FAILED;
    enum statefile_result result = fstat(opened, &status) == 0 ? judge(&status, kind) : STATEFILE_FAILED;
    if (result == STATEFILE_OK) {
        *fd = opened;
        *size = (size_t)status.st_size;
    } else {
        close_quietly(opened);
    }
    return result;
}

/* Reads until the end; a file that has grown since it was opened is too long all the same. What was read is wiped on
 * failure. */
static enum statefile_result read_whole(int fd, char *out, size_t room, size_t *size)
{
    enum statefile_result result = STATEFILE_TOO_LONG;
    size_t done = 0;
    while (done < room) {
        ssize_t count = read(fd, out + done, room - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            result = STATEFILE_FAILED;
            break;
        }
        if (count == 0) {
            out[done] = '\0';
            *size = done;
            return STATEFILE_OK;
        }
        done += (size_t)count;
    }
    sodium_memzero(out, done);
    return result;
}

enum statefile_result statefile_read(const char *path, enum statefile_kind kind, char *out, size_t room, size_t *size)
{
    int fd;
    size_t expected;
    enum statefile_result result = open_file(path, kind, &fd, &expected);
    if (result != STATEFILE_OK)
        return result;
    result = expected < room ? read_whole(fd, out, room, size) : STATEFILE_TOO_LONG;
    close_quietly(fd);
    return result;
}

enum statefile_result statefile_read_all(const char *path, enum statefile_kind kind, size_t most, char **out,
                                         size_t *size)
{
    int fd;
    size_t expected;
    char *bytes = NULL;
    enum statefile_result result = open_file(path, kind, &fd, &expected);
    if (result != STATEFILE_OK)
        return result;
    if (expected > most) {
        result = STATEFILE_TOO_LONG;
    } else {
        bytes = malloc(expected + 1);
        result = bytes ? read_whole(fd, bytes, expected + 1, size) : STATEFILE_FAILED;
    }
    close_quietly(fd);
    if (result == STATEFILE_OK)
        *out = bytes;
    else
        free(bytes);
    return result;
}

/* Creation heeds the umask, so the mode is set once more: it is what the kind says and nothing else. */
static bool fill(int fd, const struct content *content)
{
    size_t done = 0;
    if (fchmod(fd, content->mode) != 0)
        return false;
    while (done < content->size) {
        ssize_t count = write(fd, content->bytes + done, content->size - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        done += (size_t)count;
    }
    return sync_descriptor(fd);
}

static void discard(const struct place *place, const char *temporary)
{
    int kept = errno;
    (void)unlinkat(place->folder, temporary, 0);
    errno = kept;
}

/* Random, so that neither another process nor what a crash left behind can be in the way. */
static bool name_temporary(char out[TEMPORARY_NAME_MAX])
{
    uint64_t random;
    if (getentropy(&random, sizeof random) != 0)
        return false;
    (void)snprintf(out, TEMPORARY_NAME_MAX, ".new-%016jx", (uintmax_t)random);
    return true;
}

static bool write_temporary(const struct place *place, const char *temporary, const struct content *content)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(place->folder, temporary, flags, content->mode);
    if (fd < 0)
        return false;
    bool written = fill(fd, content);
    close_quietly(fd);
    if (!written)
        discard(place, temporary);
    return written;
}

static bool replace_in(const struct place *place, const struct content *content)
{
    char temporary[TEMPORARY_NAME_MAX];
    if (!name_temporary(temporary) || !write_temporary(place, temporary, content))
        return false;
    if (renameat(place->folder, temporary, place->folder, place->name) != 0) {
        discard(place, temporary);
        return false;
    }
    return sync_descriptor(place->folder);
}

enum statefile_result statefile_replace(const char *path, enum statefile_kind kind, const void *bytes, size_t size)
{
    struct content content = {.bytes = bytes, .size = size, .mode = kind == STATEFILE_SECRET ? 0600 : 0644};
    struct place place;
    if (!place_open(&place, path))
        return STATEFILE_FAILED;
    bool replaced = replace_in(&place, &content);
    close_quietly(place.folder);
    return replaced ? STATEFILE_OK : STATEFILE_FAILED;
}

enum statefile_result statefile_remove(const char *path)
{
    struct place place;
    if (!place_open(&place, path))
        return errno == ENOENT ? STATEFILE_OK : STATEFILE_FAILED;
    bool gone = unlinkat(place.folder, place.name, 0) == 0 || errno == ENOENT;
    /* Also when it was gone already: the fsync of an earlier try may be what failed. */
    bool durable = gone && sync_descriptor(place.folder);
    close_quietly(place.folder);
    return durable ? STATEFILE_OK : STATEFILE_FAILED;
}

static bool make_one_folder(const char *path)
{
    struct stat status;
    struct place above;
    if (mkdir(path, S_IRWXU) != 0) {
        int kept = errno;
        bool there = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
        errno = kept == EEXIST ? ENOTDIR : kept;
        return there;
    }
    if (!place_open(&above, path))
        return false;
    bool durable = sync_descriptor(above.folder);
    close_quietly(above.folder);
    return durable;
}

enum statefile_result statefile_make_folder(const char *path)
{
    char prefix[STATEFILE_PATH_MAX];
    if (strlen(path) >= sizeof prefix) {
        errno = ENAMETOOLONG;
        return STATEFILE_FAILED;
    }
    for (size_t i = 1; *path != '\0' && path[i] != '\0'; i++) {
        if (path[i] != '/')
            continue;
        memcpy(prefix, path, i);
        prefix[i] = '\0';
        if (!make_one_folder(prefix))
            return STATEFILE_FAILED;
    }
    return make_one_folder(path) ? STATEFILE_OK : STATEFILE_FAILED;
}

/* What was set aside earlier is kept as well: NAME.damaged, then NAME.damaged-2 and so on. */
static bool name_aside(const struct place *place, char out[NAME_MAX + 1])
{
    struct stat status;
    for (unsigned i = 1; i <= SET_ASIDE_MAX; i++) {
        int length = i == 1 ? snprintf(out, NAME_MAX + 1, "%s.damaged", place->name)
                            : snprintf(out, NAME_MAX + 1, "%s.damaged-%u", place->name, i);
        if (length < 0 || length > NAME_MAX) {
            errno = ENAMETOOLONG;
            return false;
        }
        if (fstatat(place->folder, out, &status, AT_SYMLINK_NOFOLLOW) != 0)
            return errno == ENOENT;
    }
    errno = EEXIST;
    return false;
}

static enum statefile_result set_aside_in(const struct place *place)
{
    char aside[NAME_MAX + 1];
    if (!name_aside(place, aside))
        return STATEFILE_FAILED;
    if (renameat(place->folder, place->name, place->folder, aside) != 0)
        return errno == ENOENT ? STATEFILE_ABSENT : STATEFILE_FAILED;
    return sync_descriptor(place->folder) ? STATEFILE_OK : STATEFILE_FAILED;
}

enum statefile_result statefile_set_aside(const char *path)
{
    struct place place;
    if (!place_open(&place, path))
        return errno == ENOENT ? STATEFILE_ABSENT : STATEFILE_FAILED;
    enum statefile_result result = set_aside_in(&place);
    close_quietly(place.folder);
    return result;
}

const char *statefile_result_name(enum statefile_result result)
{
    switch (result) {
    case STATEFILE_OK:
        return "is fine";
    case STATEFILE_ABSENT:
        return "is missing";
    case STATEFILE_EXPOSED:
        return "holds a secret, but others may read or change it";
    case STATEFILE_TOO_LONG:
        return "is too long";
    case STATEFILE_DAMAGED:
        return "is damaged";
    case STATEFILE_FAILED:
        return "cannot be read or written";
    }
    return "is in an unknown state";
}
