/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a run file. The empty database is built in memory and put into the folder whole, under its name, by linking an
 * unnamed file: at no moment can a kill leave a run file that does not open. SQLite then finds it in WAL mode already. */
#include "record/write/writer_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Offsets in the SQLite file format, section 1.3: 2 means WAL. */
enum { WRITE_VERSION_AT = 18, READ_VERSION_AT = 19, VERSION_WAL = 2 };

static int build_image(sqlite3 *database) {
    char pragmas[120], digest[200], hex[PB_HASH_HEX_SIZE];
    struct pb_header_digest empty;
    pb_header_digest_start(&empty);
    const struct pb_hash hash = pb_header_digest_finish(&empty);
    snprintf(digest, sizeof digest, "INSERT INTO header VALUES ('" PB_RUN_DIGEST_KEY "', '%s'); COMMIT",
             pb_hash_hex(&hash, hex));
    snprintf(pragmas, sizeof pragmas, "BEGIN; PRAGMA application_id = %d; PRAGMA user_version = %d",
             PB_RUN_APPLICATION_ID, PB_RUN_VERSION);
    int code = sqlite3_exec(database, pragmas, NULL, NULL, NULL);
    for (int i = 0; code == SQLITE_OK && i < PB_RUN_SCHEMA_COUNT; i++)
        code = sqlite3_exec(database, pb_run_schema[i].sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? sqlite3_exec(database, digest, NULL, NULL, NULL) : code;
}

/* The bytes of an empty run file, to be freed by sqlite3_free(). */
static unsigned char *make_image(size_t *ret_size) {
    sqlite3 *database = NULL;
    sqlite3_int64 size = 0;
    unsigned char *image = NULL;
    if (sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
        build_image(database) == SQLITE_OK)
        image = sqlite3_serialize(database, "main", &size, 0);
    sqlite3_close(database);
    if (!image) return NULL;
    image[WRITE_VERSION_AT] = image[READ_VERSION_AT] = VERSION_WAL;
    *ret_size = (size_t)size;
    return image;
}

static int write_all(int fd, const unsigned char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -1;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

static void folder_of(const char *path, char *ret_folder, size_t size) {
    const char *slash = strrchr(path, '/');
    if (!slash) snprintf(ret_folder, size, ".");
    else snprintf(ret_folder, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* Both leave errno. */
static int place_by_link(const char *path, const unsigned char *image, size_t size) {
    char folder[4096], unnamed[40];
    folder_of(path, folder, sizeof folder);
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0) return -1;
    snprintf(unnamed, sizeof unnamed, "/proc/self/fd/%d", fd);
    int result = write_all(fd, image, size);
    if (result == 0) result = linkat(AT_FDCWD, unnamed, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
    const int reason = errno;
    close(fd);
    errno = reason;
    return result;
}

static int place_by_name(const char *path, const unsigned char *image, size_t size) {
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0) return -1;
    int result = write_all(fd, image, size);
    const int reason = errno;
    close(fd);
    errno = reason;
    return result;
}

/* Some file systems (NFS, FAT) know no unnamed files. */
static int place(const char *path, const unsigned char *image, size_t size) {
    if (place_by_link(path, image, size) == 0) return 0;
    return errno == EOPNOTSUPP || errno == EISDIR || errno == EPERM || errno == EINVAL
               ? place_by_name(path, image, size)
               : -1;
}

/* Exclusive locking before the first access keeps the -wal's index in our memory: no -shm file, and no reader can make the
 * -wal grow. */
static int open_file(const char *path, sqlite3 **ret_database) {
    int code = sqlite3_open_v2(path, ret_database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, "unix");
    if (code != SQLITE_OK) return code;
    sqlite3_limit(*ret_database, SQLITE_LIMIT_LENGTH, 4 * PB_RUN_TEXT_MAX);
    return sqlite3_exec(*ret_database, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF", NULL, NULL, NULL);
}

enum pb_status pb_writer__make_file(const char *path, struct pb_writer *writer, struct pb_error *error) {
    size_t size;
    unsigned char *image = make_image(&size);
    if (!image) return pb_fail(error, PB_ERR_MEMORY, 0, path, "no memory for an empty run file");
    const int result = place(path, image, size);
    const int reason = errno;
    sqlite3_free(image);
    if (result != 0 && reason == EEXIST)
        return pb_fail(error, PB_ERR_BUSY, reason, path, "exists already, a run never overwrites");
    if (result != 0) return pb_fail(error, PB_ERR_IO, reason, path, "cannot be made: %s", strerror(reason));
    int code = open_file(path, &writer->database);
    if (code != SQLITE_OK) return pb_sqlite_fail(error, writer->database, code, path, "cannot be opened");
    return PB_OK;
}
