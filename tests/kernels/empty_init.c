// The init of a system that has nothing but the static whydrop, `ip` with its libraries, and /proc:
// runs whydrop in it, writes what it answered as a tar to the fourth serial port, and ends.
// Nothing here leans on a shell, a /dev, a /tmp or an /etc; empty.sh builds the system,
// check_empty.py judges the answers.
//
// Three parts, each with a little more: /proc alone; an empty directory /sys, as most systems have
// one; /bin/sh and the kernel modules that nobody loads where there is no modprobe: veth, for the
// lab's scenarios, and those that tell of sockets.
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

typedef const char* const Words[];

static int created(const char* part, const char* name, const char* kind) {
  char path[128];
  snprintf(path, sizeof path, "/out/%s.%s%s", part, name, kind);
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) err(1, "create %s", path);
  return file;
}

static pid_t started(const char* part, const char* name, const char* const* words) {
  printf("empty: %s %s\n", part, name);  // to the console, which is shown if we come to no end
  fflush(stdout);
  const pid_t child = fork();
  if (child < 0) err(1, "fork");
  if (child > 0) return child;
  close(STDIN_FILENO);  // as a careless init may: there is no /dev/null to put in its place
  dup2(created(part, name, ".json"), STDOUT_FILENO);
  dup2(created(part, name, ".err"), STDERR_FILENO);
  execv(words[0], (char* const*)words);
  err(127, "run %s", words[0]);
}

static void await(const char* part, const char* name, pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) < 0) err(1, "wait for %s", name);
  dprintf(created(part, name, ".status"), "%d\n",
          WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void ran(const char* part, const char* name, const char* const* words) {
  await(part, name, started(part, name, words));
}

// RcvbufErrors, the sixth number of the second line of Udp in /proc/net/snmp.
static long lost_in_receive_buffers(void) {
  FILE* text = fopen("/proc/net/snmp", "r");
  if (!text) err(1, "open /proc/net/snmp");
  char line[4096];
  long lost = -1;
  while (fgets(line, sizeof line, text)) {
    sscanf(line, "Udp: %*d %*d %*d %*d %ld", &lost);
  }
  fclose(text);
  return lost;
}

// A loss that whydrop's traffic makes while whydrop looks: a reader that never reads. An emulated
// processor may take five seconds to load the probes.
static void lose(const char* part) {
  const long before = lost_in_receive_buffers();
  const pid_t reader = started(
      part, "received",
      (Words){"/bin/whydrop", "lab", "receive", "udp", "--port", "5353", "--bind", "127.0.0.1",
              "--rcvbuf", "4096", "--idle", "--max-time", "16", "--name", "reader", NULL});
  const pid_t look =
      started(part, "loss", (Words){"/bin/whydrop", "diagnose", "--json", "-t", "12", NULL});
  sleep(7);
  ran(part, "sent",
      (Words){"/bin/whydrop", "lab", "send", "udp", "--to", "127.0.0.1:5353", "--count", "200",
              "--size", "512", NULL});
  await(part, "loss", look);
  dprintf(created(part, "lost", ""), "%ld\n", lost_in_receive_buffers() - before);
  await(part, "received", reader);
}

// Every file there is, but for the kernel's own and ours.
static void list(int file, const char* folder) {
  DIR* entries = opendir(folder);
  if (!entries) err(1, "open %s", folder);
  for (struct dirent* entry; (entry = readdir(entries));) {
    char path[512];
    snprintf(path, sizeof path, "%s%s%s", folder, folder[1] ? "/" : "", entry->d_name);
    const int is_self = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    if (is_self || !strcmp(path, "/proc") || !strcmp(path, "/out")) continue;
    dprintf(file, "%s\n", path);
    if (entry->d_type == DT_DIR) list(file, path);
  }
  closedir(entries);
}

static void list_all(const char* part, const char* name) {
  const int file = created(part, name, "");
  list(file, "/");
  close(file);
}

static void run_part(const char* part) {
  list_all(part, "before");
  ran(part, "doctor", (Words){"/bin/whydrop", "doctor", "--json", NULL});
  ran(part, "idle", (Words){"/bin/whydrop", "diagnose", "-t", "2", "--json", NULL});
  lose(part);
  ran(part, "lab",
      (Words){"/bin/whydrop", "lab", "run", "udp.receive-buffer-full", "--json", NULL});
  list_all(part, "after");
}

static void load_module(const char* name) {
  char path[64];
  snprintf(path, sizeof path, "/held/%s.ko", name);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || syscall(SYS_finit_module, file, "", 0) != 0) err(1, "load %s", path);
}

