// Put in front of a program by LD_PRELOAD: a disk whose every flush takes POPPET_FLUSH_US microseconds longer.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static int slowly(const char *name, int fd) {
    int (*flush)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = flush(fd), error = errno;
    const char *microseconds = getenv("POPPET_FLUSH_US");
    long wait = microseconds ? atol(microseconds) : 0;
    struct timespec left = {wait / 1000000, wait % 1000000 * 1000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
    errno = error;
    return result;
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
