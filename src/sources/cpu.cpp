// /proc/stat: time of each CPU by state. `irq` and `softirq` are exact only where the kernel counts
// interrupt time (CONFIG_IRQ_TIME_ACCOUNTING); elsewhere they are sampled at each tick.
#include "sources/cpu.h"

#include <array>

#include "base/text.h"

namespace sources {
namespace {

// In the order of the columns (fs/proc/stat.c, show_stat); guest time is inside user's.
constexpr auto kStates = std::to_array<std::string_view>(
    {"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"});

void parse_line(std::string_view line, Look& look) {
  const auto words = base::words(line);
  // The first line sums all CPUs: it has no number.
  if (words.size() <= kStates.size() || !words[0].starts_with("cpu")) return;
  const auto cpu = words[0].substr(3);
  if (!base::parse_number(cpu)) return;
  const auto labels = model::counter_id("", {{"cpu", cpu}, {"shared", "host"}});
  for (size_t at = 0; at < kStates.size(); ++at) {
    const auto ticks = base::parse_number(words[at + 1]);
    if (ticks) look.counters["cpu." + std::string(kStates[at]) + labels] = *ticks;
  }
}

void read(const Access& access, Look& look) {
  const auto text = access.files.read("/proc/stat");
  if (!text) return tell_blind(look, "CPU time", text.error(), {model::Stage::kCpu});
  parse_cpu_times(*text, look);
}

}  // namespace

void parse_cpu_times(std::string_view text, Look& look) {
  for (const auto line : base::lines(text)) parse_line(line, look);
}

extern const Source cpu;
const Source cpu = {
    .name = "cpu", .scope = Scope::kHost, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
