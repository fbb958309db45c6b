/* The tables of a service as its migrations make them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/cmocka_all.h"
#include "support/fake/store.h"

#define TEXT_BYTES (1u << 20)

/* The part that leads up, of one file. */
static size_t read_up(const char *path, char *into, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t used = fread(into, 1, size - 1, file);
    (void)fclose(file);
    into[used] = '\0';
    char *down = strstr(into, "-- migrate:down");
    if (down) {
        *down = '\0';
    }
    return strlen(into);
}

char *store_migrations(const char *service)
{
    char folder[512];
    char path[1024];
    struct dirent **files = NULL;
    size_t used = 0;
    char *all = calloc(1, TEXT_BYTES);
    snprintf(folder, sizeof folder, HESHI_SOURCE_DIR "/services/%s/migrations", service);
    int count = scandir(folder, &files, NULL, alphasort);
    assert_true(all && count > 0);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]->d_name);
        if (strstr(path, ".sql")) {
            used += read_up(path, all + used, TEXT_BYTES - used);
        }
        free(files[i]);
    }
    free(files);
    return all;
}
