// One network card of a guest, tried and captured (tests/kernels/nic.sh):
//
//     nic burst OUT IN COUNT LENGTH   sends frames through OUT; IN is on the same wire
//     nic ring DEVICE LENGTH          asks for a receive ring of that length
//     nic capture DEVICE FOLDER       writes what its driver says
//
// burst sends COUNT UDP datagrams in frames of LENGTH bytes as fast as it can, to port 5353 of IN's
// IPv4 address, where it listens itself with a buffer that holds all of them. Prints how many
// arrived. OUT must have no address.
//
// capture writes the answers to ethtool's requests as raw bytes, each the kernel's structure of the
// request's name (linux/ethtool.h), and standard counters as the kernel's text.
//
// C without libraries, so that the static binary runs under any kernel in a guest that has no
// Python.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kPort = 5353, kBatch = 256, kLongest = 9000 };

static int control;  // a socket for requests that name a device

static struct ifreq request_for(const char* device) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  return request;
}

// The answer stays in `data`. 0, or the errno of a driver that does not answer.
static int ask_driver(const char* device, uint32_t command, void* data) {
  struct ifreq request = request_for(device);
  request.ifr_data = data;
  *(uint32_t*)data = command;
  return ioctl(control, SIOCETHTOOL, &request) < 0 ? errno : 0;
}

static void write_file(const char* folder, const char* name, const void* bytes, size_t size) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  const int target = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (target < 0 || write(target, bytes, size) != (ssize_t)size) err(1, "write %s", path);
  close(target);
}

// ── capture ──

static void capture_statistics(const char* device, const char* folder) {
  struct ethtool_drvinfo driver = {0};
  if (ask_driver(device, ETHTOOL_GDRVINFO, &driver) != 0 || driver.n_stats == 0) return;
  const size_t strings_size =
      sizeof(struct ethtool_gstrings) + (size_t)driver.n_stats * ETH_GSTRING_LEN;
  struct ethtool_gstrings* strings = calloc(1, strings_size);
  strings->string_set = ETH_SS_STATS;
  strings->len = driver.n_stats;
  if (ask_driver(device, ETHTOOL_GSTRINGS, strings) == 0) {
    write_file(folder, "ethtool_gstrings", strings, strings_size);
  }
  const size_t stats_size =
      sizeof(struct ethtool_stats) + (size_t)driver.n_stats * sizeof(uint64_t);
  struct ethtool_stats* stats = calloc(1, stats_size);
  stats->n_stats = driver.n_stats;
  if (ask_driver(device, ETHTOOL_GSTATS, stats) == 0) {
    write_file(folder, "ethtool_stats", stats, stats_size);
  }
}

static void capture_answer(const char* device, const char* folder, const char* name,
                           uint32_t command, size_t size) {
  char answer[4096] = {0};
  if (ask_driver(device, command, answer) == 0) write_file(folder, name, answer, size);
}

static void capture_counters(const char* device, const char* folder) {
  static const char* const kNames[] = {"rx_packets",     "rx_dropped",     "rx_missed_errors",
                                       "rx_fifo_errors", "rx_over_errors", "rx_errors",
                                       "rx_nohandler"};
  char text[2048];
  size_t used = 0;
  for (size_t i = 0; i < sizeof kNames / sizeof *kNames; ++i) {
    char path[256];
    char value[32] = {0};
    snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", device, kNames[i]);
    const int source = open(path, O_RDONLY);
    if (source < 0 || read(source, value, sizeof value - 1) <= 0) err(1, "read %s", path);
    close(source);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s %s", kNames[i], value);
  }
  write_file(folder, "statistics", text, used);
}

static void capture(const char* device, const char* folder) {
  capture_answer(device, folder, "ethtool_drvinfo", ETHTOOL_GDRVINFO,
                 sizeof(struct ethtool_drvinfo));
  capture_answer(device, folder, "ethtool_ringparam", ETHTOOL_GRINGPARAM,
                 sizeof(struct ethtool_ringparam));
  capture_answer(device, folder, "ethtool_channels", ETHTOOL_GCHANNELS,
                 sizeof(struct ethtool_channels));
  capture_answer(device, folder, "ethtool_coalesce", ETHTOOL_GCOALESCE,
                 sizeof(struct ethtool_coalesce));
  capture_statistics(device, folder);
  capture_counters(device, folder);
}

// ── ring ──

static void set_ring(const char* device, uint32_t length) {
  struct ethtool_ringparam ring = {0};
  const int unknown = ask_driver(device, ETHTOOL_GRINGPARAM, &ring);
  if (unknown) errx(1, "ring of %s: %s", device, strerror(unknown));
  ring.rx_pending = length;
  const int refused = ask_driver(device, ETHTOOL_SRINGPARAM, &ring);
  if (refused) errx(1, "ring of %u for %s: %s", length, device, strerror(refused));
}

