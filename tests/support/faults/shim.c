/*
 * Stands between a program and the C library (LD_PRELOAD) and makes the system fail it where a test wants it to.
 *
 * What the program does to files below one folder, and what it sends, are its steps; they are counted over all threads.
 * At a step the process can be killed or sent a signal, a call can fail, and everything is written down in a report, so that
 * a test knows what lay on the disk at each moment, and what of it had been synced. The variables:
 *
 *   FAULTS_REPORT  where the report goes; without it nothing happens at all
 *   FAULTS_FOLDER  the folder whose files are watched
 *   FAULTS_DATA    1: the octets that are written and sent go into the report
 *   FAULTS_SIGNAL  STEP:SIGNAL       the process gets the signal before this step
 *   FAULTS_TEAR    1: ... and half of what this step writes is written before
 *   FAULTS_FAIL    CLASS:K:ERRNO:N   N calls of a class fail, the K-th first; N = 0: it and all that follow. ERRNO = 0: half is
 *                                    written. Classes: w write, s sync, o open, t truncate, u unlink, rename and mkdir,
 *                                    x close, r read, m mmap, c all that change anything, and opening to write
 *   FAULTS_CLOCK   SECONDS:STEP      the wall clock differs by so much from this step on
 *   FAULTS_TRAP    1: nothing may connect, nor make a socket of the Internet: the system refuses it, however it is asked
 *
 * Children of the process are left alone. Linux on x86-64 and AArch64.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { NOTHING, REGULAR, FOLDER, SOCKET };
enum { MOST_FILES = 4096 };

static int active, report = -1, with_data, tear, trap;
static pid_t owner;
static char folder[4096];
static size_t folder_length;
static unsigned steps, signal_step;
static int signal_number;
static char fail_class;
static unsigned fail_at, fail_times, fail_seen;
static int fail_errno;
static long clock_offset;
static unsigned clock_step;
static unsigned char kinds[MOST_FILES];
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

struct entry {
    char kind, class, pad[2];
    int fd;
    unsigned step, length;
    long offset, amount;
};

static void note(char kind, char class, int fd, long offset, long amount, const void *data, size_t length) {
    struct entry entry = {kind, class, {0, 0}, fd, steps, (unsigned)length, offset, amount};
    struct iovec parts[2] = {{&entry, sizeof entry}, {(void *)data, length}};
    syscall(SYS_writev, report, parts, length ? 2 : 1);
}

static int mine(void) { return active && syscall(SYS_getpid) == owner; }

static int below(const char *path) {
    return folder_length && !strncmp(path, folder, folder_length) && (path[folder_length] == '/' || !path[folder_length]);
}

static int kind_of(int fd) { return fd >= 0 && fd < MOST_FILES ? kinds[fd] : NOTHING; }

static int writes(char class) { return class == 'w' || class == 'n'; }

/* A step of this class is about to be taken: 0, or the number of the error that it ends in; -1 to write only half. */
static int due(char class, int changes) {
    int counts = fail_class == class || (fail_class == 'c' && changes);
    if (class != 'r' && class != 'm' && class != 'x') {
        steps++;
        if (signal_step && steps == signal_step && !(tear && writes(class))) {
            note('F', class, signal_number, 0, 0, 0, 0);
            syscall(SYS_kill, owner, signal_number);
        }
    }
    if (!counts) return 0;
    fail_seen++;
    if (fail_seen < fail_at || (fail_times && fail_seen >= fail_at + fail_times)) return 0;
    note('F', class, fail_errno, 0, 0, 0, 0);
    return fail_errno ? fail_errno : -1;
}

/* In the middle of writing `length` octets. */
static int torn(char class) { return tear && signal_step && steps == signal_step && writes(class); }

static void die(char class) {
    note('F', class, signal_number, 1, 0, 0, 0);
    syscall(SYS_kill, owner, signal_number);
}

static int failed(int error) {
    errno = error;
    return -1;
}

/* --- files ------------------------------------------------------------------------------------------------------ */

