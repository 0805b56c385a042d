/* SPDX-License-Identifier: MIT */
#include "agent/agent.h"

#include "agent/advertise.h"
#include "agent/control.h"
#include "agent/control_socket.h"
#include "agent/listener.h"
#include "agent/responder.h"
#include "agent/serial.h"
#include "common/log.h"
#include "common/platform/clock.h"
#include "common/platform/netwatch.h"
#include "common/platform/program.h"
#include "common/platform/service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* A change of address comes as several messages: old one removed, new one tentative, then usable. */
enum { GATHER_CHANGES_MS = 10, READ_AGAIN_MS = 1000 };

/* From this program's folder: in the build tree as well as installed. */
#define REGISTER_HELPER "../libexec/practice-agent/dnssd-register"

struct agent {
    struct settings settings;
    char state[STATEFILE_PATH_MAX];
    char helper_path[STATEFILE_PATH_MAX];
    int lock_fd;
    struct server_keys keys;
    struct serial serial;
    struct roster *roster;
    struct invitations *invitations;
    struct responder_facts facts;
    struct counters counters;
    struct enrolment enrolment;
    struct responder responder;
    struct control control;
    struct links links;
    bool warned_of_backup;

    struct loop *loop;
    struct netwatch *netwatch;
    struct loop_watch *netwatch_watch;
    struct loop_timer *gather;
    struct listener *listener;
    struct control_socket *control_socket;
    struct advertise *advertise;
};

static bool state_path(const struct agent *agent, const char *name, char out[STATEFILE_PATH_MAX])
{
    if (statefile_path(out, agent->state, name))
        return true;
    log_write(LOG_ERROR, "the state folder's path is too long: %s", agent->state);
    return false;
}

/* Logs trouble with a state file; true when there is none. */
static bool state_fine(const char *path, enum statefile_result result)
{
    if (result == STATEFILE_OK)
        return true;
    log_write(LOG_ERROR, "%s %s%s%s", path, statefile_result_name(result), result == STATEFILE_FAILED ? ": " : "",
              result == STATEFILE_FAILED ? strerror(errno) : "");
    return false;
}

