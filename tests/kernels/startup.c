// How long a tracer takes from its start until its probe is attached to kfree_skb:
//
//     startup COMMAND [ARG]...
//
// Prints milliseconds. A probe is a link of BPF, or a perf event on the tracepoint: which of its
// perf events that is, the kernel is asked (BPF_TASK_FD_QUERY), for a tracer has others. The tracer
// is then ended. Exit status 0, or 1 where nothing was attached within a minute.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int is_on_kfree_skb(pid_t pid, int fd) {
  char name[64] = "";
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.task_fd_query.pid = (unsigned)pid;
  attr.task_fd_query.fd = (unsigned)fd;
  attr.task_fd_query.buf = (unsigned long)name;
  attr.task_fd_query.buf_len = sizeof name;
  return syscall(SYS_bpf, BPF_TASK_FD_QUERY, &attr, sizeof attr) == 0 &&
         strcmp(name, "kfree_skb") == 0;
}

static int is_attached(pid_t pid) {
  char folder[64];
  snprintf(folder, sizeof folder, "/proc/%d/fd", pid);
  DIR* open_files = opendir(folder);
  if (!open_files) return 0;
  int found = 0;
  for (struct dirent* entry; !found && (entry = readdir(open_files));) {
    char target[PATH_MAX];
    const ssize_t length = readlinkat(dirfd(open_files), entry->d_name, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = 0;
    found = !strcmp(target, "anon_inode:bpf_link") ||
            (strstr(target, "perf_event") && is_on_kfree_skb(pid, atoi(entry->d_name)));
  }
  closedir(open_files);
  return found;
}

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const double start = now_ms();
  const pid_t pid = fork();
  if (pid == 0) {
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execvp(arguments[1], arguments + 1);
    _exit(127);
  }
  int attached = 0;
  const struct timespec pause = {0, 1000000};
  while (!attached && now_ms() - start < 60e3 && waitpid(pid, NULL, WNOHANG) == 0) {
    attached = is_attached(pid);
    if (!attached) nanosleep(&pause, NULL);
  }
  const double took = now_ms() - start;
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  if (!attached) return 1;
  printf("%.0f\n", took);
  return 0;
}