static int open_at(int at, const char *path, int flags, mode_t mode) {
    int created = 0, changes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT), error, fd;
    if (!mine() || !below(path)) return (int)syscall(SYS_openat, at, path, flags, mode);
    pthread_mutex_lock(&order);
    error = due('o', changes);
    if (error > 0) {
        pthread_mutex_unlock(&order);
        return failed(error);
    }
    if (flags & O_CREAT) created = syscall(SYS_faccessat, at, path, F_OK) != 0;
    fd = (int)syscall(SYS_openat, at, path, flags, mode);
    error = errno;
    if (fd >= 0) {
        struct stat status;
        int is_folder = !fstat(fd, &status) && S_ISDIR(status.st_mode);
        if (fd < MOST_FILES) kinds[fd] = is_folder ? FOLDER : REGULAR;
        note('o', 'o', fd, created | (changes ? 2 : 0) | (flags & O_TRUNC ? 4 : 0), 0, path, strlen(path));
    }
    pthread_mutex_unlock(&order);
    errno = error;
    return fd;
}

#define MODE_OF(flags, mode)                          \
    do {                                              \
        if ((flags) & (O_CREAT | O_TMPFILE)) {        \
            va_list rest;                             \
            va_start(rest, flags);                    \
            mode = va_arg(rest, mode_t);              \
            va_end(rest);                             \
        }                                             \
    } while (0)

int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    MODE_OF(flags, mode);
    return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    mode_t mode = 0;
    MODE_OF(flags, mode);
    return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int at, const char *path, int flags, ...) {
    mode_t mode = 0;
    MODE_OF(flags, mode);
    return open_at(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
    mode_t mode = 0;
    MODE_OF(flags, mode);
    return open_at(at, path, flags, mode);
}
int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
    int kind = kind_of(fd), error;
    if (kind == NOTHING || !mine()) return (int)syscall(SYS_close, fd);
    pthread_mutex_lock(&order);
    kinds[fd] = NOTHING;
    error = kind == REGULAR ? due('x', 1) : 0;
    note('c', 'x', fd, 0, 0, 0, 0);
    syscall(SYS_close, fd);
    pthread_mutex_unlock(&order);
    return error > 0 ? failed(error) : 0;
}

static ssize_t write_at(int fd, const void *data, size_t length, long offset, int placed) {
    ssize_t done;
    size_t wanted = length;
    int error;
    pthread_mutex_lock(&order);
    error = due('w', 1);
    if (error > 0) {
        pthread_mutex_unlock(&order);
        return failed(error);
    }
    if (error < 0 || torn('w')) wanted = (length + 1) / 2;
    if (!placed) offset = syscall(SYS_lseek, fd, 0L, SEEK_CUR);
    done = placed ? syscall(SYS_pwrite64, fd, data, wanted, offset) : syscall(SYS_write, fd, data, wanted);
    error = errno;
    if (done >= 0) note('w', 'w', fd, offset, done, data, with_data ? (size_t)done : 0);
    if (torn('w')) die('w');
    pthread_mutex_unlock(&order);
    errno = error;
    return done;
}

/* Octets for a peer, or for a person. */
static ssize_t send_on(int fd, const struct iovec *parts, int count, int flags) {
    char joined[65536];
    size_t length = 0;
    ssize_t done;
    int part, error;
    for (part = 0; part < count; part++) {
        size_t some = parts[part].iov_len;
        if (some > sizeof joined - length) some = sizeof joined - length;
        memcpy(joined + length, parts[part].iov_base, some);
        length += some;
    }
    pthread_mutex_lock(&order);
    due('n', 0);
    if (torn('n')) length = (length + 1) / 2;
    done = flags < 0 ? syscall(SYS_write, fd, joined, length) : syscall(SYS_sendto, fd, joined, length, flags, 0L, 0L);
    error = errno;
    if (done >= 0) note('n', 'n', fd, 0, done, joined, with_data ? (size_t)done : 0);
    if (torn('n')) die('n');
    pthread_mutex_unlock(&order);
    errno = error;
    return done;
}

