// One line per online CPU, hexadecimal, each field 32 bits wide (it wraps). Kernels grew the line
// from the right: 9 columns until 2.6.34, 10 with received_rps, 11 with flow_limit_count (3.11), 13
// with the backlog's length and the CPU's number (5.10), 15 with the two queues apart (6.4).
// Columns 4 to 9 are history. Before the CPU column a line's number is taken for the CPU's, which
// is wrong where a CPU is offline; nothing better is known. (net/core/net-procfs.c:
// softnet_seq_show)
#include "sources/softnet.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"

namespace sources {
namespace {

struct Column {
  std::size_t index;
  std::string_view name;
  bool gauge = false;
};

constexpr auto kColumns = std::to_array<Column>({
    {.index = 0, .name = "softnet.processed"},
    {.index = 1, .name = "softnet.dropped"},
    {.index = 2, .name = "softnet.time_squeeze"},
    {.index = 9, .name = "softnet.received_rps"},
    {.index = 10, .name = "softnet.flow_limit_count"},
    {.index = 11, .name = "softnet.backlog_len", .gauge = true},
    {.index = 13, .name = "softnet.input_qlen", .gauge = true},
    {.index = 14, .name = "softnet.process_qlen", .gauge = true},
});
constexpr std::size_t kFewestColumns = 9;
constexpr std::size_t kCpuColumn = 12;

// Nothing where a column is not a hexadecimal number.
std::optional<std::vector<std::uint64_t>> numbers(std::string_view line) {
  std::vector<std::uint64_t> found;
  for (const std::string_view word : base::words(line)) {
    const auto number = base::parse_number(word, 16);
    if (!number) return {};
    found.push_back(*number);
  }
  if (found.size() < kFewestColumns) return {};
  return found;
}

void parse_line(std::string_view line, std::size_t row, Look& look) {
  const auto found = numbers(line);
  if (!found) return;
  const std::uint64_t cpu = found->size() > kCpuColumn ? (*found)[kCpuColumn] : row;
  const std::string labels =
      model::counter_id("", {{"cpu", std::to_string(cpu)}, {"shared", "host"}});
  for (const Column& column : kColumns) {
    if (column.index >= found->size()) break;
    auto& snapshot = column.gauge ? look.gauges : look.counters;
    snapshot[std::string(column.name) + labels] = (*found)[column.index];
  }
}

void read(const Access& access, Look& look) {
  const auto text = access.files.read(access.proc_net + "/softnet_stat");
  if (!text) {
    return tell_blind(look, "the CPUs' backlogs", text.error(), {model::Stage::kBacklog});
  }
  parse_softnet(*text, recall(access.memory, "softnet", *text), look);
}

}  // namespace

void parse_softnet(std::string_view text, std::string_view before, Look& look) {
  const auto old = base::lines(before);
  const auto now = base::lines(text);
  for (std::size_t row = 0; row < now.size(); ++row) {
    if (old.size() == now.size() && old[row] == now[row]) continue;
    parse_line(now[row], row, look);
  }
}

extern const Source softnet;
const Source softnet = {
    .name = "softnet", .scope = Scope::kHost, .cadence = Cadence::kEveryPoint, .read = read};

}  // namespace sources
