/* SPDX-License-Identifier: MIT */
#include "common/platform/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { NAME_ROOM = sizeof((struct sockaddr_un *)NULL)->sun_path };

/* The service manager's end: bound to a path, or to an abstract name that starts with "@". */
static int bind_manager(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    memcpy(address.sun_path, name, strlen(name));
    if (*name == '@')
        address.sun_path[0] = '\0';
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, length), 0);
    return fd;
}

static void assert_heard(int fd, const char *text)
{
    char heard[64];
    ssize_t size = recv(fd, heard, sizeof heard, 0);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(heard, text, strlen(text));
}

static void assert_silence(int fd)
{
    char heard[64];
    assert_int_equal(recv(fd, heard, sizeof heard, 0), -1);
    assert_int_equal(errno, EAGAIN);
}

/* The lowest free descriptor tells whether one was left open. */
static int next_descriptor(void)
{
    int next = dup(STDOUT_FILENO);
    assert_true(next >= 0);
    assert_int_equal(close(next), 0);
    return next;
}

static void speaks_to_a_socket_with_a_path(void **state)
{
    (void)state;
    int next = next_descriptor();
    char folder[] = "/tmp/test_service.XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/notify", folder);
    int manager = bind_manager(path);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    service_ready();
    assert_heard(manager, "READY=1");
    service_stopping();
    assert_heard(manager, "STOPPING=1");
    assert_silence(manager);
    assert_int_equal(close(manager), 0);
    /* The manager is gone: nothing happens, SIGPIPE least of all. */
    service_ready();
    assert_int_equal(unlink(path), 0);
    service_ready();
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(next_descriptor(), next);
}

static void speaks_to_an_abstract_socket_of_up_to_the_longest_name(void **state)
{
    (void)state;
    char name[NAME_ROOM + 2] = "";
    (void)snprintf(name, sizeof name, "@test_service.%ld.", (long)getpid());
    memset(name + strlen(name), 'n', NAME_ROOM - strlen(name));
    int manager = bind_manager(name);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    service_ready();
    assert_heard(manager, "READY=1");
    /* One byte too long: cut, it would be the name of somebody else's socket. */
    name[NAME_ROOM] = 'n';
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    service_ready();
    assert_silence(manager);
    assert_int_equal(close(manager), 0);
}

static void says_nothing_when_nobody_asked(void **state)
{
    (void)state;
    static const char *const odd[] = {"", "/", "@", "notify", "vsock:2:1234"};
    int next = next_descriptor();
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    service_ready();
    service_stopping();
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", odd[i], 1), 0);
        service_ready();
    }
    assert_int_equal(next_descriptor(), next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speaks_to_a_socket_with_a_path),
        cmocka_unit_test(speaks_to_an_abstract_socket_of_up_to_the_longest_name),
        cmocka_unit_test(says_nothing_when_nobody_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
