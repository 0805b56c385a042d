/* SPDX-License-Identifier: MIT
 *
 * replay.c: runs a fuzz target over the files of the folders given, so that ordinary test runs, without libFuzzer,
 * repeat the corpus and every crash that was ever found.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* The buffer has exactly the file's size, so that ASan sees a read beyond its end. */
static bool run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    bool done = false;

    if (!file || fseek(file, 0, SEEK_END) != 0)
        goto out;
    long size = ftell(file);
    if (size < 0)
        goto out;
    rewind(file);
    bytes = malloc((size_t)size);
    if (size > 0 && (!bytes || fread(bytes, (size_t)size, 1, file) != 1))
        goto out;
    LLVMFuzzerTestOneInput(bytes, (size_t)size);
    done = true;
out:
    free(bytes);
    if (file)
        fclose(file);
    return done;
}

/* How many files were run, -1 when one could not be read. */
static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    int count = folder ? 0 : -1;

    while (folder && count >= 0) {
        char file[4096];
        const struct dirent *entry = readdir(folder);
        if (!entry)
            break;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        printf("%s\n", file);
        fflush(stdout); /* the last line names the file that crashes */
        count = run_file(file) ? count + 1 : -1;
    }
    if (folder)
        closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int count = run_folder(argv[i]);
        if (count <= 0) {
            fprintf(stderr, "%s: %s\n", argv[i], count == 0 ? "no file in it" : "cannot be read");
            return EXIT_FAILURE;
        }
    }
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
