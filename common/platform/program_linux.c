/* SPDX-License-Identifier: MIT */
#include "common/platform/program.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Once an upgrade has replaced the file, the link reads "/folder/program (deleted)": the folder is right all the
 * same. */
bool program_relative(char *out, size_t room, const char *relative)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    if (length < 0 || (size_t)length >= sizeof path)
        return false;
    path[length] = '\0';
    const char *slash = strrchr(path, '/');
    if (!slash)
        return false;
    size_t folder = (size_t)(slash + 1 - path);
    size_t size = strlen(relative) + 1;
    if (folder + size > room)
        return false;
    memcpy(out, path, folder);
    memcpy(out + folder, relative, size);
    return true;
}

void program_prepare(void)
{
    int fd;
    /* Each the wrong way round, so that reading and writing fail: output that is lost must not pass for written. */
    do
        fd = open("/dev/null", fcntl(STDIN_FILENO, F_GETFD) < 0 ? O_WRONLY : O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        (void)close(fd);
    (void)signal(SIGCHLD, SIG_DFL);
}
