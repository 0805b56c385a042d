/* SPDX-License-Identifier: MIT
 *
 * Linked with -Wl,--wrap= for write, fsync, fchmod and renameat: each step can fail, or be the last before a power cut.
 */
#include "common/statefile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum step { NO_STEP, STEP_MODE, STEP_WRITE, STEP_SYNC, STEP_RENAME, STEP_SYNC_FOLDER };

static struct {
    enum step broken;     /* fails with ENOSPC */
    enum step last;       /* the process ends before it */
    int interruptions;    /* of write, still to come */
    size_t write_at_most; /* 0: any number of bytes */
    mode_t created_mode;  /* before the mode was set */
    char steps[64];       /* one letter each, as they came */
} fault;

static char folder[64];
static char file[STATEFILE_PATH_MAX];
static size_t descriptors;

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_fchmod(int fd, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);
int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);

/* False when the step is to fail. */
static bool step(enum step now)
{
    static const char letters[] = "-mwfrd";
    size_t length = strlen(fault.steps);
    if (length < sizeof fault.steps - 1)
        fault.steps[length] = letters[now];
    if (fault.last == now)
        _exit(0);
    errno = ENOSPC;
    return fault.broken != now;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    if (fault.interruptions > 0) {
        fault.interruptions--;
        errno = EINTR;
        return -1;
    }
    if (fault.write_at_most > 0 && size > fault.write_at_most)
        size = fault.write_at_most;
    return step(STEP_WRITE) ? __real_write(fd, bytes, size) : -1;
}

int __wrap_fsync(int fd)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    return step(S_ISDIR(status.st_mode) ? STEP_SYNC_FOLDER : STEP_SYNC) ? __real_fsync(fd) : -1;
}

int __wrap_fchmod(int fd, mode_t mode)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    fault.created_mode = status.st_mode & 07777;
    return step(STEP_MODE) ? __real_fchmod(fd, mode) : -1;
}

int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return step(STEP_RENAME) ? __real_renameat(from_folder, from, to_folder, to) : -1;
}

