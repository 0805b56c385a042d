/* SPDX-License-Identifier: MIT */
#include "tests/unit/netspace.h"

#include <sched.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS_MAX = 32, COMMAND_MAX = 256 };

static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    bool written = fputs(text, file) >= 0;
    return fclose(file) == 0 && written;
}

int netspace_become_root(void **state)
{
    (void)state;
    char uid_map[32], gid_map[32];
    if (geteuid() == 0)
        return 0;
    (void)snprintf(uid_map, sizeof uid_map, "0 %u 1", (unsigned)geteuid());
    (void)snprintf(gid_map, sizeof gid_map, "0 %u 1", (unsigned)getegid());
    if (unshare(CLONE_NEWUSER) != 0) {
        perror("unshare(CLONE_NEWUSER)");
        return -1;
    }
    bool mapped = write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", uid_map) &&
                  write_file("/proc/self/gid_map", gid_map);
    return mapped ? 0 : -1;
}

int netspace_enter(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET) == 0)
        return 0;
    perror("unshare(CLONE_NEWNET)");
    return -1;
}

static void run_ip(const char *arguments, FILE *input)
{
    char program[] = "ip", text[COMMAND_MAX], *argv[WORDS_MAX] = {program}, *rest = NULL;
    size_t count = 1;
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    (void)snprintf(text, sizeof text, "%s", arguments);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert_true(count < WORDS_MAX - 1);
        argv[count++] = word;
    }
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    if (input)
        assert_int_equal(posix_spawn_file_actions_adddup2(&actions, fileno(input), STDIN_FILENO), 0);
    assert_int_equal(posix_spawnp(&pid, program, &actions, NULL, argv, environ), 0);
    assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0)
        fail_msg("ip %s: status %#x", arguments, (unsigned)status);
}

void netspace_ip(const char *arguments)
{
    run_ip(arguments, NULL);
}

void netspace_ip_each(const char *command, unsigned first, unsigned count)
{
    const char *mark = strchr(command, '#');
    FILE *commands = tmpfile();
    assert_non_null(mark);
    assert_non_null(commands);
    for (unsigned i = first; i < first + count; i++)
        (void)fprintf(commands, "%.*s%u.%u%s\n", (int)(mark - command), command, i / 256 % 256, i % 256, mark + 1);
    assert_int_equal(fflush(commands), 0);
    rewind(commands);
    run_ip("-batch -", commands);
    assert_int_equal(fclose(commands), 0);
}
