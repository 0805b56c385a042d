/* SPDX-License-Identifier: MIT */
#include "common/keys.h"
#include "tests/unit/state_fixture.h"

#include "proto/seal.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* The first test vector of RFC 8032, section 7.1: its seed and public key, in base64. */
#define SEED        "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
#define PUBLIC      "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define SERVER      "practice-server-key 1 "
#define WORKSTATION "practice-workstation-key 1 "

static struct server_keys untouched_server(void)
{
    struct server_keys keys;
    memset(&keys, 0xa5, sizeof keys);
    return keys;
}

/* Loading gives this, and nothing in keys has changed by it. */
static void assert_server_refused(const char *path, enum statefile_result expected)
{
    const struct server_keys before = untouched_server();
    struct server_keys keys = untouched_server();
    enum statefile_result result = keys_load_server(path, &keys);
    assert_int_equal(result, expected);
    assert_memory_equal(&keys, &before, sizeof keys);
}

static void assert_workstation_refused(const char *path, enum statefile_result expected)
{
    struct workstation_keys before;
    struct workstation_keys keys;
    memset(&before, 0xa5, sizeof before);
    memset(&keys, 0xa5, sizeof keys);
    assert_int_equal(keys_load_workstation(path, &keys), expected);
    assert_memory_equal(&keys, &before, sizeof keys);
}

static void assert_holds_text(const char *path, const char *text)
{
    const struct state_bytes expected = {.size = strlen(text), .bytes = (char *)(uintptr_t)text};
    state_assert_holds(path, &expected);
}

static void random_bytes_differ_and_fill_the_whole(void **state)
{
    (void)state;
    uint8_t a[64] = {0};
    uint8_t b[64] = {0};
    keys_random(a, sizeof a);
    keys_random(b, 63);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(b[63], 0);
    assert_false(sodium_is_zero(a + 56, 8));
    keys_random(b, 0);
}

static void fresh_servers_have_keys_of_their_own_that_belong_together(void **state)
{
    (void)state;
    struct server_keys a;
    struct server_keys b;
    struct server_id id;
    struct seal_digest digest = {{1, 2, 3}};
    uint8_t signature[PROTO_SIGNATURE_SIZE];
    keys_new_server(&a);
    keys_new_server(&b);
    assert_memory_not_equal(&a.secret, &b.secret, sizeof a.secret);
    assert_memory_not_equal(&a.id.public_key, &b.id.public_key, sizeof a.id.public_key);
    seal_server_id(&a.id.public_key, &id);
    assert_memory_equal(&a.id, &id, sizeof id);
    seal_sign_server(&a.secret, &digest, signature);
    assert_true(seal_verify_server(&a.id.public_key, &digest, signature));
    assert_false(seal_verify_server(&b.id.public_key, &digest, signature));
}

static void fresh_workstations_have_keys_of_their_own_that_belong_together(void **state)
{
    (void)state;
    struct workstation_keys a;
    struct workstation_keys b;
    struct workstation_id id;
    struct seal_digest digest = {{1, 2, 3}};
    uint8_t signature[PROTO_SIGNATURE_SIZE];
    keys_new_workstation(&a);
    keys_new_workstation(&b);
    assert_memory_not_equal(&a.secret, &b.secret, sizeof a.secret);
    seal_workstation_id(&a.public_key, &id);
    assert_memory_equal(&a.id, &id, sizeof id);
    seal_sign_workstation(&a.secret, &digest, signature);
    assert_true(seal_verify_workstation(&a.public_key, &digest, signature));
    assert_false(seal_verify_workstation(&b.public_key, &digest, signature));
}

static void wiped_keys_are_zeros(void **state)
{
    (void)state;
    struct server_keys server;
    struct workstation_keys workstation;
    keys_new_server(&server);
    keys_new_workstation(&workstation);
    keys_wipe_server(&server);
    keys_wipe_workstation(&workstation);
    assert_true(sodium_is_zero((const uint8_t *)&server, sizeof server));
    assert_true(sodium_is_zero((const uint8_t *)&workstation, sizeof workstation));
}

static void a_servers_key_is_read_back_whole(void **state)
{
    struct state_folder *folder = *state;
    struct server_keys saved;
    struct server_keys loaded = untouched_server();
    keys_new_server(&saved);
    assert_int_equal(keys_save_server(folder->file, &saved), STATEFILE_OK);
    assert_int_equal(keys_load_server(folder->file, &loaded), STATEFILE_OK);
    assert_memory_equal(&loaded, &saved, sizeof saved);
}