// They were there all the time, where nobody looks for them.
static void add_shell_and_modules(void) {
  if (rename("/held/sh", "/bin/sh") != 0) err(1, "put /bin/sh in its place");
  load_module("inet_diag");
  load_module("tcp_diag");
  load_module("udp_diag");
  load_module("veth");
}

static void write_all(int port, const char* bytes, size_t size) {
  for (size_t at = 0; at < size;) {
    const ssize_t wrote = write(port, bytes + at, size - at);
    if (wrote < 0) err(1, "write to the serial port");
    at += (size_t)wrote;
  }
}

// One file as tar has it: a header of octal numbers, the content, both in blocks of 512 bytes.
static void archive(int port, const char* name, const char* bytes, size_t size) {
  char header[512] = {0};
  snprintf(header, 100, "%s", name);
  memcpy(header + 100,
         "0000644\0"
         "0000000\0"
         "0000000",
         24);
  snprintf(header + 124, 12, "%011o", (unsigned)size);
  memcpy(header + 136, "00000000000", 12);
  memcpy(header + 148,
         "        "
         "0",
         9);
  memcpy(header + 257,
         "ustar\0"
         "00",
         8);
  unsigned sum = 0;
  for (size_t at = 0; at < sizeof header; ++at) sum += (unsigned char)header[at];
  snprintf(header + 148, 8, "%06o", sum);
  write_all(port, header, sizeof header);
  write_all(port, bytes, size);
  write_all(port, (char[512]){0}, (512 - size % 512) % 512);
}

static void archive_all(int port) {
  DIR* entries = opendir("/out");
  if (!entries) err(1, "open /out");
  for (struct dirent* entry; (entry = readdir(entries));) {
    if (entry->d_type != DT_REG) continue;
    static char bytes[1 << 20];
    const int file = openat(dirfd(entries), entry->d_name, O_RDONLY);
    const ssize_t size = file < 0 ? -1 : read(file, bytes, sizeof bytes);
    if (size < 0) err(1, "read %s", entry->d_name);
    close(file);
    archive(port, entry->d_name, bytes, (size_t)size);
  }
  archive(port, ".status", "0\n", 2);
  write_all(port, (char[1024]){0}, 1024);
}

// The serial port as bytes, without a name that a program could find.
static int opened_port(unsigned number) {
  if (mknod("/port", S_IFCHR | 0600, makedev(4, 64 + number)) != 0) err(1, "make a device");
  const int port = open("/port", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (port < 0) err(1, "open the serial port %u", number);
  unlink("/port");
  struct termios raw;
  tcgetattr(port, &raw);
  cfmakeraw(&raw);
  tcsetattr(port, TCSANOW, &raw);
  return port;
}

int main(void) {
  mkdir("/proc", 0555);
  mkdir("/out", 0755);
  if (mount("proc", "/proc", "proc", 0, NULL) != 0) err(1, "mount /proc");
  const int port = opened_port(3);
  ran("init", "lo", (Words){"/bin/ip", "link", "set", "lo", "up", NULL});
  run_part("proc");
  mkdir("/sys", 0555);
  run_part("sys");
  add_shell_and_modules();
  run_part("full");
  archive_all(port);
  tcdrain(port);
  reboot(RB_AUTOBOOT);
  return 1;
}
