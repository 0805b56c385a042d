/* SPDX-License-Identifier: MIT */
#include "common/platform/peer.h"

#include <sys/socket.h>

bool peer_uid(int fd, uid_t *out)
{
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return false;
    *out = credentials.uid;
    return true;
}
