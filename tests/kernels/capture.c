// Makes traffic with known losses in the network namespace it runs in, then writes what the kernel
// says of it to FOLDER: text of /proc as it is, netlink dumps as the raw bytes of the answers
// (nlmsghdr and all).
//
//     capture FOLDER [SECONDS]
//
// Afterwards the sockets stay open for SECONDS.
//
// C without libraries, so that the static binary runs under any kernel in a guest that has no
// Python. File names and requests are those of tests/captures/capture.py.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[1 << 20];

static int open_target(const char* folder, const char* name) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  const int target = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (target < 0) err(1, "create %s", path);
  return target;
}

static void write_all(int target, const char* bytes, ssize_t size) {
  if (write(target, bytes, (size_t)size) != size) err(1, "write");
}

// A file that this kernel does not have is left out: its absence is a fact, too.
static void copy_text(const char* source_path, const char* folder, const char* name) {
  const int source = open(source_path, O_RDONLY);
  if (source < 0) return;
  const int target = open_target(folder, name);
  ssize_t size;
  while ((size = read(source, buffer, sizeof buffer)) > 0) write_all(target, buffer, size);
  if (size < 0) err(1, "read %s", source_path);
  close(source);
  close(target);
}

static void copy_proc(const char* folder) {
  static const char* const kNames[] = {
      "snmp", "netstat", "snmp6", "softnet_stat", "sockstat",  "sockstat6", "dev",
      "udp",  "udp6",    "tcp",   "tcp6",         "protocols", "ptype",     "xfrm_stat"};
  char from[512];
  char to[512];
  for (size_t i = 0; i < sizeof kNames / sizeof *kNames; ++i) {
    snprintf(from, sizeof from, "/proc/thread-self/net/%s", kNames[i]);
    copy_text(from, folder, kNames[i]);
  }
  snprintf(to, sizeof to, "%s/stat", folder);
  mkdir(to, 0755);
  DIR* statistics = opendir("/proc/thread-self/net/stat");
  if (!statistics) err(1, "open /proc/thread-self/net/stat");
  for (struct dirent* entry; (entry = readdir(statistics));) {
    if (entry->d_name[0] == '.') continue;
    snprintf(from, sizeof from, "/proc/thread-self/net/stat/%s", entry->d_name);
    copy_text(from, to, entry->d_name);
  }
  closedir(statistics);
}

// Whether the run of messages holds the end of a dump.
static int is_last(const char* messages, ssize_t size) {
  const struct nlmsghdr* header = (const struct nlmsghdr*)messages;
  for (; NLMSG_OK(header, (unsigned)size); header = NLMSG_NEXT(header, size)) {
    if (header->nlmsg_type == NLMSG_ERROR) errx(1, "the kernel refuses a dump");
    if (header->nlmsg_type == NLMSG_DONE) return 1;
  }
  return 0;
}

static void dump(const char* folder, const char* name, int family, unsigned short type,
                 const void* payload, size_t payload_size) {
  struct {
    struct nlmsghdr header;
    char payload[128];
  } request = {.header = {.nlmsg_len = (unsigned)(NLMSG_HDRLEN + payload_size),
                          .nlmsg_type = type,
                          .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                          .nlmsg_seq = 1}};
  memcpy(request.payload, payload, payload_size);
  const int socket_fd = socket(AF_NETLINK, SOCK_RAW, family);
  if (socket_fd < 0) err(1, "netlink socket %d", family);
  if (send(socket_fd, &request, request.header.nlmsg_len, 0) < 0) err(1, "send %s", name);
  const int target = open_target(folder, name);
  for (int last = 0; !last;) {
    const ssize_t size = recv(socket_fd, buffer, sizeof buffer, 0);
    if (size < 0) err(1, "receive %s", name);
    write_all(target, buffer, size);
    last = is_last(buffer, size);
  }
  close(target);
  close(socket_fd);
}

static void dump_sockets(const char* folder, const char* name, int family, int protocol,
                         unsigned states) {
  const struct inet_diag_req_v2 request = {.sdiag_family = (unsigned char)family,
                                           .sdiag_protocol = (unsigned char)protocol,
                                           .idiag_ext = 1 << (INET_DIAG_MEMINFO - 1) |
                                                        1 << (INET_DIAG_INFO - 1) |
                                                        1 << (INET_DIAG_SKMEMINFO - 1),
                                           .idiag_states = states};
  dump(folder, name, NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, &request, sizeof request);
}

