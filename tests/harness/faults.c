/* Disks and clocks as they are on small machines: full, read-only, stalled, set. Loaded into a program by LD_PRELOAD.
 *
 * In: the file that FAULTS_CONTROL names, mapped, so that whoever writes there gives orders while the program runs.
 * Out: system calls of the C library that fail, wait, or tell another time. Only what lies below the ordered folder is
 * touched, and only what a kernel would refuse: a full disk gives no room but lets files go; a read-only one is read.
 * Without an order a call costs one look into memory. Linux only. Calls that go past the C library are not seen.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { NONE, FULL, READ_ONLY, STALLED };

/* As `faults.py` writes it. */
struct orders {
    int32_t disk;
    int32_t hanging; /* Written here: as many flushes hang now. */
    int64_t clock_ahead_seconds;
    char folder[4080];
};

static struct orders *orders;

__attribute__((constructor)) static void listen_for_orders(void) {
    const char *path = getenv("FAULTS_CONTROL");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) {
        fputs("faults: FAULTS_CONTROL names no file that can be mapped\n", stderr);
        abort();
    }
    close(file);
    __atomic_store_n(&orders, mapped, __ATOMIC_RELEASE);
}

/* The next function of this name: the C library's own. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CALL(name, ...) \
    ({ \
        static __typeof__(&name) real; \
        if (!__atomic_load_n(&real, __ATOMIC_RELAXED)) __atomic_store_n(&real, REAL(name), __ATOMIC_RELAXED); \
        real(__VA_ARGS__); \
    })

static int order(void) {
    struct orders *given = __atomic_load_n(&orders, __ATOMIC_ACQUIRE);
    return given ? __atomic_load_n(&given->disk, __ATOMIC_ACQUIRE) : NONE;
}

static int is_below(const char *path) {
    size_t length = strlen(orders->folder);
    return length && !strncmp(path, orders->folder, length) && (path[length] == '/' || !path[length]);
}

static int is_file_below(int file) {
    char name[64], path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t length = readlink(name, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return is_below(path);
}

static int refusal(int ordered) { return ordered == FULL ? ENOSPC : ordered == READ_ONLY ? EROFS : 0; }

/* What is wrong with writing to an open file; 0 when nothing is. */
static int trouble_writing(int file) {
    int error = refusal(order());
    return error && is_file_below(file) ? error : 0;
}

/* What is wrong with changing names in a folder; a full disk still lets them go and change. */
static int trouble_naming(const char *path, int takes_room) {
    int ordered = order();
    return (ordered == READ_ONLY || (ordered == FULL && takes_room)) && is_below(path) ? refusal(ordered) : 0;
}

/* What is wrong with opening. A file that is there and must not be is told as such, as by a kernel. */
static int trouble_opening(const char *path, int flags) {
    int ordered = order();
    if (!refusal(ordered) || !is_below(path)) return 0;
    int is_there = !access(path, F_OK);
    if (is_there && (flags & O_CREAT) && (flags & O_EXCL)) return 0;
    int takes_room = !is_there && (flags & O_CREAT);
    int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);
    return takes_room || (ordered == READ_ONLY && is_there && writes) ? refusal(ordered) : 0;
}

#define FAIL_IF(trouble) \
    do { \
        int error = (trouble); \
        if (error) { \
            errno = error; \
            return -1; \
        } \
    } while (0)

/* --- the disk --- */

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        FAIL_IF(trouble_opening(path, flags)); \
        return CALL(name, path, flags, mode); \
    }
#define OPENS_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        FAIL_IF(trouble_opening(path, flags)); \
        return CALL(name, folder, path, flags, mode); \
    }
OPENS(open)
OPENS(open64)
OPENS_AT(openat)
OPENS_AT(openat64)

#define WRITES(type, name, parameters, ...) \
    type name parameters { \
        FAIL_IF(trouble_writing(file)); \
        return CALL(name, __VA_ARGS__); \
    }
WRITES(ssize_t, write, (int file, const void *bytes, size_t length), file, bytes, length)
WRITES(ssize_t, writev, (int file, const struct iovec *pieces, int count), file, pieces, count)
WRITES(ssize_t, pwrite, (int file, const void *bytes, size_t length, off_t at), file, bytes, length, at)
WRITES(ssize_t, pwrite64, (int file, const void *bytes, size_t length, off64_t at), file, bytes, length, at)
WRITES(int, ftruncate, (int file, off_t length), file, length)
WRITES(int, ftruncate64, (int file, off64_t length), file, length)
WRITES(int, fallocate, (int file, int mode, off_t at, off_t length), file, mode, at, length)
WRITES(int, fallocate64, (int file, int mode, off64_t at, off64_t length), file, mode, at, length)

/* These two return the error. */
int posix_fallocate(int file, off_t at, off_t length) {
    int error = trouble_writing(file);
    return error ? error : CALL(posix_fallocate, file, at, length);
}
int posix_fallocate64(int file, off64_t at, off64_t length) {
    int error = trouble_writing(file);
    return error ? error : CALL(posix_fallocate64, file, at, length);
}

int mkdir(const char *path, mode_t mode) {
    FAIL_IF(access(path, F_OK) ? trouble_naming(path, 1) : 0);
    return CALL(mkdir, path, mode);
}
int rename(const char *from, const char *to) {
    FAIL_IF(trouble_naming(to, 0));
    return CALL(rename, from, to);
}
int unlink(const char *path) {
    FAIL_IF(trouble_naming(path, 0));
    return CALL(unlink, path);
}

static void wait_while_stalled(int file) {
    if (order() != STALLED || !is_file_below(file)) return;
    __atomic_add_fetch(&orders->hanging, 1, __ATOMIC_RELAXED);
    while (order() == STALLED) usleep(10 * 1000);
    __atomic_sub_fetch(&orders->hanging, 1, __ATOMIC_RELAXED);
}
int fsync(int file) {
    wait_while_stalled(file);
    return CALL(fsync, file);
}
int fdatasync(int file) {
    wait_while_stalled(file);
    return CALL(fdatasync, file);
}

/* --- the clock: whatever reads the wall clock, and the one wait of Python's that ends by it --- */

static int64_t ahead(void) {
    struct orders *given = __atomic_load_n(&orders, __ATOMIC_ACQUIRE);
    return given ? __atomic_load_n(&given->clock_ahead_seconds, __ATOMIC_RELAXED) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = CALL(clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead();
    return failed;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int failed = CALL(gettimeofday, now, zone);
    if (!failed) now->tv_sec += ahead();
    return failed;
}
time_t time(time_t *kept) {
    time_t now = CALL(time, NULL) + ahead();
    if (kept) *kept = now;
    return now;
}
int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    struct timespec kernels = *until;
    kernels.tv_sec -= ahead();
    return CALL(sem_timedwait, semaphore, &kernels);
}
