#include "render/socket_list.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "render/columns.h"
#include "render/names.h"
#include "render/shared_json.h"

namespace render {
namespace {

using base::grouped;
using base::printable;
using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 6;
using Line = std::array<std::string, kColumns>;

std::string owner_text(const model::Socket& socket) {
  if (!socket.owner) return "";
  const auto& owner = *socket.owner;
  auto text = fmt::format("{} (pid {})", printable(owner.comm), owner.pid);
  if (owner.container) return text + " container " + printable(*owner.container);
  if (owner.unit) return text + " unit " + printable(*owner.unit);
  return text;
}

std::string notes_of(const model::Socket& socket) {
  std::vector<std::string> notes;
  const auto note = [&](std::string_view what, std::uint64_t value) {
    if (value > 0) notes.push_back(fmt::format("{} {}", what, grouped(value)));
  };
  note("drops", socket.drops);
  if (socket.tcp) {
    const auto& tcp = *socket.tcp;
    note("retransmitted", tcp.retransmitted);
    note("lost now", tcp.lost);
    note("out of order", tcp.out_of_order);
    if (tcp.rtt_us > 0) {
      notes.push_back(fmt::format("rtt {:.3g} ms", static_cast<double>(tcp.rtt_us) / 1e3));
    }
    note("cwnd", tcp.cwnd);
    if (!tcp.congestion.empty()) notes.push_back(printable(tcp.congestion));
  }
  return fmt::format("{}", fmt::join(notes, ", "));
}

Line line_of(const model::Socket& socket) {
  const bool listens = socket.state == "listen";
  return {printable(
              fmt::format("{}{} {}", socket.protocol, socket.family == 6 ? "6" : "", socket.state)),
          listens ? fmt::format("{} of {} waiting", grouped(socket.receive_queue),
                                grouped(socket.send_queue))
                  : fmt::format("{} in, {} out", grouped(socket.receive_queue),
                                grouped(socket.send_queue)),
          end_text(socket.local, socket.local_port),
          socket.remote_port == 0 ? "" : end_text(socket.remote, socket.remote_port),
          owner_text(socket),
          notes_of(socket)};
}

Json tcp_json(const model::TcpInfo& tcp) {
  // Bytes and times that run on are 64 bits wide: in quotes, as counters are.
  return {{"timer", text_or_null(tcp.timer)},
          {"timer_ms", tcp.timer_ms},
          {"congestion", tcp.congestion},
          {"congestion_state", tcp.congestion_state},
          {"retransmitted", tcp.retransmitted},
          {"lost", tcp.lost},
          {"rtt_us", tcp.rtt_us},
          {"rtt_variance_us", tcp.rtt_variance_us},
          {"min_rtt_us", tcp.min_rtt_us},
          {"receive_rtt_us", tcp.receive_rtt_us},
          {"rto_us", tcp.rto_us},
          {"ato_us", tcp.ato_us},
          {"backoff", tcp.backoff},
          {"cwnd", tcp.cwnd},
          {"ssthresh", tcp.ssthresh},
          {"send_mss", tcp.send_mss},
          {"receive_mss", tcp.receive_mss},
          {"advertised_mss", tcp.advertised_mss},
          {"path_mtu", tcp.path_mtu},
          {"send_window", tcp.send_window},
          {"unacked", tcp.unacked},
          {"sacked", tcp.sacked},
          {"reordering", tcp.reordering},
          {"reorderings_seen", tcp.reorderings_seen},
          {"dsacks", tcp.dsacks},
          {"out_of_order", tcp.out_of_order},
          {"segments_sent", tcp.segments_sent},
          {"segments_received", tcp.segments_received},
          {"data_segments_sent", tcp.data_segments_sent},
          {"data_segments_received", tcp.data_segments_received},
          {"delivered", tcp.delivered},
          {"delivered_ce", tcp.delivered_ce},
          {"receive_space", tcp.receive_space},
          {"receive_ssthresh", tcp.receive_ssthresh},
          {"not_sent_bytes", tcp.not_sent_bytes},
          {"last_data_sent_ms", tcp.last_data_sent_ms},
          {"last_data_received_ms", tcp.last_data_received_ms},
          {"last_ack_received_ms", tcp.last_ack_received_ms},
          {"bytes_sent", std::to_string(tcp.bytes_sent)},
          {"bytes_retransmitted", std::to_string(tcp.bytes_retransmitted)},
          {"bytes_acked", std::to_string(tcp.bytes_acked)},
          {"bytes_received", std::to_string(tcp.bytes_received)},
          {"pacing_bytes_per_s", std::to_string(tcp.pacing_bytes_per_s)},
          {"delivery_bytes_per_s", std::to_string(tcp.delivery_bytes_per_s)},
          {"busy_us", std::to_string(tcp.busy_us)},
          {"limited_by_peer_us", std::to_string(tcp.limited_by_peer_us)},
          {"limited_by_buffer_us", std::to_string(tcp.limited_by_buffer_us)}};
}

Json owner_json(const model::Owner& owner) {
  return {{"pid", owner.pid},
          {"comm", owner.comm},
          {"cgroup", owner.cgroup},
          {"unit", value_or_null(owner.unit)},
          {"container", value_or_null(owner.container)}};
}

}  // namespace

void draw_sockets(Sheet& sheet, const std::vector<const model::Socket*>& sockets) {
  sheet.line("  " + sheet.inked(Ink::kStrong, "sockets"));
  std::vector<Line> lines;
  std::array<int, kColumns> widths{};
  for (const auto* socket : sockets) {
    lines.push_back(line_of(*socket));
    for (std::size_t at = 0; at < kColumns; ++at) {
      widths[at] = std::max(widths[at], columns_of(lines.back()[at]));
    }
  }
  for (const auto& line : lines) {
    std::string text = "  ";
    for (std::size_t at = 0; at < kColumns; ++at) text += "  " + padded(line[at], widths[at]);
    sheet.line(text);
  }
}

Json socket_json(const model::Socket& socket) {
  // No socket has a buffer of 0: it was read from /proc, which does not tell.
  const auto size = [](std::uint64_t bytes) { return bytes == 0 ? Json(nullptr) : Json(bytes); };
  return {{"netns", socket.netns},
          {"protocol", socket.protocol},
          {"family", socket.family},
          {"state", socket.state},
          {"local", socket.local},
          {"local_port", socket.local_port},
          {"remote", socket.remote},
          {"remote_port", socket.remote_port},
          {"ifindex", socket.ifindex},
          {"inode", std::to_string(socket.inode)},
          {"cookie", std::to_string(socket.cookie)},
          {"uid", socket.uid},
          {"receive_queue", socket.receive_queue},
          {"send_queue", socket.send_queue},
          {"receive_memory", socket.receive_memory},
          {"receive_buffer", size(socket.receive_buffer)},
          {"send_memory", socket.send_memory},
          {"send_buffer", size(socket.send_buffer)},
          {"drops", std::to_string(socket.drops)},
          {"tcp", socket.tcp ? tcp_json(*socket.tcp) : Json(nullptr)},
          {"owner", socket.owner ? owner_json(*socket.owner) : Json(nullptr)}};
}

}  // namespace render