static size_t entries(const char *path)
{
    size_t count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    assert_int_equal(closedir(dir), 0);
    return count;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int set_up(void **state)
{
    (void)state;
    memset(&fault, 0, sizeof fault);
    (void)umask(022);
    (void)snprintf(folder, sizeof folder, "/tmp/test_statefile.XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/state", folder);
    descriptors = entries("/proc/self/fd");
    /* A read that blocks ends the test instead of hanging it. */
    (void)alarm(20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)alarm(0);
    assert_int_equal(entries("/proc/self/fd"), descriptors);
    return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void assert_holds(const char *path, const char *text)
{
    char bytes[256];
    size_t size;
    assert_int_equal(statefile_read(path, STATEFILE_PUBLIC, bytes, sizeof bytes, &size), STATEFILE_OK);
    assert_string_equal(bytes, text);
    assert_int_equal(size, strlen(text));
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static enum statefile_result replace_text(const char *path, const char *text)
{
    return statefile_replace(path, STATEFILE_SECRET, text, strlen(text));
}

static enum statefile_result read_secret(const char *path)
{
    char bytes[64];
    size_t size;
    return statefile_read(path, STATEFILE_SECRET, bytes, sizeof bytes, &size);
}

static void path_is_folder_and_name_while_they_fit(void **state)
{
    (void)state;
    char out[STATEFILE_PATH_MAX] = "before";
    char long_name[STATEFILE_PATH_MAX] = "";
    memset(long_name, 'n', STATEFILE_PATH_MAX - 3);
    assert_true(statefile_path(out, "/var/lib/practice-agent", "key"));
    assert_string_equal(out, "/var/lib/practice-agent/key");
    assert_true(statefile_path(out, "f", long_name));
    assert_int_equal(strlen(out), STATEFILE_PATH_MAX - 1);
    assert_true(statefile_path(out, "folder", "name"));
    assert_false(statefile_path(out, "fo", long_name));
    assert_false(statefile_path(out, "", "name"));
    assert_false(statefile_path(out, "folder", ""));
    assert_string_equal(out, "folder/name");
}

static void reads_a_file_up_to_the_room_given(void **state)
{
    (void)state;
    char bytes[8];
    size_t size = 99;
    put(file, "1234567", 0644);
    assert_int_equal(statefile_read(file, STATEFILE_PUBLIC, bytes, 8, &size), STATEFILE_OK);
    assert_string_equal(bytes, "1234567");
    assert_int_equal(size, 7);
    assert_int_equal(statefile_read(file, STATEFILE_PUBLIC, bytes, 7, &size), STATEFILE_TOO_LONG);
    assert_int_equal(statefile_read(file, STATEFILE_PUBLIC, bytes, 0, &size), STATEFILE_TOO_LONG);
    assert_int_equal(size, 7);
    assert_string_equal(bytes, "1234567");
}

static void reads_an_empty_file(void **state)
{
    (void)state;
    char bytes[1] = {'x'};
    size_t size = 99;
    put(file, "", 0644);
    assert_int_equal(statefile_read(file, STATEFILE_PUBLIC, bytes, 1, &size), STATEFILE_OK);
    assert_int_equal(size, 0);
    assert_int_equal(bytes[0], '\0');
}

static void an_absent_file_or_folder_is_absent(void **state)
{
    (void)state;
    char deeper[STATEFILE_PATH_MAX];
    assert_true(statefile_path(deeper, folder, "none/state"));
    assert_int_equal(read_secret(file), STATEFILE_ABSENT);
    assert_int_equal(read_secret(deeper), STATEFILE_ABSENT);
}

static void a_file_longer_than_it_said_is_too_long_and_wiped(void **state)
{
    (void)state;
    char bytes[16];
    char *all = NULL;
    size_t size;
    const char zeros[sizeof bytes] = {0};
    memset(bytes, 'x', sizeof bytes);
    /* Files in /proc say that they are empty. */
    assert_int_equal(statefile_read("/proc/self/status", STATEFILE_PUBLIC, bytes, sizeof bytes, &size),
                     STATEFILE_TOO_LONG);
    assert_memory_equal(bytes, zeros, sizeof bytes);
    assert_int_equal(statefile_read_all("/proc/self/status", STATEFILE_PUBLIC, 1000000, &all, &size),
                     STATEFILE_TOO_LONG);
    assert_null(all);
}

static void reads_a_file_of_any_size_up_to_a_limit(void **state)
{
    (void)state;
    char *all = NULL;
    size_t size = 99;
    put(file, "1234567", 0600);
    assert_int_equal(statefile_read_all(file, STATEFILE_SECRET, 6, &all, &size), STATEFILE_TOO_LONG);
    assert_null(all);
    assert_int_equal(size, 99);
    assert_int_equal(statefile_read_all(file, STATEFILE_SECRET, 7, &all, &size), STATEFILE_OK);
    assert_string_equal(all, "1234567");
    assert_int_equal(size, 7);
    free(all);
    put(file, "", 0600);
    assert_int_equal(statefile_read_all(file, STATEFILE_SECRET, 0, &all, &size), STATEFILE_OK);
    assert_string_equal(all, "");
    free(all);
    put(file, "", 0640);
    assert_int_equal(statefile_read_all(file, STATEFILE_SECRET, 10, &all, &size), STATEFILE_EXPOSED);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(statefile_read_all(file, STATEFILE_SECRET, 10, &all, &size), STATEFILE_ABSENT);
}

static void a_secret_that_others_could_read_or_change_is_refused(void **state)
{
    (void)state;
    for (mode_t bit = 01; bit <= 040; bit <<= 1) {
        put(file, "secret", 0600 | bit);
        assert_int_equal(read_secret(file), STATEFILE_EXPOSED);
        assert_holds(file, "secret");
    }
    put(file, "secret", 0600);
    assert_int_equal(read_secret(file), STATEFILE_OK);
    put(file, "secret", 0400);
    assert_int_equal(read_secret(file), STATEFILE_OK);
}

static void links_folders_and_pipes_are_refused_at_once(void **state)
{
    (void)state;
    char other[STATEFILE_PATH_MAX];
    assert_true(statefile_path(other, folder, "other"));
    put(other, "text", 0600);
    assert_int_equal(symlink(other, file), 0);
    assert_int_equal(read_secret(file), STATEFILE_FAILED);
    assert_int_equal(errno, ELOOP);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_int_equal(read_secret(file), STATEFILE_FAILED);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(read_secret(folder), STATEFILE_FAILED);
    assert_int_equal(errno, EISDIR);
}

static void replacing_makes_the_file_or_replaces_it_whole(void **state)
{
    (void)state;
    const char bytes[] = {'a', '\0', 'b'};
    char read[8];
    size_t size;
    assert_int_equal(replace_text(file, "first, the longer one"), STATEFILE_OK);
    assert_holds(file, "first, the longer one");
    assert_int_equal(replace_text(file, "second"), STATEFILE_OK);
    assert_holds(file, "second");
    assert_int_equal(statefile_replace(file, STATEFILE_SECRET, bytes, sizeof bytes), STATEFILE_OK);
    assert_int_equal(statefile_read(file, STATEFILE_SECRET, read, sizeof read, &size), STATEFILE_OK);
    assert_int_equal(size, sizeof bytes);
    assert_memory_equal(read, bytes, sizeof bytes);
    assert_int_equal(statefile_replace(file, STATEFILE_SECRET, NULL, 0), STATEFILE_OK);
    assert_holds(file, "");
    assert_int_equal(entries(folder), 1);
}

static void the_mode_comes_from_the_kind_whatever_the_umask(void **state)
{
    (void)state;
    static const mode_t umasks[] = {0, 022, 077, 0777};
    for (size_t i = 0; i < sizeof umasks / sizeof *umasks; i++) {
        (void)umask(umasks[i]);
        assert_int_equal(statefile_replace(file, STATEFILE_SECRET, "x", 1), STATEFILE_OK);
        assert_int_equal(fault.created_mode & ~0600u, 0);
        assert_int_equal(mode_of(file), 0600);
        assert_int_equal(statefile_replace(file, STATEFILE_PUBLIC, "x", 1), STATEFILE_OK);
        assert_int_equal(fault.created_mode & ~0644u, 0);
        assert_int_equal(mode_of(file), 0644);
    }
}

static void bytes_are_on_disk_before_the_name_and_the_name_before_success(void **state)
{
    (void)state;
    assert_int_equal(replace_text(file, "text"), STATEFILE_OK);
    assert_string_equal(fault.steps, "mwfrd");
}

static void short_and_interrupted_writes_go_on(void **state)
{
    (void)state;
    fault.interruptions = 3;
    fault.write_at_most = 4;
    assert_int_equal(replace_text(file, "0123456789"), STATEFILE_OK);
    assert_string_equal(fault.steps, "mwwwfrd");
    assert_holds(file, "0123456789");
}

static void a_step_that_fails_leaves_the_old_file_and_no_temporary(void **state)
{
    (void)state;
    assert_int_equal(replace_text(file, "old"), STATEFILE_OK);
    for (enum step broken = STEP_MODE; broken <= STEP_RENAME; broken++) {
        fault.broken = broken;
        errno = 0;
        assert_int_equal(replace_text(file, "new"), STATEFILE_FAILED);
        assert_int_equal(errno, ENOSPC);
        assert_holds(file, "old");
        assert_int_equal(entries(folder), 1);
    }
}

static void a_folder_that_cannot_be_synced_is_a_failure(void **state)
{
    (void)state;
    fault.broken = STEP_SYNC_FOLDER;
    assert_int_equal(replace_text(file, "new"), STATEFILE_FAILED);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(entries(folder), 1);
}

static void a_full_disk_leaves_the_old_file_and_no_temporary(void **state)
{
    (void)state;
    static const char big[5000];
    struct rlimit before;
    assert_int_equal(replace_text(file, "old"), STATEFILE_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit limit = {.rlim_cur = 4096, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum statefile_result result = statefile_replace(file, STATEFILE_SECRET, big, sizeof big);
    int error = errno;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(result, STATEFILE_FAILED);
    assert_int_equal(error, EFBIG);
    assert_holds(file, "old");
    assert_int_equal(entries(folder), 1);
}

static void a_target_that_cannot_be_replaced_leaves_no_temporary(void **state)
{
    (void)state;
    char deeper[STATEFILE_PATH_MAX];
    assert_int_equal(mkdir(file, 0700), 0);
    assert_int_equal(replace_text(file, "text"), STATEFILE_FAILED);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(entries(folder), 1);
    assert_true(statefile_path(deeper, folder, "none/state"));
    assert_int_equal(replace_text(deeper, "text"), STATEFILE_FAILED);
    assert_int_equal(errno, ENOENT);
    assert_true(statefile_path(deeper, file, "/"));
    assert_int_equal(replace_text(deeper, "text"), STATEFILE_FAILED);
    assert_int_equal(errno, EINVAL);
}

static void names_may_be_as_long_as_the_file_system_takes(void **state)
{
    (void)state;
    char name[NAME_MAX + 1] = "";
    char path[STATEFILE_PATH_MAX];
    char long_path[STATEFILE_PATH_MAX + 3] = "";
    memset(name, 'n', NAME_MAX);
    assert_true(statefile_path(path, folder, name));
    assert_int_equal(replace_text(path, "text"), STATEFILE_OK);
    assert_holds(path, "text");
    memset(long_path, '/', STATEFILE_PATH_MAX);
    long_path[STATEFILE_PATH_MAX] = 'n';
    assert_int_equal(replace_text(long_path, "text"), STATEFILE_FAILED);
    assert_int_equal(errno, ENAMETOOLONG);
}

static void a_name_without_a_folder_is_in_the_working_folder(void **state)
{
    (void)state;
    int before = open(".", O_PATH | O_CLOEXEC);
    assert_true(before >= 0);
    assert_int_equal(chdir(folder), 0);
    enum statefile_result result = replace_text("state", "text");
    assert_int_equal(fchdir(before), 0);
    assert_int_equal(close(before), 0);
    assert_int_equal(result, STATEFILE_OK);
    assert_holds(file, "text");
}

static void a_symbolic_link_is_replaced_not_followed(void **state)
{
    (void)state;
    char other[STATEFILE_PATH_MAX];
    assert_true(statefile_path(other, folder, "other"));
    put(other, "untouched", 0600);
    assert_int_equal(symlink(other, file), 0);
    assert_int_equal(replace_text(file, "text"), STATEFILE_OK);
    assert_holds(file, "text");
    assert_holds(other, "untouched");
}

static void wait_for(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_power_cut_at_any_step_leaves_a_whole_file_and_later_writes_work(void **state)
{
    (void)state;
    assert_int_equal(replace_text(file, "old"), STATEFILE_OK);
    for (enum step last = STEP_MODE; last <= STEP_SYNC_FOLDER; last++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            fault.last = last;
            (void)!replace_text(file, "new");
            _exit(1);
        }
        wait_for(child);
        assert_holds(file, last <= STEP_RENAME ? "old" : "new");
    }
    assert_true(entries(folder) > 1);
    assert_int_equal(replace_text(file, "later"), STATEFILE_OK);
    assert_holds(file, "later");
}

/* Writes a text of one letter many times. */
static void write_often(char letter)
{
    char text[2000];
    memset(text, letter, sizeof text);
    for (int i = 0; i < 50; i++) {
        if (statefile_replace(file, STATEFILE_SECRET, text, sizeof text) != STATEFILE_OK)
            _exit(1);
    }
    _exit(0);
}

static void processes_that_write_at_once_do_not_mix(void **state)
{
    (void)state;
    enum { WRITERS = 4 };
    pid_t children[WRITERS];
    char text[2001];
    size_t size;
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            write_often((char)('a' + i));
    }
    for (int i = 0; i < WRITERS; i++)
        wait_for(children[i]);
    assert_int_equal(entries(folder), 1);
    assert_int_equal(statefile_read(file, STATEFILE_SECRET, text, sizeof text, &size), STATEFILE_OK);
    assert_int_equal(size, 2000);
    assert_int_equal(strspn(text, (const char[]){text[0], '\0'}), 2000);
}

static void removing_is_durable_and_an_absent_file_is_fine(void **state)
{
    (void)state;
    char deeper[STATEFILE_PATH_MAX];
    put(file, "text", 0600);
    assert_int_equal(statefile_remove(file), STATEFILE_OK);
    assert_int_equal(entries(folder), 0);
    assert_string_equal(fault.steps, "d");
    assert_int_equal(statefile_remove(file), STATEFILE_OK);
    assert_string_equal(fault.steps, "dd");
    assert_true(statefile_path(deeper, folder, "none/state"));
    assert_int_equal(statefile_remove(deeper), STATEFILE_OK);
}

static void removing_tells_when_it_failed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(file, 0700), 0);
    assert_int_equal(statefile_remove(file), STATEFILE_FAILED);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(rmdir(file), 0);
    put(file, "text", 0600);
    fault.broken = STEP_SYNC_FOLDER;
    assert_int_equal(statefile_remove(file), STATEFILE_FAILED);
    assert_int_equal(errno, ENOSPC);
}

static void folders_are_made_with_those_above_them_for_the_owner_alone(void **state)
{
    (void)state;
    char path[STATEFILE_PATH_MAX];
    assert_true(statefile_path(path, folder, "a//b/c"));
    (void)umask(0);
    assert_int_equal(statefile_make_folder(path), STATEFILE_OK);
    assert_int_equal(mode_of(path), 0700);
    assert_string_equal(fault.steps, "ddd");
    assert_int_equal(statefile_make_folder(path), STATEFILE_OK);
    assert_string_equal(fault.steps, "ddd");
    assert_true(statefile_path(path, folder, "a"));
    assert_int_equal(mode_of(path), 0700);
    assert_true(statefile_path(path, folder, "d/"));
    assert_int_equal(statefile_make_folder(path), STATEFILE_OK);
    assert_int_equal(mode_of(path), 0700);
    assert_int_equal(statefile_make_folder("/"), STATEFILE_OK);
}

static void a_folder_that_cannot_be_made_is_a_failure(void **state)
{
    (void)state;
    char path[STATEFILE_PATH_MAX];
    char long_path[STATEFILE_PATH_MAX + 1] = "";
    put(file, "text", 0600);
    assert_int_equal(statefile_make_folder(file), STATEFILE_FAILED);
    assert_int_equal(errno, ENOTDIR);
    assert_true(statefile_path(path, file, "deeper"));
    assert_int_equal(statefile_make_folder(path), STATEFILE_FAILED);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(statefile_make_folder(""), STATEFILE_FAILED);
    assert_int_equal(errno, ENOENT);
    memset(long_path, '/', STATEFILE_PATH_MAX);
    assert_int_equal(statefile_make_folder(long_path), STATEFILE_FAILED);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_true(statefile_path(path, folder, "new"));
    fault.broken = STEP_SYNC_FOLDER;
    assert_int_equal(statefile_make_folder(path), STATEFILE_FAILED);
}

static void damaged_files_are_kept_one_beside_the_other(void **state)
{
    (void)state;
    char aside[STATEFILE_PATH_MAX];
    put(file, "first", 0600);
    assert_int_equal(statefile_set_aside(file), STATEFILE_OK);
    assert_string_equal(fault.steps, "rd");
    assert_true(statefile_path(aside, folder, "state.damaged"));
    assert_holds(aside, "first");
    assert_int_equal(read_secret(file), STATEFILE_ABSENT);
    put(file, "second", 0600);
    assert_int_equal(statefile_set_aside(file), STATEFILE_OK);
    assert_holds(aside, "first");
    assert_true(statefile_path(aside, folder, "state.damaged-2"));
    assert_holds(aside, "second");
    assert_int_equal(statefile_set_aside(file), STATEFILE_ABSENT);
}

static void setting_aside_overwrites_nothing_even_at_its_limit(void **state)
{
    (void)state;
    char aside[STATEFILE_PATH_MAX];
    char name[NAME_MAX + 1] = "";
    (void)snprintf(aside, sizeof aside, "%s/state.damaged", folder);
    put(aside, "kept", 0600);
    for (int i = 2; i <= 99; i++) {
        (void)snprintf(aside, sizeof aside, "%s/state.damaged-%d", folder, i);
        put(aside, "kept", 0600);
    }
    put(file, "text", 0600);
    assert_int_equal(statefile_set_aside(file), STATEFILE_FAILED);
    assert_int_equal(errno, EEXIST);
    assert_holds(file, "text");
    assert_holds(aside, "kept");
    memset(name, 'n', NAME_MAX);
    assert_true(statefile_path(aside, folder, name));
    assert_int_equal(statefile_set_aside(aside), STATEFILE_FAILED);
    assert_int_equal(errno, ENAMETOOLONG);
}

static void every_result_has_a_name_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(statefile_result_name(STATEFILE_ABSENT), "is missing");
    for (enum statefile_result a = STATEFILE_OK; a <= STATEFILE_FAILED; a++) {
        for (enum statefile_result b = STATEFILE_OK; b < a; b++)
            assert_string_not_equal(statefile_result_name(a), statefile_result_name(b));
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(path_is_folder_and_name_while_they_fit),
        CASE(reads_a_file_up_to_the_room_given),
        CASE(reads_an_empty_file),
        CASE(an_absent_file_or_folder_is_absent),
        CASE(a_file_longer_than_it_said_is_too_long_and_wiped),
        CASE(reads_a_file_of_any_size_up_to_a_limit),
        CASE(a_secret_that_others_could_read_or_change_is_refused),
        CASE(links_folders_and_pipes_are_refused_at_once),
        CASE(replacing_makes_the_file_or_replaces_it_whole),
        CASE(the_mode_comes_from_the_kind_whatever_the_umask),
        CASE(bytes_are_on_disk_before_the_name_and_the_name_before_success),
        CASE(short_and_interrupted_writes_go_on),
        CASE(a_step_that_fails_leaves_the_old_file_and_no_temporary),
        CASE(a_folder_that_cannot_be_synced_is_a_failure),
        CASE(a_full_disk_leaves_the_old_file_and_no_temporary),
        CASE(a_target_that_cannot_be_replaced_leaves_no_temporary),
        CASE(names_may_be_as_long_as_the_file_system_takes),
        CASE(a_name_without_a_folder_is_in_the_working_folder),
        CASE(a_symbolic_link_is_replaced_not_followed),
        CASE(a_power_cut_at_any_step_leaves_a_whole_file_and_later_writes_work),
        CASE(processes_that_write_at_once_do_not_mix),
        CASE(removing_is_durable_and_an_absent_file_is_fine),
        CASE(removing_tells_when_it_failed),
        CASE(folders_are_made_with_those_above_them_for_the_owner_alone),
        CASE(a_folder_that_cannot_be_made_is_a_failure),
        CASE(damaged_files_are_kept_one_beside_the_other),
        CASE(setting_aside_overwrites_nothing_even_at_its_limit),
        CASE(every_result_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
