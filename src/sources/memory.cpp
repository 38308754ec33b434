// The files are of the whole host, whatever the namespace. PSI is missing where the kernel was
// built without it or started with psi=0: then nothing is said of it, for the rest tells of a
// shortage, too.
#include "sources/memory.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace sources {
namespace {

constexpr std::string_view kLabels = "{shared=\"host\"}";

// By the start of the name: allocstall and the scans are told for each zone. (mm/vmstat.c:
// vmstat_text)
constexpr auto kShortages = std::to_array<std::string_view>(
    {"allocstall_", "compact_stall", "compact_fail", "compact_success", "oom_kill", "pgscan_direct",
     "pgscan_kswapd", "pgsteal_direct", "pgsteal_kswapd", "pswpin", "pswpout"});

constexpr auto kAmounts =
    std::to_array<std::string_view>({"MemTotal", "MemFree", "MemAvailable", "Slab", "SUnreclaim",
                                     "PageTables", "KernelStack", "SwapTotal", "SwapFree"});

constexpr std::uint64_t kKib = 1024;

// "memory" of "/proc/pressure/memory"; irq came with 6.1.
constexpr auto kResources = std::to_array<std::string_view>({"cpu", "io", "irq", "memory"});

void read(const Access& access, Look& look) {
  const auto vmstat = access.files.read("/proc/vmstat");
  if (!vmstat) {
    return tell_blind(look, "shortages of memory", vmstat.error(), {model::Stage::kMemory});
  }
  parse_vmstat(*vmstat, look);
  if (const auto meminfo = access.files.read("/proc/meminfo")) parse_meminfo(*meminfo, look);
  for (const auto resource : kResources) {
    const auto text = access.files.read("/proc/pressure/" + std::string(resource));
    if (text) parse_pressure(resource, *text, look);
  }
}

}  // namespace

void parse_vmstat(std::string_view text, Look& look) {
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    if (words.size() != 2) continue;
    const bool wanted = std::ranges::any_of(
        kShortages, [&](std::string_view start) { return words[0].starts_with(start); });
    const auto value = base::parse_number(words[1]);
    if (!wanted || !value) continue;
    look.counters[std::string("vmstat.").append(words[0]).append(kLabels)] = *value;
  }
}

void parse_meminfo(std::string_view text, Look& look) {
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);  // "MemFree:", "123", "kB"
    if (words.size() != 3 || !words[0].ends_with(':') || words[2] != "kB") continue;
    const auto name = words[0].substr(0, words[0].size() - 1);
    const auto value = base::parse_number(words[1]);
    if (!value || std::ranges::find(kAmounts, name) == kAmounts.end()) continue;
    look.gauges[std::string("meminfo.").append(name).append(kLabels)] = *value * kKib;
  }
}

void parse_pressure(std::string_view resource, std::string_view text, Look& look) {
  constexpr std::string_view kTotal = "total=";
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);  // "some", "avg10=0.00", …, "total=123"
    if (words.size() < 2 || !words.back().starts_with(kTotal)) continue;
    if (words[0] != "some" && words[0] != "full") continue;
    const auto total = base::parse_number(words.back().substr(kTotal.size()));
    if (!total) continue;
    auto id = std::string("pressure.").append(resource).append(1, '.').append(words[0]);
    look.counters[id.append(kLabels)] = *total;
  }
}

extern const Source memory;
const Source memory = {
    .name = "memory", .scope = Scope::kHost, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
