/* SPDX-License-Identifier: MIT */
#include "tests/unit/office_fixture.h"

#include "proto/query.h"
#include "proto/seal.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void server_from(uint8_t byte, struct server_keys *out)
{
    uint8_t seed[crypto_sign_ed25519_SEEDBYTES];
    struct server_public key;
    memset(seed, byte, sizeof seed);
    (void)crypto_sign_ed25519_seed_keypair(key.bytes, out->secret.bytes, seed);
    seal_server_id(&key, &out->id);
}

static void station_from(uint8_t byte, struct workstation_keys *out)
{
    uint8_t seed[crypto_sign_ed25519_SEEDBYTES];
    memset(seed, byte, sizeof seed);
    (void)crypto_sign_ed25519_seed_keypair(out->public_key.bytes, out->secret.bytes, seed);
    seal_workstation_id(&out->public_key, &out->id);
}

struct address office_address(const char *text, uint16_t port)
{
    struct address address;
    bool good = address_from_text(text, port, &address);
    assert(good);
    (void)good;
    return address;
}

static void add_link(struct links *links, uint32_t ifindex, const char *name, enum link_kind kind)
{
    struct link *link = &links->links[links->link_count++];
    *link = (struct link){.ifindex = ifindex, .kind = kind, .up = true, .multicast = true};
    (void)snprintf(link->name, sizeof link->name, "%s", name);
}

static void add_address(struct links *links, uint32_t ifindex, const char *text, uint8_t prefix)
{
    struct link_address *address = &links->addresses[links->address_count++];
    *address = (struct link_address){.address = office_address(text, 0), .prefix = prefix, .usable = true};
    address->address.ifindex = ifindex;
}

static void make_links(struct links *links)
{
    links->complete = true;
    add_link(links, ETH0, "eth0", LINK_OFFICE);
    add_link(links, ETH1, "eth1", LINK_OFFICE);
    add_link(links, DOCKER0, "docker0", LINK_CONTAINER);
    add_address(links, ETH0, "10.77.0.10", 24);
    add_address(links, ETH0, "fd77::10", 64);
    add_address(links, ETH0, "fe80::10", 64);
    add_address(links, ETH1, "192.168.5.10", 24);
    add_address(links, DOCKER0, "172.17.0.1", 16);
}

static void open_state(struct office *office)
{
    char path[STATEFILE_PATH_MAX];
    const struct name name = {"front-desk"};
    (void)snprintf(office->folder, sizeof office->folder, "/tmp/practice-office-XXXXXX");
    bool good = mkdtemp(office->folder) != NULL && statefile_path(path, office->folder, "roster") &&
                roster_open(path, &office->roster) == STATEFILE_OK &&
                statefile_path(path, office->folder, "invitations") &&
                invitations_open(path, &office->invitations) == STATEFILE_OK &&
                roster_enrol(office->roster, &office->station.public_key, &name, 1000) == ROSTER_OK;
    if (!good)
        abort();
}

void office_open(struct office *office)
{
    *office = (struct office){.practice = {"Dr. Grey"}};
    server_from(1, &office->server);
    station_from(2, &office->station);
    station_from(3, &office->stranger);
    make_links(&office->links);
    open_state(office);
    office->facts = (struct responder_facts){.host = {"server"},
                                             .query_port = PROTO_QUERY_PORT,
                                             .service_port = PROTO_SERVICE_PORT,
                                             .trust_s = 300,
                                             .instance = {{1, 2, 3, 4, 5, 6, 7, 8}},
                                             .serial = 7};
    office->enrolment = (struct enrolment){.keys = &office->server,
                                           .practice = &office->practice,
                                           .roster = office->roster,
                                           .invitations = office->invitations};
    office->responder = (struct responder){.keys = &office->server,
                                           .facts = &office->facts,
                                           .links = &office->links,
                                           .extra_links = &office->extra_links,
                                           .roster = office->roster,
                                           .enrolment = &office->enrolment,
                                           .counters = &office->counters};
}

static void remove_file(const struct office *office, const char *name)
{
    char path[STATEFILE_PATH_MAX];
    if (statefile_path(path, office->folder, name))
        (void)unlink(path);
}

void office_close(struct office *office)
{
    roster_free(office->roster);
    invitations_free(office->invitations);
    remove_file(office, "roster");
    remove_file(office, "invitations");
    (void)rmdir(office->folder);
}

struct datagram office_query(const struct office *office, const struct workstation_keys *from, const char *to)
{
    const struct query query = {.workstation = from->id, .nonce = {{9, 9, 9}}, .probe = 3};
    struct datagram in = {.peer = office_address("10.77.0.100", 40000), .local = office_address(to, 0)};
    in.peer.ifindex = in.local.ifindex = ETH0;
    in.to_group = address_is_multicast(&in.local);
    in.size = PROTO_REQUEST_MIN;
    if (query_encode(&query, &office->server.id, &from->secret, in.bytes, in.size) != PROTO_OK)
        abort();
    return in;
}

bool office_handle(struct office *office, const struct datagram *in, struct datagram *out)
{
    const struct responder_time now = {.interval_us = 5000000, .wall_s = 2000};
    return responder_handle(&office->responder, in, &now, out);
}

struct datagram office_arrive(const struct datagram *sent, uint32_t ifindex)
{
    struct datagram in = *sent;
    in.peer = sent->local;
    in.peer.port = PROTO_QUERY_PORT;
    in.local = sent->peer;
    in.peer.ifindex = in.local.ifindex = ifindex;
    return in;
}
