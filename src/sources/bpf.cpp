#include "sources/bpf.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace sources {
namespace {

constexpr std::size_t kMostDescriptors = 20000;

// "prog_id:\t42" of a descriptor's /proc/PID/fdinfo (kernel/bpf/syscall.c: bpf_prog_show_fdinfo).
std::optional<std::uint32_t> program_of(std::string_view fdinfo) {
  for (const auto line : base::lines(fdinfo)) {
    const auto words = base::words(line);
    if (words.size() == 2 && words[0] == "prog_id:") {
      return base::parse_number<std::uint32_t>(words[1]);
    }
  }
  return {};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

void read(const Access& access, Look& look) {
  read_bpf(access,
           {.programs = host::list_bpf_programs,
            .program = host::read_bpf_program,
            .links = host::list_bpf_links},
           look);
}

}  // namespace

void read_bpf(const Access& access, const BpfHost& bpf, Look& look) {
  const auto ids = bpf.programs();
  if (!ids) return tell_blind(look, "the host's BPF programs", ids.error(), {});
  if (ids->empty()) return;
  std::map<std::uint32_t, std::vector<std::string>> places;
  if (const auto links = bpf.links()) {
    for (const auto& link : *links) places[link.program].push_back(link.place);
  }
  const auto holders = holders_of_programs(access.files);
  for (const auto id : *ids) {
    const auto program = bpf.program(id);
    if (!program) continue;  // gone meanwhile
    const auto labels = model::counter_id("", {{"id", std::to_string(id)},
                                               {"name", program->name},
                                               {"shared", "host"},
                                               {"type", program->type}});
    look.counters["bpf.runs" + labels] = program->runs;
    look.counters["bpf.run_ns" + labels] = program->run_ns;
    look.counters["bpf.recursion_misses" + labels] = program->recursion_misses;
    look.settings["bpf.tag" + labels] = program->tag;
    look.settings["bpf.loaded_ns" + labels] = std::to_string(program->loaded_ns);
    const auto tell = [&](const char* setting, const auto& table) {
      const auto found = table.find(id);
      if (found != table.end()) look.settings[setting + labels] = joined(found->second);
    };
    tell("bpf.links", places);
    tell("bpf.holders", holders);
  }
}

std::map<std::uint32_t, std::vector<std::string>> holders_of_programs(const base::Files& files) {
  std::map<std::uint32_t, std::vector<std::string>> holders;
  std::size_t left = kMostDescriptors;
  for (const auto& pid : files.list("/proc").value_or(std::vector<std::string>())) {
    if (!base::parse_number(pid)) continue;
    const auto process = "/proc/" + pid;
    for (const auto& number : files.list(process + "/fd").value_or(std::vector<std::string>())) {
      if (left == 0) return holders;
      --left;
      const auto target = files.link_target(process + "/fd/" + number);
      if (!target || (*target != "anon_inode:bpf-prog" && *target != "anon_inode:bpf_link")) {
        continue;
      }
      const auto info = files.read(process + "/fdinfo/" + number);
      const auto id = info ? program_of(*info) : std::nullopt;
      if (!id) continue;
      const auto command = files.read(process + "/comm").value_or("");
      const auto holder = pid + " " + std::string(base::trim(command));
      auto& known = holders[*id];
      if (std::ranges::find(known, holder) == known.end()) known.push_back(holder);
    }
  }
  return holders;
}

extern const Source bpf;
const Source bpf = {
    .name = "bpf", .scope = Scope::kHost, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