static void a_workstations_key_is_read_back_whole(void **state)
{
    struct state_folder *folder = *state;
    struct workstation_keys saved;
    struct workstation_keys loaded;
    keys_new_workstation(&saved);
    assert_int_equal(keys_save_workstation(folder->file, &saved), STATEFILE_OK);
    assert_int_equal(keys_load_workstation(folder->file, &loaded), STATEFILE_OK);
    assert_memory_equal(&loaded, &saved, sizeof saved);
}

static void the_file_is_one_line_with_the_seed_of_rfc_8032(void **state)
{
    struct state_folder *folder = *state;
    struct server_keys server;
    struct workstation_keys workstation;
    char text[KEYS_PUBLIC_TEXT_MAX];
    state_put_text(folder->file, SERVER SEED "\n");
    assert_int_equal(keys_load_server(folder->file, &server), STATEFILE_OK);
    keys_public_to_text(server.id.public_key.bytes, text);
    assert_string_equal(text, PUBLIC);
    assert_int_equal(keys_save_server(folder->file, &server), STATEFILE_OK);
    assert_holds_text(folder->file, SERVER SEED "\n");
    state_put_text(folder->file, WORKSTATION SEED "\n");
    assert_int_equal(keys_load_workstation(folder->file, &workstation), STATEFILE_OK);
    keys_public_to_text(workstation.public_key.bytes, text);
    assert_string_equal(text, PUBLIC);
    assert_int_equal(keys_save_workstation(folder->file, &workstation), STATEFILE_OK);
    assert_holds_text(folder->file, WORKSTATION SEED "\n");
}

static void the_file_is_for_its_owner_alone(void **state)
{
    static const mode_t exposed[] = {0640, 0620, 0604, 0602, 0644, 0666, 0610, 0601};
    struct state_folder *folder = *state;
    struct server_keys server;
    struct workstation_keys workstation;
    keys_new_server(&server);
    keys_new_workstation(&workstation);
    assert_int_equal(keys_save_server(folder->file, &server), STATEFILE_OK);
    assert_int_equal(state_mode(folder->file), 0600);
    for (size_t i = 0; i < sizeof exposed / sizeof *exposed; i++) {
        assert_int_equal(chmod(folder->file, exposed[i]), 0);
        assert_server_refused(folder->file, STATEFILE_EXPOSED);
        assert_int_equal(state_mode(folder->file), exposed[i]);
    }
    assert_int_equal(chmod(folder->file, 0600), 0);
    assert_int_equal(keys_load_server(folder->file, &server), STATEFILE_OK);
    assert_int_equal(keys_save_workstation(folder->file, &workstation), STATEFILE_OK);
    assert_int_equal(state_mode(folder->file), 0600);
    assert_int_equal(chmod(folder->file, 0640), 0);
    assert_workstation_refused(folder->file, STATEFILE_EXPOSED);
}

static void an_absent_key_is_absent(void **state)
{
    struct state_folder *folder = *state;
    assert_server_refused(folder->file, STATEFILE_ABSENT);
    assert_workstation_refused(folder->file, STATEFILE_ABSENT);
    assert_int_equal(state_count(folder->path), 0);
}

static void assert_server_damaged(void *context)
{
    const struct state_folder *folder = context;
    assert_server_refused(folder->file, STATEFILE_DAMAGED);
}

static void assert_workstation_damaged(void *context)
{
    const struct state_folder *folder = context;
    assert_workstation_refused(folder->file, STATEFILE_DAMAGED);
}

static void a_file_that_is_cut_anywhere_is_damaged_and_kept(void **state)
{
    struct state_folder *folder = *state;
    state_put_text(folder->file, SERVER SEED "\n");
    state_each_truncation(folder->file, assert_server_damaged, folder);
    state_put_text(folder->file, WORKSTATION SEED "\n");
    state_each_truncation(folder->file, assert_workstation_damaged, folder);
}

/* Nobody's key is another kind's, and no half of a key is a key. */
static void a_file_of_other_content_is_damaged_and_kept(void **state)
{
    static const char *const damaged[] = {
        WORKSTATION SEED "\n",
        "practice-server-key 2 " SEED "\n",
        "practice-server-key 1" SEED "\n",
        "Practice-server-key 1 " SEED "\n",
        SERVER " " SEED "\n",
        SERVER SEED "\r\n",
        SERVER SEED " \n",
        SERVER SEED "\n\n",
        SERVER SEED "\n" SERVER SEED "\n",
        SERVER "\n",
        SERVER "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2==\n",
        SERVER "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2AA\n",
        SERVER "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\n",
        SERVER "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2B=\n",
        SERVER "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n",
        SERVER "nWGxne/9WmC6hEr0kuws ERJxWl7MmkZcDusAxyuf2A=\n",
        SERVER SEED SEED SEED SEED "\n",
    };
    struct state_folder *folder = *state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        state_put_text(folder->file, damaged[i]);
        assert_server_refused(folder->file, STATEFILE_DAMAGED);
        assert_holds_text(folder->file, damaged[i]);
    }
    state_put_text(folder->file, SERVER SEED "\n");
    assert_workstation_refused(folder->file, STATEFILE_DAMAGED);
}

