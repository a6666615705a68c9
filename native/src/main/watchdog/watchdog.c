// l4lb-watchdog INTERFACE STALL_MS PROGRESS_FILE WORKERS
//
// Watches the workers of a node from a process of its own and takes the node's tun device down when one of them stands still:
// all routes through it are gone then, and with them all announcements. What stops the JVM (a pause, SIGSTOP, a swapped-out
// page) does not stop this process; for what ends the JVM no watchdog is needed, the device vanishes with it.
//
//   in:   PROGRESS_FILE, 64 bytes a worker; the first 8 change with each pass of its loop
//   out:  "watching", "stalled WORKER", "moving", a line each
//   end:  when standard input closes, which it does with the node
//
// Bringing the device up again is left to the node, which knows for how long all has to be well before that.
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LOOKS = 5, CELL_BYTES = 64, WORKERS_MAX = 64 };

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Each time anew: while it stands still, the device must not come up either.
static void take_down(int control, const char *interface) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
  if (ioctl(control, SIOCGIFFLAGS, &request) != 0 || !(request.ifr_flags & IFF_UP)) return;
  request.ifr_flags &= ~IFF_UP;
  if (ioctl(control, SIOCSIFFLAGS, &request) != 0) fprintf(stderr, "cannot take %s down: %s\n", interface, strerror(errno));
}

// A worker's passes, looked at again and again.
struct watched {
  uint64_t passes;
  int same; // looks in a row that found no change
};

// The first worker whose loop stands still, or -1. A single look may come late, so time alone proves nothing: it takes LOOKS.
static int stalled_worker(const volatile char *cells, struct watched *watched, int workers) {
  int stalled = -1;
  for (int i = workers - 1; i >= 0; i--) {
    uint64_t passes = *(const volatile uint64_t *)(cells + i * CELL_BYTES);
    watched[i].same = passes == watched[i].passes ? watched[i].same + (watched[i].same < LOOKS) : 0;
    watched[i].passes = passes;
    if (watched[i].same >= LOOKS) stalled = i;
  }
  return stalled;
}

static const char *map_progress(const char *path, int workers) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return NULL;
  const char *cells = mmap(NULL, (size_t)workers * CELL_BYTES, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return cells == MAP_FAILED ? NULL : cells;
}

static void watch(const char *interface, int stall_ms, const char *cells, int workers, int control) {
  static struct watched watched[WORKERS_MAX];
  struct pollfd node = {.fd = STDIN_FILENO, .events = POLLIN};
  int look_ms = stall_ms / LOOKS, was_stalled = 0;
  int64_t looked_ms = now_ms();
  puts("watching");
  while (poll(&node, 1, look_ms) <= 0) {
    int64_t ms = now_ms();
    // this process itself was held up, so perhaps the whole machine: what was not seen in between counts as movement
    if (ms - looked_ms > stall_ms)
      for (int i = 0; i < workers; i++) watched[i].same = 0;
    looked_ms = ms;
    int stalled = stalled_worker(cells, watched, workers);
    if (stalled >= 0) take_down(control, interface);
    if (stalled >= 0 && !was_stalled) printf("stalled %d\n", stalled);
    if (stalled < 0 && was_stalled) puts("moving");
    was_stalled = stalled >= 0;
  }
}

int main(int argc, char **argv) {
  int stall_ms = argc == 5 ? atoi(argv[2]) : 0, workers = argc == 5 ? atoi(argv[4]) : 0;
  if (stall_ms < LOOKS || workers < 1 || workers > WORKERS_MAX) {
    fprintf(stderr, "usage: l4lb-watchdog INTERFACE STALL_MS PROGRESS_FILE WORKERS; run by l4lb itself\n");
    return 2;
  }
  // Ctrl-C and a service manager's SIGTERM may reach the whole group; this process ends after the node.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *cells = map_progress(argv[3], workers);
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (!cells || control < 0) {
    fprintf(stderr, "cannot watch %s: %s\n", argv[3], strerror(errno));
    return 1;
  }
  // Best effort: a watchdog that waits for a CPU or for its own pages is a slow one.
  if (setpriority(PRIO_PROCESS, 0, -20) != 0 || mlockall(MCL_CURRENT) != 0) fprintf(stderr, "runs without priority\n");
  watch(argv[1], stall_ms, cells, workers, control);
  return 0;
}