ssize_t write(int fd, const void *data, size_t length) {
    int kind = kind_of(fd);
    struct iovec part = {(void *)data, length};
    if (!mine() || (kind != REGULAR && kind != SOCKET && fd != STDOUT_FILENO))
        return syscall(SYS_write, fd, data, length);
    return kind == REGULAR ? write_at(fd, data, length, 0, 0) : send_on(fd, &part, 1, -1);
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    if (kind_of(fd) != REGULAR || !mine()) return syscall(SYS_pwrite64, fd, data, length, offset);
    return write_at(fd, data, length, offset, 1);
}
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return pwrite(fd, data, length, offset); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!mine() || (kind_of(fd) != SOCKET && fd != STDOUT_FILENO)) return syscall(SYS_writev, fd, parts, count);
    return send_on(fd, parts, count, -1);
}
ssize_t send(int fd, const void *data, size_t length, int flags) {
    struct iovec part = {(void *)data, length};
    if (kind_of(fd) != SOCKET || !mine()) return syscall(SYS_sendto, fd, data, length, flags, 0L, 0L);
    return send_on(fd, &part, 1, flags);
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    if (kind_of(fd) != SOCKET || !mine()) return syscall(SYS_sendmsg, fd, message, flags);
    return send_on(fd, message->msg_iov, (int)message->msg_iovlen, flags);
}

static int sync_on(int fd, long number) {
    int kind = kind_of(fd), error;
    if ((kind != REGULAR && kind != FOLDER) || !mine()) return (int)syscall(number, fd);
    pthread_mutex_lock(&order);
    error = due('s', 1);
    if (error <= 0) {
        error = syscall(number, fd) ? errno : 0;
        if (!error) note('s', 's', fd, 0, 0, 0, 0);
    } else {
        note('l', 's', fd, 0, 0, 0, 0);
    }
    pthread_mutex_unlock(&order);
    return error ? failed(error) : 0;
}
int fsync(int fd) { return sync_on(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_on(fd, SYS_fdatasync); }

int ftruncate64(int fd, off64_t length) {
    int error;
    if (kind_of(fd) != REGULAR || !mine()) return (int)syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&order);
    error = due('t', 1);
    if (error <= 0) {
        error = syscall(SYS_ftruncate, fd, length) ? errno : 0;
        if (!error) note('t', 't', fd, length, 0, 0, 0);
    }
    pthread_mutex_unlock(&order);
    return error ? failed(error) : 0;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int name_change(char kind, const char *path, const char *to, long number, long a, long b, long c, long d) {
    char names[2 * 4096];
    size_t length = strlen(path);
    int error;
    if (!mine() || !(below(path) || (to && below(to)))) return (int)syscall(number, a, b, c, d, 0L);
    memcpy(names, path, length + 1);
    if (to) {
        memcpy(names + length + 1, to, strlen(to));
        length += 1 + strlen(to);
    }
    pthread_mutex_lock(&order);
    error = due('u', 1);
    if (error <= 0) {
        error = syscall(number, a, b, c, d, 0L) ? errno : 0;
        if (!error) note(kind, 'u', 0, 0, 0, names, length);
    }
    pthread_mutex_unlock(&order);
    return error ? failed(error) : 0;
}
int unlink(const char *path) { return name_change('u', path, 0, SYS_unlinkat, AT_FDCWD, (long)path, 0, 0); }
int rmdir(const char *path) { return name_change('u', path, 0, SYS_unlinkat, AT_FDCWD, (long)path, AT_REMOVEDIR, 0); }
int mkdir(const char *path, mode_t mode) { return name_change('m', path, 0, SYS_mkdirat, AT_FDCWD, (long)path, mode, 0); }
int rename(const char *from, const char *to) {
    return name_change('v', from, to, SYS_renameat2, AT_FDCWD, (long)from, AT_FDCWD, (long)to);
}

static int reading_fails(int fd, char class) {
    int error;
    if (fail_class != class || kind_of(fd) != REGULAR || !mine()) return 0;
    pthread_mutex_lock(&order);
    error = due(class, 0);
    pthread_mutex_unlock(&order);
    return error > 0 ? error : 0;
}
ssize_t read(int fd, void *data, size_t length) {
    int error = reading_fails(fd, 'r');
    return error ? failed(error) : syscall(SYS_read, fd, data, length);
}
ssize_t pread(int fd, void *data, size_t length, off_t offset) {
    int error = reading_fails(fd, 'r');
    return error ? failed(error) : syscall(SYS_pread64, fd, data, length, offset);
}
ssize_t pread64(int fd, void *data, size_t length, off64_t offset) { return pread(fd, data, length, offset); }

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
    int error = fd < 0 ? 0 : reading_fails(fd, 'm');
    if (error) {
        errno = error;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, length, protection, flags, fd, offset);
}
void *mmap64(void *at, size_t length, int protection, int flags, int fd, off64_t offset) {
    return mmap(at, length, protection, flags, fd, offset);
}