static void a_nul_byte_is_damage(void **state)
{
    struct state_folder *folder = *state;
    char bytes[] = SERVER SEED "\n";
    for (size_t i = 0; i < sizeof bytes - 1; i++) {
        const char kept = bytes[i];
        bytes[i] = '\0';
        state_put(folder->file, bytes, sizeof bytes - 1, 0600);
        assert_server_refused(folder->file, STATEFILE_DAMAGED);
        bytes[i] = kept;
    }
}

static void a_key_that_cannot_be_saved_leaves_the_old_one(void **state)
{
    struct state_folder *folder = *state;
    struct server_keys server;
    struct workstation_keys workstation;
    keys_new_server(&server);
    keys_new_workstation(&workstation);
    state_put_text(folder->file, SERVER SEED "\n");
    state_break(folder);
    enum statefile_result server_result = keys_save_server(folder->file, &server);
    enum statefile_result workstation_result = keys_save_workstation(folder->file, &workstation);
    state_mend(folder);
    assert_int_equal(server_result, STATEFILE_FAILED);
    assert_int_equal(workstation_result, STATEFILE_FAILED);
    assert_holds_text(folder->file, SERVER SEED "\n");
    assert_int_equal(state_count(folder->path), 1);
}

static void a_public_key_is_44_letters_of_base64(void **state)
{
    (void)state;
    uint8_t bytes[32];
    char text[KEYS_PUBLIC_TEXT_MAX];
    assert_true(keys_public_from_text(PUBLIC, bytes));
    keys_public_to_text(bytes, text);
    assert_string_equal(text, PUBLIC);
    memset(bytes, 0xff, sizeof bytes);
    keys_public_to_text(bytes, text);
    assert_int_equal(strlen(text), 44);
    memset(bytes, 0, sizeof bytes);
    assert_true(keys_public_from_text(text, bytes));
    assert_int_equal(bytes[31], 0xff);
}

static void another_text_is_no_public_key_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "=",
        "AAAA",
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo==",
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= ",
        " 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp=",
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUQ==",
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURoA",
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        PUBLIC PUBLIC,
    };
    uint8_t before[32];
    uint8_t bytes[32];
    memset(before, 0xa5, sizeof before);
    memcpy(bytes, before, sizeof bytes);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (keys_public_from_text(wrong[i], bytes))
            fail_msg("taken: \"%s\"", wrong[i]);
        assert_memory_equal(bytes, before, sizeof bytes);
    }
}

static void fingerprints_are_ten_groups_of_four(void **state)
{
    (void)state;
    char hex[FINGERPRINT_HEX_MAX];
    char text[FINGERPRINT_TEXT_MAX];
    struct fingerprint fingerprint;
    for (size_t i = 0; i < sizeof fingerprint.bytes; i++)
        fingerprint.bytes[i] = (uint8_t)(0xf8 + i);
    keys_fingerprint_hex(&fingerprint, hex);
    assert_string_equal(hex, "f8f9fafbfcfdfeff000102030405060708090a0b");
    keys_fingerprint_text(&fingerprint, text);
    assert_string_equal(text, "f8f9-fafb-fcfd-feff-0001-0203-0405-0607-0809-0a0b");
    assert_int_equal(strlen(text), FINGERPRINT_TEXT_MAX - 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, state_set_up, state_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(random_bytes_differ_and_fill_the_whole),
        CASE(fresh_servers_have_keys_of_their_own_that_belong_together),
        CASE(fresh_workstations_have_keys_of_their_own_that_belong_together),
        CASE(wiped_keys_are_zeros),
        CASE(a_servers_key_is_read_back_whole),
        CASE(a_workstations_key_is_read_back_whole),
        CASE(the_file_is_one_line_with_the_seed_of_rfc_8032),
        CASE(the_file_is_for_its_owner_alone),
        CASE(an_absent_key_is_absent),
        CASE(a_file_that_is_cut_anywhere_is_damaged_and_kept),
        CASE(a_file_of_other_content_is_damaged_and_kept),
        CASE(a_nul_byte_is_damage),
        CASE(a_key_that_cannot_be_saved_leaves_the_old_one),
        CASE(a_public_key_is_44_letters_of_base64),
        CASE(another_text_is_no_public_key_and_changes_nothing),
        CASE(fingerprints_are_ten_groups_of_four),
    };
    return cmocka_run_group_tests(tests, state_start, NULL);
}