/* Two agents on one state would hand out one serial twice and overwrite each other's roster. */
static bool lock_state(struct agent *agent)
{
    char path[STATEFILE_PATH_MAX];
    if (!state_path(agent, "lock", path))
        return false;
    agent->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (agent->lock_fd < 0) {
        log_write(LOG_ERROR, "cannot write in the state folder %s: %s", agent->state, strerror(errno));
        return false;
    }
    if (flock(agent->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    log_write(LOG_ERROR, "another practice-agent runs on %s already", agent->state);
    return false;
}

static bool load_identity(struct agent *agent)
{
    char path[STATEFILE_PATH_MAX];
    if (!state_path(agent, "identity.key", path))
        return false;
    enum statefile_result result = keys_load_server(path, &agent->keys);
    if (result == STATEFILE_ABSENT && roster_count(agent->roster) > 0) {
        log_write(
            LOG_ERROR,
            "%s is missing, but workstations are enrolled: bring the key back from a backup, or remove the roster "
            "beside it to start anew and have every workstation join again",
            path);
        return false;
    }
    if (result == STATEFILE_ABSENT) {
        keys_new_server(&agent->keys);
        result = keys_save_server(path, &agent->keys);
        if (result == STATEFILE_OK)
            log_write(LOG_NOTICE, "made a new identity for this server");
    }
    return state_fine(path, result);
}

/* A full disk must not keep the practice from being found: the serial only orders announcements. */
static bool load_serial(struct agent *agent)
{
    char path[STATEFILE_PATH_MAX];
    bool saved = false;
    if (!state_path(agent, "serial", path) || !state_fine(path, serial_open(path, &agent->serial, &saved)))
        return false;
    if (!saved)
        log_write(LOG_WARNING, "cannot write %s: %s; serving all the same", path, strerror(errno));
    return true;
}

static bool load_state(struct agent *agent)
{
    char path[STATEFILE_PATH_MAX];
    return state_fine(agent->state, statefile_make_folder(agent->state)) && lock_state(agent) &&
           state_path(agent, "roster", path) && state_fine(path, roster_open(path, &agent->roster)) &&
           load_identity(agent) && load_serial(agent) && state_path(agent, "invitations", path) &&
           state_fine(path, invitations_open(path, &agent->invitations));
}

/* The engines see their surroundings through pointers that stay valid as long as the agent lives. */
static void connect_engines(struct agent *agent)
{
    const struct settings *settings = &agent->settings;
    agent->facts = (struct responder_facts){.host = settings->host,
                                            .query_port = settings->query_port,
                                            .service_port = settings->port,
                                            .trust_s = (uint32_t)(settings->trust_ms / 1000),
                                            .instance = agent->serial.instance,
                                            .serial = agent->serial.value};
    agent->enrolment = (struct enrolment){.keys = &agent->keys,
                                          .practice = &agent->settings.practice,
                                          .roster = agent->roster,
                                          .invitations = agent->invitations};
    agent->responder = (struct responder){.keys = &agent->keys,
                                          .facts = &agent->facts,
                                          .links = &agent->links,
                                          .extra_links = &agent->settings.links,
                                          .roster = agent->roster,
                                          .enrolment = &agent->enrolment,
                                          .counters = &agent->counters};
    agent->control = (struct control){.settings = &agent->settings,
                                      .keys = &agent->keys,
                                      .facts = &agent->facts,
                                      .links = &agent->links,
                                      .counters = &agent->counters,
                                      .roster = agent->roster,
                                      .invitations = agent->invitations,
                                      .started_s = clock_wall_s()};
}

static void take_links(struct agent *agent)
{
    struct links now;
    if (!netwatch_read(agent->netwatch, &now)) {
        log_write(LOG_WARNING, "cannot read this machine's addresses: %s; trying again", strerror(errno));
        loop_timer_start(agent->gather, READ_AGAIN_MS); /* what was to be read is not announced twice */
        return;
    }
    if (links_equal(&now, &agent->links))
        return;
    if (!now.complete)
        log_write(LOG_WARNING, "this machine has more interfaces or addresses than are kept; some are not listed");
    agent->links = now;
    listener_join(agent->listener, &agent->links);
    if (serial_advance(&agent->serial) != STATEFILE_OK)
        log_write(LOG_WARNING, "cannot save the serial: %s", strerror(errno));
    agent->facts.serial = agent->serial.value;
    log_write(LOG_INFO, "addresses of this machine read, serial %llu", (unsigned long long)agent->serial.value);
}

/* What the kernel takes for us at an address that we do not know yet came before the news of that address: without it
 * the answer would list the old one, which may be somebody else's by now. */
static void catch_up(struct agent *agent, const struct datagram *in)
{
    if (in->to_group || links_have_address(&agent->links, &in->local))
        return;
    if (netwatch_drain(agent->netwatch) || loop_timer_is_running(agent->gather))
        take_links(agent);
}

/* The workstation was told of a later roster than ours: ours is from a backup, and may let in again whom it had shut
 * out. */
static void warn_of_backup(struct agent *agent)
{
    uint32_t seen = agent->responder.highest_generation_seen;
    if (agent->warned_of_backup || seen <= roster_generation(agent->roster))
        return;
    agent->warned_of_backup = true;
    log_write(LOG_WARNING,
              "a workstation knows of roster %u, but this one is number %u: was it restored from an old backup? "
              "Workstations revoked since may be let in again; see 'practice-agent workstations'",
              (unsigned)seen, (unsigned)roster_generation(agent->roster));
}

static bool on_datagram(void *context, const struct datagram *in, struct datagram *out)
{
    struct agent *agent = context;
    const struct responder_time now = {.interval_us = clock_interval_us(), .wall_s = clock_wall_s()};
    catch_up(agent, in);
    bool answered = responder_handle(&agent->responder, in, &now, out);
    warn_of_backup(agent);
    return answered;
}

static void on_unsendable(void *context)
{
    struct agent *agent = context;
    agent->counters.unsendable++;
}

static json_t *on_request(void *context, const json_t *request)
{
    const struct agent *agent = context;
    return control_answer(&agent->control, request, clock_wall_s());
}

static void on_gathered(void *context)
{
    take_links(context);
}

static void on_netwatch(void *context)
{
    struct agent *agent = context;
    if (netwatch_drain(agent->netwatch) && !loop_timer_is_running(agent->gather))
        loop_timer_start(agent->gather, GATHER_CHANGES_MS);
}

static void on_stop(void *context)
{
    struct agent *agent = context;
    loop_stop(agent->loop);
}

static bool watch_network(struct agent *agent)
{
    agent->netwatch = netwatch_new();
    agent->gather = loop_timer_new(agent->loop, on_gathered, agent);
    if (agent->netwatch && agent->gather)
        agent->netwatch_watch = loop_watch_new(agent->loop, netwatch_fd(agent->netwatch), on_netwatch, agent);
    if (agent->netwatch_watch)
        return true;
    log_write(LOG_ERROR, "cannot watch this machine's addresses: %s", strerror(errno));
    return false;
}

static bool open_listener(struct agent *agent)
{
    const struct listener_handler handler = {on_datagram, on_unsendable, agent};
    agent->listener = listener_new(agent->loop, agent->settings.query_port, &handler);
    if (agent->listener)
        return true;
    log_write(LOG_ERROR, "cannot open UDP port %u: %s; is another agent running, or \"query_port\" in use?",
              (unsigned)agent->settings.query_port, strerror(errno));
    return false;
}

static bool open_control(struct agent *agent, const char *path)
{
    agent->control_socket = control_socket_new(agent->loop, path, on_request, agent);
    if (agent->control_socket)
        return true;
    log_write(LOG_ERROR, "cannot open the control socket %s: %s", path, strerror(errno));
    return false;
}

static bool start_advertising(struct agent *agent)
{
    if (!agent->settings.dns_sd)
        return true;
    if (!program_relative(agent->helper_path, sizeof agent->helper_path, REGISTER_HELPER)) {
        log_write(LOG_ERROR, "cannot tell where this program is installed: %s", strerror(errno));
        return false;
    }
    const struct advertise_settings settings = {.helper = agent->helper_path,
                                                .practice = &agent->settings.practice,
                                                .fingerprint = &agent->keys.id.fingerprint,
                                                .service_port = agent->settings.port,
                                                .query_port = agent->settings.query_port};
    agent->advertise = advertise_new(agent->loop, &settings);
    agent->control.advertise = agent->advertise;
    return agent->advertise != NULL;
}

/* Every part in the order of need; agent_free() goes the other way. */
static bool start(struct agent *agent, const char *control_path)
{
    if (!load_state(agent))
        return false;
    connect_engines(agent);
    agent->loop = loop_new();
    if (!agent->loop || !loop_on_signal(agent->loop, SIGTERM, on_stop, agent) ||
        !loop_on_signal(agent->loop, SIGINT, on_stop, agent)) {
        log_write(LOG_ERROR, "cannot start the event loop");
        return false;
    }
    if (!watch_network(agent) || !open_listener(agent) || !open_control(agent, control_path))
        return false;
    take_links(agent);
    return start_advertising(agent);
}

struct agent *agent_new(const struct settings *settings, const char *state, const char *control_path)
{
    struct agent *agent = calloc(1, sizeof *agent);
    if (!agent || strlen(state) >= sizeof agent->state) {
        free(agent);
        return NULL;
    }
    agent->settings = *settings;
    agent->lock_fd = -1;
    memcpy(agent->state, state, strlen(state) + 1);
    if (start(agent, control_path))
        return agent;
    agent_free(agent);
    return NULL;
}

void agent_run(struct agent *agent)
{
    char key[FINGERPRINT_TEXT_MAX];
    keys_fingerprint_text(&agent->keys.id.fingerprint, key);
    log_write(LOG_NOTICE, "serving \"%s\" on UDP port %u, key %s", agent->settings.practice.text,
              (unsigned)agent->settings.query_port, key);
    service_ready();
    loop_run(agent->loop);
    service_stopping();
    log_write(LOG_NOTICE, "stopping");
}

void agent_free(struct agent *agent)
{
    if (!agent)
        return;
    advertise_free(agent->advertise);
    control_socket_free(agent->control_socket);
    listener_free(agent->listener);
    loop_watch_close(agent->netwatch_watch);
    loop_timer_close(agent->gather);
    netwatch_free(agent->netwatch);
    loop_free(agent->loop);
    invitations_free(agent->invitations);
    roster_free(agent->roster);
    keys_wipe_server(&agent->keys);
    if (agent->lock_fd >= 0)
        (void)close(agent->lock_fd);
    free(agent);
}