/* --- network ---------------------------------------------------------------------------------------------------- */

int connect(int fd, const struct sockaddr *address, socklen_t length) {
    int result;
    if (!mine() || trap) return (int)syscall(SYS_connect, fd, address, length);
    pthread_mutex_lock(&order);
    due('C', 0);
    note('C', 'C', fd, address->sa_family, 0, address, length);
    if (fd >= 0 && fd < MOST_FILES) kinds[fd] = SOCKET;
    result = (int)syscall(SYS_connect, fd, address, length);
    pthread_mutex_unlock(&order);
    return result;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    static int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    if (mine()) note('G', 'G', 0, 0, 0, name, name ? strlen(name) : 0);
    if (mine() && trap) return EAI_AGAIN;
    return next(name, service, hints, found);
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define ARGUMENT(context, n) ((context)->uc_mcontext.gregs[(n) ? REG_RSI : REG_RDI])
#define ANSWER(context) ((context)->uc_mcontext.gregs[REG_RAX])
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define ARGUMENT(context, n) ((context)->uc_mcontext.regs[n])
#define ANSWER(context) ((context)->uc_mcontext.regs[0])
#endif

static void trapped(int number, siginfo_t *info, void *state) {
    ucontext_t *context = state;
    int family = (int)ARGUMENT(context, 0);
    (void)number;
    if (info->si_syscall == SYS_connect) family = ((const struct sockaddr *)ARGUMENT(context, 1))->sa_family;
    note('C', info->si_syscall == SYS_connect ? 'C' : 'S', (int)ARGUMENT(context, 0), family, 0, 0, 0);
    ANSWER(context) = -EACCES;
}

static int set_trap(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 0, 7),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = trapped;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    if (sigaction(SIGSYS, &action, 0)) return -1;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* --- time ------------------------------------------------------------------------------------------------------- */

static long shift(void) { return mine() && steps >= clock_step ? clock_offset : 0; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += shift();
    return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int result = (int)syscall(SYS_gettimeofday, now, zone);
    if (!result) now->tv_sec += shift();
    return result;
}
time_t time(time_t *now) {
    struct timespec spec;
    clock_gettime(CLOCK_REALTIME, &spec);
    if (now) *now = spec.tv_sec;
    return spec.tv_sec;
}

/* --- the beginning ---------------------------------------------------------------------------------------------- */

__attribute__((constructor)) static void begin(void) {
    const char *names[] = {"FAULTS_REPORT", "FAULTS_FOLDER", "FAULTS_DATA", "FAULTS_SIGNAL", "FAULTS_TEAR",
                           "FAULTS_FAIL",   "FAULTS_CLOCK",  "FAULTS_TRAP", "LD_PRELOAD"};
    const char *value = getenv("FAULTS_REPORT");
    int fd;
    size_t name;
    if (!value) return;
    fd = (int)syscall(SYS_openat, AT_FDCWD, value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    /* Out of the way of what the program opens. */
    report = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 900);
    if (report < 0) _exit(120);
    syscall(SYS_close, fd);
    if ((value = getenv("FAULTS_FOLDER"))) {
        snprintf(folder, sizeof folder, "%s", value);
        folder_length = strlen(folder);
    }
    with_data = getenv("FAULTS_DATA") != 0;
    tear = getenv("FAULTS_TEAR") != 0;
    trap = getenv("FAULTS_TRAP") != 0;
    if ((value = getenv("FAULTS_SIGNAL"))) sscanf(value, "%u:%d", &signal_step, &signal_number);
    if ((value = getenv("FAULTS_FAIL"))) sscanf(value, "%c:%u:%d:%u", &fail_class, &fail_at, &fail_errno, &fail_times);
    if ((value = getenv("FAULTS_CLOCK"))) sscanf(value, "%ld:%u", &clock_offset, &clock_step);
    for (name = 0; name < sizeof names / sizeof *names; name++) unsetenv(names[name]);
    owner = (pid_t)syscall(SYS_getpid);
    active = 1;
    if (trap && set_trap()) _exit(121);
    note('B', 0, 0, 0, 0, 0, 0);
}

/* How many calls of the failing class there were. */
__attribute__((destructor)) static void end(void) {
    if (mine()) note('E', fail_class, 0, 0, fail_seen, 0, 0);
}
