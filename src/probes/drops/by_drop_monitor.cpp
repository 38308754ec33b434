// The third rung: the kernel's drop monitor (NET_DM), which needs no eBPF. It sends each dropped
// packet by netlink, or counts those it has no room for; user space keeps the books that the kernel
// keeps on the other rungs.
#include <linux/net_dropmon.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/generic_netlink.h"
#include "probes/drops/monitor_message.h"
#include "probes/drops/rungs.h"
#include "probes/drops/tallies.h"

namespace probes::drops {
namespace {

constexpr const char* kNeeds = "CAP_NET_ADMIN, and a kernel with CONFIG_NET_DROP_MONITOR";
constexpr std::uint32_t kQueuedPackets = 4096;  // per CPU, in the kernel
constexpr int kReceiveBytes = 16 << 20;
constexpr std::uint32_t kFullDatagramBytes = 64 << 10;
constexpr std::uint32_t kSampleMask = 255;

base::GenericRequest asking(std::uint8_t command) {
  constexpr std::uint8_t kVersion = 2;  // of the family
  return base::GenericRequest(command, kVersion);
}

struct Family {
  std::uint16_t id = 0;
  std::uint32_t events_group = 0;
};

base::Result<Family> find_family(const base::Netlink& netlink) {
  const auto family = base::find_generic_family(netlink, "NET_DM");
  if (!family || !family->groups.contains("events")) {
    return base::failure("find the kernel's drop monitor: it has none", kNeeds);
  }
  return Family{family->id, family->groups.at("events")};
}

base::Result<base::Descriptor> listen_to(std::uint32_t group) {
  base::Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
  if (!socket.is_open()) return base::system_failure("open a netlink socket", errno);
  const int yes = 1;
  // What does not fit is counted (SK_MEMINFO_DROPS), not an error of each read.
  setsockopt(socket.get(), SOL_NETLINK, NETLINK_NO_ENOBUFS, &yes, sizeof yes);
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBytes, sizeof kReceiveBytes);
  sockaddr_nl own{.nl_family = AF_NETLINK, .nl_pad = 0, .nl_pid = 0, .nl_groups = 0};
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
      setsockopt(socket.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0) {
    return base::system_failure("listen to the drop monitor", errno, kNeeds);
  }
  return socket;
}

// The monitor of the host: one at a time, whoever started it.
class Monitor {
 public:
  Monitor(std::unique_ptr<base::Netlink> netlink, std::uint16_t family)
      : netlink_(std::move(netlink)), family_(family) {}
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  ~Monitor() { stop(); }

  base::Status start() {
    const auto configured =
        tell(asking(NET_DM_CMD_CONFIG)
                 .add(NET_DM_ATTR_ALERT_MODE, static_cast<std::uint8_t>(NET_DM_ALERT_MODE_PACKET))
                 .add<std::uint32_t>(NET_DM_ATTR_TRUNC_LEN, wire::kDropHeaderBytes)
                 .add(NET_DM_ATTR_QUEUE_LEN, kQueuedPackets));
    if (!configured) return refused(configured.error());
    const auto started = tell(
        asking(NET_DM_CMD_START).add_flag(NET_DM_ATTR_SW_DROPS).add_flag(NET_DM_ATTR_HW_DROPS));
    if (!started) return refused(started.error());
    running_ = true;
    return {};
  }

  void stop() {
    if (!running_) return;
    running_ = false;
    (void)tell(
        asking(NET_DM_CMD_STOP).add_flag(NET_DM_ATTR_SW_DROPS).add_flag(NET_DM_ATTR_HW_DROPS));
  }

  [[nodiscard]] std::uint64_t losses() const {
    std::uint64_t lost = 0;
    (void)netlink_->request(NETLINK_GENERIC, family_, 0, asking(NET_DM_CMD_STATS_GET).bytes(),
                            [&](const auto& message) { lost += parse_monitor_losses(message); });
    return lost;
  }

 private:
  base::Status tell(const base::GenericRequest& payload) const {
    return netlink_->request(NETLINK_GENERIC, family_, 0, payload.bytes(), [](const auto&) {});
  }
  static std::unexpected<base::Error> refused(const base::Error& why) {
    const bool busy = why.number == EBUSY || why.number == EAGAIN;
    return base::system_failure(
        "start the drop monitor", why.number,
        busy ? "somebody else uses it: stop that one (dropwatch: stop)" : kNeeds);
  }

