// /dev/kmsg gives one record a read, the oldest first: "level,sequence,microseconds,flags;text",
// and after it lines that start with a blank ("key=value"). Only the kernel itself writes records
// of facility 0; any other came from a process (kernel/printk/printk.c: devkmsg_write) and proves
// nothing.
#include "sources/kmsg.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "base/text.h"
#include "host/detached_mount.h"

namespace sources {
namespace {

struct Sign {
  std::string_view kind;
  std::string_view part;       // what the text must hold
  std::string_view also = {};  // and this
};

// Capitals and spelling as in the kernel; only pieces that stayed the same from 5.10 to 6.18.
constexpr auto kSigns = std::to_array<Sign>({
    {.kind = "table-full", .part = "neighbor table overflow"},
    {.kind = "table-full", .part = "nf_conntrack", .also = "table full"},
    {.kind = "table-full", .part = "Route cache is full"},
    {.kind = "table-full", .part = "time wait bucket table overflow"},
    {.kind = "table-full", .part = "too many orphaned sockets"},
    {.kind = "table-full", .part = "out of memory -- consider tuning tcp_mem"},
    {.kind = "syn-flood", .part = "ossible SYN flooding on port"},
    {.kind = "tx-timeout", .part = "NETDEV WATCHDOG"},
    {.kind = "tx-timeout", .part = "transmit queue", .also = "timed out"},
    {.kind = "allocation-failure", .part = "page allocation failure"},
    {.kind = "allocation-failure", .part = "SLUB: Unable to allocate memory"},
    {.kind = "link", .part = "ink is Up"},
    {.kind = "link", .part = "ink is up"},
    {.kind = "link", .part = "ink is Down"},
    {.kind = "link", .part = "ink is down"},
    {.kind = "link", .part = "link becomes ready"},
    {.kind = "link", .part = "Link up"},
    {.kind = "link", .part = "Link down"},
    {.kind = "link", .part = "link up"},
    {.kind = "link", .part = "link down"},
});

std::optional<model::KernelMessage> parse_record(std::string_view line) {
  const std::size_t semicolon = line.find(';');
  if (semicolon == std::string_view::npos) return {};
  const auto fields = base::split(line.substr(0, semicolon), ',');
  if (fields.size() < 4) return {};
  const auto level = base::parse_number(fields[0]);
  const auto microseconds = base::parse_number(fields[2]);
  if (!level || !microseconds || *level / 8 != 0) return {};
  const std::string_view text = line.substr(semicolon + 1);
  const auto kind = kind_of_message(text);
  if (!kind) return {};
  return model::KernelMessage{.at_s = static_cast<double>(*microseconds) / 1e6,
                              .kind = std::string(*kind),
                              .text = std::string(text)};
}

// A system whose /dev was never filled: the kernel has the file all the same.
base::Result<std::string> read_unmounted(const Access& access) {
  const auto devices = TRY(host::mount_detached("devtmpfs"));
  return access.files.read(host::path_of(devices) + "/kmsg");
}

void read(const Access& access, Look& look) {
  auto records = access.files.read("/dev/kmsg");
  if (!records && records.error().number == ENOENT) {
    records.error().hint = "mount -t devtmpfs devtmpfs /dev";
    if (auto unmounted = read_unmounted(access)) records = std::move(unmounted);
  }
  if (!records) {
    base::Error error = records.error();
    if (error.hint.empty()) {
      error.hint = "CAP_SYSLOG, or kernel.dmesg_restrict = 0";
    }
    return tell_blind(look, "the kernel's messages", error, {});
  }
  for (auto& message : parse_kmsg(*records)) look.messages.push_back(std::move(message));
}

}  // namespace

std::optional<std::string_view> kind_of_message(std::string_view text) {
  const auto found = std::ranges::find_if(kSigns, [&](const Sign& sign) {
    return text.find(sign.part) != std::string_view::npos &&
           text.find(sign.also) != std::string_view::npos;
  });
  if (found == kSigns.end()) return {};
  return found->kind;
}

std::vector<model::KernelMessage> parse_kmsg(std::string_view records) {
  std::vector<model::KernelMessage> messages;
  for (const std::string_view line : base::lines(records)) {
    if (line.starts_with(' ')) continue;
    if (auto message = parse_record(line)) messages.push_back(std::move(*message));
  }
  return messages;
}

extern const Source kmsg;
const Source kmsg = {
    .name = "kmsg", .scope = Scope::kHost, .cadence = Cadence::kAtEnd, .read = read};

}  // namespace sources