static void dump_netlink(const char* folder) {
  const unsigned listen_state = 1u << 10;
  const struct ifinfomsg any_link = {.ifi_family = AF_UNSPEC};
  const struct tcmsg any_qdisc = {.tcm_family = AF_UNSPEC};
  dump(folder, "rtm_getlink.bin", NETLINK_ROUTE, RTM_GETLINK, &any_link, sizeof any_link);
  dump(folder, "rtm_getqdisc.bin", NETLINK_ROUTE, RTM_GETQDISC, &any_qdisc, sizeof any_qdisc);
  dump_sockets(folder, "sock_diag_udp4.bin", AF_INET, IPPROTO_UDP, ~0u);
  dump_sockets(folder, "sock_diag_udp6.bin", AF_INET6, IPPROTO_UDP, ~0u);
  dump_sockets(folder, "sock_diag_tcp4_listen.bin", AF_INET, IPPROTO_TCP, listen_state);
  dump_sockets(folder, "sock_diag_tcp6_listen.bin", AF_INET6, IPPROTO_TCP, listen_state);
  dump_sockets(folder, "sock_diag_tcp4.bin", AF_INET, IPPROTO_TCP, ~listen_state);
}

static struct sockaddr_in address4(const char* text, unsigned short port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, text, &address.sin_addr);
  return address;
}

static int opened(int family, int type) {
  const int fd = socket(family, type, 0);
  if (fd < 0) err(1, "socket");
  return fd;
}

static void bind_to(int fd, const void* address, socklen_t size) {
  if (bind(fd, address, size) < 0) err(1, "bind");
}

static void send_datagrams(int fd, int count, size_t size, struct sockaddr_in to) {
  // A full queue or an earlier "port unreachable" answers with an error; that is the point here.
  for (int i = 0; i < count; ++i)
    (void)!sendto(fd, buffer, size, 0, (struct sockaddr*)&to, sizeof to);
}

static void make_udp_traffic(void) {
  // A receiver that never reads: 200 datagrams into a small buffer.
  const int deaf = opened(AF_INET, SOCK_DGRAM);
  const int small = 4096;
  setsockopt(deaf, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  const struct sockaddr_in deaf_address = address4("127.0.0.1", 5353);
  bind_to(deaf, &deaf_address, sizeof deaf_address);
  const int sender = opened(AF_INET, SOCK_DGRAM);
  send_datagrams(sender, 200, 512, deaf_address);
  send_datagrams(sender, 1, 1, address4("127.0.0.1", 9));     // nobody listens
  send_datagrams(sender, 50, 1000, address4("10.9.0.2", 9));  // more than veth0's bucket takes
  // A dual-stack socket and a connected one.
  const struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(5354)};
  bind_to(opened(AF_INET6, SOCK_DGRAM), &any, sizeof any);
  const struct sockaddr_in6 loopback = {
      .sin6_family = AF_INET6, .sin6_port = htons(5355), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in6 peer = loopback;
  peer.sin6_port = htons(5354);
  const int connected = opened(AF_INET6, SOCK_DGRAM);
  bind_to(connected, &loopback, sizeof loopback);
  if (connect(connected, (struct sockaddr*)&peer, sizeof peer) < 0) err(1, "connect");
}

// A listener that never accepts, with a queue of 2: it takes three, the fourth overflows.
static void make_tcp_traffic(void) {
  const struct sockaddr_in any = address4("0.0.0.0", 8080);
  const struct sockaddr_in server = address4("127.0.0.1", 8080);
  const int listener = opened(AF_INET, SOCK_STREAM);
  bind_to(listener, &any, sizeof any);
  if (listen(listener, 2) < 0) err(1, "listen");
  const struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(8081)};
  const int listener6 = opened(AF_INET6, SOCK_STREAM);
  bind_to(listener6, &any6, sizeof any6);
  if (listen(listener6, 5) < 0) err(1, "listen");
  for (int i = 0; i < 3; ++i) {
    const int client = opened(AF_INET, SOCK_STREAM);
    if (connect(client, (const struct sockaddr*)&server, sizeof server) < 0) err(1, "connect");
    if (i == 0) (void)!send(client, buffer, 1234, 0);
  }
  const int extra = opened(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  (void)!connect(extra, (const struct sockaddr*)&server, sizeof server);
}

int main(int argc, char** argv) {
  if (argc < 2) errx(2, "usage: capture FOLDER [SECONDS]");
  mkdir(argv[1], 0755);
  make_udp_traffic();
  make_tcp_traffic();
  sleep(1);  // the bucket drains and the last connection is tried again
  copy_proc(argv[1]);
  dump_netlink(argv[1]);
  if (argc > 2) sleep((unsigned)atoi(argv[2]));
  return 0;
}