// ── burst ──

static struct in_addr address_of(const char* device) {
  struct ifreq request = request_for(device);
  if (ioctl(control, SIOCGIFADDR, &request) < 0) err(1, "address of %s", device);
  return ((struct sockaddr_in*)&request.ifr_addr)->sin_addr;
}

static uint16_t header_sum(const struct iphdr* header) {
  uint32_t sum = 0;
  uint16_t words[sizeof *header / 2];
  memcpy(words, header, sizeof words);
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i) sum += words[i];
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t) ~(sum + (sum >> 16));
}

static void fill_frame(char* frame, size_t length, const char* in) {
  struct ethhdr* ethernet = (struct ethhdr*)frame;
  struct iphdr* ip = (struct iphdr*)(ethernet + 1);
  struct udphdr* udp = (struct udphdr*)(ip + 1);
  struct ifreq request = request_for(in);
  if (ioctl(control, SIOCGIFHWADDR, &request) < 0) err(1, "hardware address of %s", in);
  memset(frame, 0, length);
  memcpy(ethernet->h_dest, request.ifr_hwaddr.sa_data, ETH_ALEN);
  memcpy(ethernet->h_source, "\x02\0\0\0\0\1", ETH_ALEN);
  ethernet->h_proto = htons(ETH_P_IP);
  const struct in_addr to = address_of(in);
  *ip = (struct iphdr){.version = 4,
                       .ihl = 5,
                       .ttl = 64,
                       .protocol = IPPROTO_UDP,
                       .tot_len = htons((uint16_t)(length - sizeof *ethernet)),
                       .saddr = to.s_addr ^ htonl(3),
                       .daddr = to.s_addr};
  ip->check = header_sum(ip);
  *udp = (struct udphdr){.source = htons(40000),
                         .dest = htons(kPort),
                         .len = htons((uint16_t)(length - sizeof *ethernet - sizeof *ip))};
}

static int listener(const char* in) {
  const int receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  const struct sockaddr_in at = {
      .sin_family = AF_INET, .sin_port = htons(kPort), .sin_addr = address_of(in)};
  const int room = 128 << 20;
  if (bind(receiver, (const struct sockaddr*)&at, sizeof at) < 0 ||
      setsockopt(receiver, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0) {
    err(1, "receiver");
  }
  return receiver;
}

static long received_by(int receiver) {
  static char packet[kLongest];
  long received = 0;
  sleep(1);
  while (recv(receiver, packet, sizeof packet, 0) >= 0) ++received;
  return received;
}

static void burst(const char* out, const char* in, long count, size_t length) {
  static char frame[kLongest];
  if (length > sizeof frame || length < 64) errx(2, "frames are of 64 to %d bytes", kLongest);
  fill_frame(frame, length, in);
  const int receiver = listener(in);
  const int sender = socket(AF_PACKET, SOCK_RAW, 0);
  const int room = 64 << 20;
  setsockopt(sender, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  const struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(out)};
  if (bind(sender, (const struct sockaddr*)&to, sizeof to) < 0) err(1, "bind to %s", out);
  struct iovec part = {.iov_base = frame, .iov_len = length};
  struct mmsghdr batch[kBatch];
  memset(batch, 0, sizeof batch);
  for (int i = 0; i < kBatch; ++i)
    batch[i].msg_hdr = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
  long sent = 0;
  while (sent < count) {
    const long left = count - sent;
    const int done = sendmmsg(sender, batch, left < kBatch ? (unsigned)left : kBatch, 0);
    if (done > 0) sent += done;
    if (done < 0 && errno != ENOBUFS && errno != EAGAIN) err(1, "send");
  }
  printf("%ld\n", received_by(receiver));
}

int main(int argc, char** argv) {
  control = socket(AF_INET, SOCK_DGRAM, 0);
  if (argc == 6 && strcmp(argv[1], "burst") == 0) {
    burst(argv[2], argv[3], atol(argv[4]), (size_t)atol(argv[5]));
  } else if (argc == 4 && strcmp(argv[1], "ring") == 0) {
    set_ring(argv[2], (uint32_t)atol(argv[3]));
  } else if (argc == 4 && strcmp(argv[1], "capture") == 0) {
    capture(argv[2], argv[3]);
  } else {
    errx(2,
         "usage: nic burst OUT IN COUNT LENGTH | nic ring DEVICE LENGTH | nic capture DEVICE "
         "FOLDER");
  }
  return 0;
}