  std::unique_ptr<base::Netlink> netlink_;
  std::uint16_t family_;
  bool running_ = false;
};

// The table that eBPF programs fill in the kernel, filled here.
class Books {
 public:
  void add(const MonitoredDrop& drop, std::int64_t monotonic_ns, Tallies& tallies) {
    auto& table = table_.front();
    const auto slot = static_cast<std::uint32_t>(monotonic_ns / wire::kDropSlotNs);
    const auto index = cell_of(key_of(drop));
    if (!index) {
      ++table.outside_packets;
      return;
    }
    auto& cell = table.cells[*index];
    if (cell.opened == 0 || cell.slot != slot) open(cell, *index, slot, tallies);
    if (cell.events < wire::kDropFirstSamples || (cell.events & kSampleMask) == 0) {
      sample(drop, *index, cell.packets, monotonic_ns, tallies);
    }
    ++cell.events;
    ++cell.packets;
    cell.bytes += drop.length_bytes;
  }

  void set_outside(std::uint64_t packets) { lost_outside_ = packets; }
  [[nodiscard]] std::vector<wire::DropTable> table() const {
    auto copy = table_;
    copy.front().outside_packets += lost_outside_;
    return copy;
  }
  [[nodiscard]] host::DropReasons reasons() const { return host::DropReasons::of(reason_names_); }
  [[nodiscard]] const std::map<std::uint64_t, host::Symbol>& told() const { return told_; }

 private:
  wire::DropKey key_of(const MonitoredDrop& drop) {
    wire::DropKey key{};
    key.location = drop.location;
    if (drop.location == 0) key.location = number_of(drop.trap);  // no address of the kernel
    told_.try_emplace(key.location, drop.location == 0
                                        ? host::Symbol{.name = "devlink_trap_report", .module = ""}
                                        : parse_printed_symbol(drop.symbol));
    key.reason = number_of(drop.location == 0 ? drop.trap : drop.reason);
    key.protocol = drop.protocol;
    return key;
  }

  std::uint32_t number_of(const std::string& reason) {
    if (reason.empty()) return 0;
    const auto next = static_cast<std::uint32_t>(numbers_.size() + 1);
    const auto [found, is_new] = numbers_.try_emplace(reason, next);
    if (is_new) reason_names_[next] = reason;
    return found->second;
  }

  std::optional<std::uint32_t> cell_of(const wire::DropKey& key) {
    const auto id = std::tuple(key.location, std::uint32_t{key.reason}, key.protocol);
    const auto next = static_cast<std::uint32_t>(cells_.size());
    if (next >= wire::kDropCells && !cells_.contains(id)) return {};
    const auto [found, is_new] = cells_.try_emplace(id, next);
    if (is_new) table_.front().cells[next].key = key;
    return found->second;
  }

  static void open(wire::DropCell& cell, std::uint32_t index, std::uint32_t slot,
                   Tallies& tallies) {
    cell.slot = slot;
    ++cell.opened;
    tallies.take(wire::DropOpening{.cell = static_cast<std::uint16_t>(index),
                                   .cpu = 0,
                                   .slot = slot,
                                   .opened = cell.opened,
                                   .padding = 0,
                                   .packets = cell.packets,
                                   .bytes = cell.bytes,
                                   .truesize = 0});
  }

  static void sample(const MonitoredDrop& drop, std::uint32_t index, std::uint64_t packets_before,
                     std::int64_t monotonic_ns, Tallies& tallies) {
    wire::DropSample sample{};
    sample.time_ns = static_cast<std::uint64_t>(monotonic_ns);
    sample.packets = packets_before;
    sample.own_packets = 1;
    sample.cell = static_cast<std::uint16_t>(index);
    sample.length = drop.length_bytes;
    const auto length = std::min<std::size_t>(drop.start.size(), wire::kDropHeaderBytes);
    std::memcpy(sample.headers, drop.start.data(), length);
    sample.header_bytes = static_cast<std::uint16_t>(length);
    sample.header_kind = length == 0 ? wire::kDropHeadersNone : wire::kDropHeadersLink;
    tallies.take(sample);
  }

