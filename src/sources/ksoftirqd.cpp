// The threads are children of kthreadd, pid 2 of the initial namespace; their command is
// "ksoftirqd/CPU". In a container with processes of its own there are none to see.
#include "sources/ksoftirqd.h"

#include <array>
#include <string>
#include <vector>

#include "base/text.h"

namespace sources {
namespace {

constexpr std::string_view kName = "ksoftirqd/";

struct Thread {
  std::string cpu;
  std::string pid;
};

// How many CPUs a list of the kernel names: "0-3,8" are 5; 0 where it cannot be read.
std::size_t cpus_in(std::string_view list) {
  std::size_t count = 0;
  for (const auto range : base::split(base::trim(list), ',')) {
    const auto ends = base::split(range, '-');
    const auto first = base::parse_number<std::size_t>(ends.front());
    const auto last = base::parse_number<std::size_t>(ends.back());
    if (!first || !last || *last < *first) return 0;
    count += *last - *first + 1;
  }
  return count;
}

std::vector<Thread> find_threads(const Access& access) {
  std::vector<Thread> found;
  const auto children = access.files.read("/proc/2/task/2/children");
  // Without CONFIG_PROC_CHILDREN, or in a PID namespace: the CPUs' softirq time tells the rest.
  if (!children) return found;
  const auto online = access.files.read("/sys/devices/system/cpu/online");
  const std::size_t wanted = online ? cpus_in(*online) : 0;
  for (const auto pid : base::words(*children)) {
    const auto command = access.files.read(std::string("/proc/").append(pid).append("/comm"));
    if (!command || !command->starts_with(kName)) continue;
    found.push_back({std::string(base::trim(command->substr(kName.size()))), std::string(pid)});
    // They are made at boot, before the many others.
    if (found.size() == wanted) break;
  }
  return found;
}

// A thread lives as long as its CPU is known, so that they are looked for only once.
std::vector<Thread> threads_of(const Access& access) {
  constexpr std::string_view kKey = "ksoftirqd";
  const auto known = access.memory == nullptr ? Memory::iterator() : access.memory->find(kKey);
  if (access.memory != nullptr && known != access.memory->end()) {
    std::vector<Thread> threads;
    for (const auto line : base::lines(known->second)) {
      const auto words = base::words(line);
      threads.push_back({std::string(words[0]), std::string(words[1])});
    }
    return threads;
  }
  auto threads = find_threads(access);
  if (access.memory != nullptr) {
    auto& kept = (*access.memory)[std::string(kKey)];
    for (const auto& [cpu, pid] : threads) kept += cpu + " " + pid + "\n";
  }
  return threads;
}

void read(const Access& access, Look& look) {
  for (const auto& [cpu, pid] : threads_of(access)) {
    const auto schedstat = access.files.read("/proc/" + pid + "/schedstat");
    if (schedstat) parse_schedstat(cpu, *schedstat, look);
  }
}

}  // namespace

void parse_schedstat(std::string_view cpu, std::string_view text, Look& look) {
  constexpr auto kColumns = std::to_array<std::string_view>(
      {"ksoftirqd.run_ns", "ksoftirqd.delay_ns", "ksoftirqd.slices"});
  const auto words = base::words(base::trim(text));
  if (words.size() != kColumns.size() || !base::parse_number(cpu)) return;
  for (std::size_t at = 0; at < kColumns.size(); ++at) {
    const auto value = base::parse_number(words[at]);
    if (!value) continue;
    look.counters[model::counter_id(kColumns[at], {{"cpu", cpu}, {"shared", "host"}})] = *value;
  }
}

extern const Source ksoftirqd;
const Source ksoftirqd = {
    .name = "ksoftirqd", .scope = Scope::kHost, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
