#include "lab/traffic/taps.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>

#include <array>
#include <cerrno>
#include <vector>

namespace lab::traffic {
namespace {

using std::chrono::steady_clock;

// Classic BPF that walks over `length` instructions and then takes nothing of the packet: no copy
// is made, and nothing is dropped (packet_rcv).
std::vector<sock_filter> long_way_to_nothing(size_t length) {
  std::vector<sock_filter> program(length, sock_filter BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1));
  program.push_back(sock_filter BPF_STMT(BPF_RET | BPF_K, 0));
  return program;
}

base::Result<base::Descriptor> tap(unsigned device, std::vector<sock_filter>& program) {
  auto opened = TRY(open_socket(AF_PACKET, SOCK_DGRAM, 0));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (setsockopt(opened.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) != 0) {
    return base::system_failure("attach a filter", errno);
  }
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_protocol = htons(ETH_P_IP);
  at.sll_ifindex = static_cast<int>(device);
  if (bind(opened.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0) {
    return base::system_failure("tap a device", errno);
  }
  return opened;
}

}  // namespace

base::Result<Counts> tap_packets(const Common& common, const std::string& device,
                                 std::uint64_t count) {
  const unsigned index = if_nametoindex(device.c_str());
  if (index == 0) return base::system_failure("find device " + device, errno);
  // A socket may hold 20 KiB of filters and options (net.core.optmem_max before 6.11).
  auto program = long_way_to_nothing(1000);
  std::vector<base::Descriptor> taps;
  while (taps.size() < count) taps.push_back(TRY(tap(index, program)));
  TRY(go_to_background(common));
  const Limit limit(common.longest);
  limit.sleep_until(steady_clock::now() + common.longest);
  return Counts{.name = common.name, .unit = "taps"};
}

}  // namespace lab::traffic