  std::vector<wire::DropTable> table_ = std::vector<wire::DropTable>(1);
  std::map<std::tuple<std::uint64_t, std::uint32_t, std::uint16_t>, std::uint32_t> cells_;
  std::map<std::string, std::uint32_t> numbers_;
  std::map<std::uint32_t, std::string> reason_names_;
  std::map<std::uint64_t, host::Symbol> told_;
  std::uint64_t lost_outside_ = 0;
};

class MonitorProbe : public Probe {
 public:
  MonitorProbe(std::unique_ptr<Monitor> monitor, base::Descriptor socket, const Options& options)
      : monitor_(std::move(monitor)),
        socket_(std::move(socket)),
        datagram_(kFullDatagramBytes),
        tallies_(options.stream) {
    const auto clock = base::system_clock();
    wall_ahead_ns_ = clock->wall().count() - clock->monotonic().count();
  }

  void start(std::chrono::nanoseconds monotonic_now) override {
    Tallies before;
    read(before);
    lost_at_start_ = lost();
    tallies_.start(books_.table(), monotonic_now);
  }

  Totals poll() override {
    if (monitor_) {
      read(tallies_);
      books_.set_outside(lost() - lost_at_start_);
      tallies_.read(books_.table());
    }
    return {.packets = tallies_.packets(), .outside_table = tallies_.outside_table()};
  }

  [[nodiscard]] std::vector<Told> told(
      const host::Symbols* symbols, const host::DropReasons& /*of the BTF*/,
      const std::function<bool(const model::Inode&)>& known_netns) override {
    const auto reasons = books_.reasons();
    return tallies_.told({.symbols = symbols,
                          .reasons = &reasons,
                          .known_netns = known_netns,
                          .told = &books_.told()});
  }

  [[nodiscard]] base::Result<model::DropTrace> finish(
      const host::Symbols* symbols, const host::DropReasons& reasons,
      const std::function<bool(const model::Inode&)>& known_netns) override {
    if (tallies_.intervals() == 0) poll();
    auto trace = so_far(symbols, reasons, known_netns);
    monitor_.reset();
    return trace;
  }

  [[nodiscard]] model::DropTrace so_far(
      const host::Symbols* symbols, const host::DropReasons& /*of the BTF*/,
      const std::function<bool(const model::Inode&)>& known_netns) override {
    const auto reasons = books_.reasons();
    model::DropTrace trace = tallies_.trace({.symbols = symbols,
                                             .reasons = &reasons,
                                             .known_netns = known_netns,
                                             .told = &books_.told()});
    trace.rung = name(Rung::kDropMonitor);
    return trace;
  }

 private:
  void read(Tallies& tallies) {
    while (true) {
      const auto length = recv(socket_.get(), datagram_.data(), datagram_.size(), MSG_DONTWAIT);
      if (length < 0 && errno == EINTR) continue;
      if (length <= 0) return;
      const std::span heard(datagram_.data(), static_cast<std::size_t>(length));
      for (const auto& message : base::netlink_messages(heard)) {
        const auto drop = parse_monitored_drop(message);
        if (drop) books_.add(*drop, drop->wall_ns - wall_ahead_ns_, tallies);
      }
    }
  }

  // In the monitor's queue, and in that of our socket.
  [[nodiscard]] std::uint64_t lost() const {
    std::uint32_t memory[SK_MEMINFO_VARS] = {};
    socklen_t length = sizeof memory;
    getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, memory, &length);
    return monitor_->losses() + memory[SK_MEMINFO_DROPS];
  }

  std::unique_ptr<Monitor> monitor_;
  base::Descriptor socket_;
  std::vector<std::byte> datagram_;
  Books books_;
  Tallies tallies_;
  std::int64_t wall_ahead_ns_ = 0;
  std::uint64_t lost_at_start_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<Probe>> attach_by_drop_monitor(const Options& options) {
  auto netlink = base::system_netlink();
  const auto family = TRY(find_family(*netlink));
  auto socket = TRY(listen_to(family.events_group));
  auto monitor = std::make_unique<Monitor>(std::move(netlink), family.id);
  TRY(monitor->start());
  return std::make_unique<MonitorProbe>(std::move(monitor), std::move(socket), options);
}

}  // namespace probes::drops
