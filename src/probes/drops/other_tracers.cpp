// Who else listens to kfree_skb. The kernel has no list of a tracepoint's listeners, so each way to
// listen is looked for on its own: BPF links, perf events of processes, the switch in tracefs.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/descriptor.h"
#include "base/files.h"
#include "base/text.h"
#include "probes/drops/drops.h"

namespace probes::drops {
namespace {

constexpr std::string_view kTracepoint = "kfree_skb";

struct Process {
  std::string pid;
  std::vector<std::string> perf_events;  // descriptor numbers
  std::set<std::uint32_t> links;         // ids
};

std::string described(const base::Files& files, const std::string& pid) {
  const auto comm = files.read("/proc/" + pid + "/comm");
  return fmt::format("{} (pid {})", comm ? base::trim(*comm) : "?", pid);
}

std::uint32_t link_id(const base::Files& files, const std::string& folder, const std::string& fd) {
  const auto text = files.read(folder + "/fdinfo/" + fd);
  if (!text) return 0;
  for (const std::string_view line : base::lines(*text)) {
    const auto words = base::words(line);
    if (words.size() == 2 && words[0] == "link_id:") {
      return base::parse_number<std::uint32_t>(words[1]).value_or(0);
    }
  }
  return 0;
}

Process look_at(const base::Files& files, const std::string& pid) {
  Process process{.pid = pid, .perf_events = {}, .links = {}};
  const std::string folder = "/proc/" + pid;
  const auto descriptors = files.list(folder + "/fd");
  if (!descriptors) return process;  // it ended, or is not ours to look at
  for (const std::string& fd : *descriptors) {
    const auto target = files.link_target(folder + "/fd/" + fd);
    if (!target) continue;
    if (*target == "anon_inode:[perf_event]") process.perf_events.push_back(fd);
    if (!target->starts_with("anon_inode:bpf")) continue;
    if (const std::uint32_t id = link_id(files, folder, fd)) process.links.insert(id);
  }
  return process;
}

std::vector<Process> processes(const base::Files& files) {
  std::vector<Process> found;
  const auto pids = files.list("/proc");
  if (!pids) return found;
  for (const std::string& pid : *pids) {
    if (!base::parse_number(pid)) continue;
    Process process = look_at(files, pid);
    if (!process.perf_events.empty() || !process.links.empty()) found.push_back(std::move(process));
  }
  return found;
}

std::string program_name(std::uint32_t id) {
  const base::Descriptor program(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info{};
  __u32 length = sizeof info;
  if (!program.is_open() || bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0) return "?";
  return info.name;
}

// Link id -> name of its program, for links that hang on the tracepoint.
std::map<std::uint32_t, std::string> links_on_tracepoint() {
  std::map<std::uint32_t, std::string> found;
  for (std::uint32_t id = 0; bpf_link_get_next_id(id, &id) == 0;) {
    const base::Descriptor link(bpf_link_get_fd_by_id(id));
    if (!link.is_open()) continue;
    char name[64] = "";
    bpf_link_info info{};
    info.raw_tracepoint.tp_name = reinterpret_cast<std::uintptr_t>(name);
    info.raw_tracepoint.tp_name_len = sizeof name;
    __u32 length = sizeof info;
    if (bpf_obj_get_info_by_fd(link.get(), &info, &length) != 0) continue;
    if (info.type == BPF_LINK_TYPE_RAW_TRACEPOINT && name == kTracepoint) {
      found.emplace(id, program_name(info.prog_id));
    }
  }
  return found;
}

void add_links(const base::Files& files, const std::vector<Process>& all,
               std::vector<std::string>& tracers) {
  auto links = links_on_tracepoint();
  // Ours first: a child that we forked holds them too.
  const auto self = std::ranges::find(all, std::to_string(getpid()), &Process::pid);
  if (self != all.end()) {
    for (const std::uint32_t id : self->links) links.erase(id);
  }
  for (const Process& process : all) {
    for (const std::uint32_t id : process.links) {
      const auto link = links.extract(id);
      if (link.empty()) continue;
      tracers.push_back(described(files, process.pid) + ": BPF program " + link.mapped());
    }
  }
  // Pinned, or of a process that we may not look at.
  for (const auto& [id, program] : links) {
    tracers.push_back(fmt::format("BPF program {} (link {})", program, id));
  }
}

enum class OnTracepoint { kYes, kNo, kUnknown };

// A perf event tells its tracepoint only where a BPF program hangs on it.
OnTracepoint decide(int pid, const std::vector<std::string>& events) {
  bool all_known = true;
  for (const std::string& event : events) {
    char name[64] = "";
    __u32 length = sizeof name;
    __u32 program = 0;
    __u32 kind = 0;
    __u64 offset = 0;
    __u64 address = 0;
    const int fd = base::parse_number<int>(event).value_or(-1);
    if (bpf_task_fd_query(pid, fd, 0, name, &length, &program, &kind, &offset, &address) != 0) {
      all_known = false;
    } else if (kind == BPF_FD_TYPE_TRACEPOINT && name == kTracepoint) {
      return OnTracepoint::kYes;
    }
  }
  return all_known ? OnTracepoint::kNo : OnTracepoint::kUnknown;
}

void add_perf_events(const base::Files& files, const std::vector<Process>& all,
                     std::vector<std::string>& tracers) {
  const auto own = std::to_string(getpid());
  for (const Process& process : all) {
    if (process.perf_events.empty() || process.pid == own) continue;
    const int pid = base::parse_number<int>(process.pid).value_or(0);
    const OnTracepoint answer = decide(pid, process.perf_events);
    if (answer == OnTracepoint::kNo) continue;
    const bool certain = answer == OnTracepoint::kYes;
    tracers.push_back(described(files, process.pid) +
                      (certain ? ": perf event" : ": perf events, perhaps on kfree_skb"));
  }
}

void add_tracefs(const base::Files& files, std::vector<std::string>& tracers) {
  for (const std::string_view root : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    const std::string top(root);
    std::vector<std::string> instances{top};
    if (const auto names = files.list(top + "/instances")) {
      for (const std::string& name : *names) instances.push_back(top + "/instances/" + name);
    }
    for (const std::string& instance : instances) {
      const auto enabled = files.read(instance + "/events/skb/kfree_skb/enable");
      if (enabled && enabled->starts_with('1')) tracers.push_back("ftrace (" + instance + ")");
    }
    if (files.read(top + "/events/skb/kfree_skb/enable")) return;  // the same tree, mounted twice
  }
}

}  // namespace

std::vector<std::string> other_tracers() {
  const auto files = base::system_files();
  const std::vector<Process> all = processes(*files);
  std::vector<std::string> tracers;
  add_links(*files, all, tracers);
  add_perf_events(*files, all, tracers);
  add_tracefs(*files, tracers);
  return tracers;
}

}  // namespace probes::drops
