/* Loaded before the C library into a process that is to die: it kills itself before the n-th step that changes anything on the disk, n being
 * TRAILSIGHT_TEST_DIES_AT. What is left behind is what kill -9 leaves there. Whatever makes its system calls by itself is not seen. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long steps;

static void step(void) {
  static atomic_long dies_at = 0;
  if (!dies_at) {
    const char *said = getenv("TRAILSIGHT_TEST_DIES_AT");
    dies_at = said ? atol(said) : -1;
  }
  if (atomic_fetch_add(&steps, 1) + 1 == dies_at) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
}

static int is_file(int fd) {
  struct stat of;
  return fstat(fd, &of) == 0 && S_ISREG(of.st_mode);
}

#define NEXT(name) \
  static __typeof__(name) *next; \
  if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

int fsync(int fd) { NEXT(fsync); step(); return next(fd); }
int fdatasync(int fd) { NEXT(fdatasync); step(); return next(fd); }
int rename(const char *from, const char *to) { NEXT(rename); step(); return next(from, to); }
int linkat(int a, const char *from, int b, const char *to, int flags) { NEXT(linkat); step(); return next(a, from, b, to, flags); }
int link(const char *from, const char *to) { NEXT(link); step(); return next(from, to); }
int unlink(const char *path) { NEXT(unlink); step(); return next(path); }
int mkdir(const char *path, mode_t mode) { NEXT(mkdir); step(); return next(path, mode); }
int ftruncate64(int fd, off64_t length) { NEXT(ftruncate64); step(); return next(fd, length); }
ssize_t write(int fd, const void *bytes, size_t count) { NEXT(write); if (is_file(fd)) step(); return next(fd, bytes, count); }
ssize_t writev(int fd, const struct iovec *parts, int count) { NEXT(writev); if (is_file(fd)) step(); return next(fd, parts, count); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { NEXT(pwrite64); if (is_file(fd)) step(); return next(fd, bytes, count, at); }
