#include "cli/checkup.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/rights.h"
#include "host/drop_reasons.h"
#include "host/identity.h"
#include "host/namespaces.h"
#include "host/symbols.h"
#include "probes/drops/drops.h"
#include "probes/names/names.h"

namespace cli {
namespace {

using model::Check;
using model::CheckState;

constexpr unsigned kOldestMajor = 5;
constexpr unsigned kOldestMinor = 10;
constexpr size_t kNamesShown = 6;

double timed(const std::function<void()>& trial) {
  const auto clock = base::system_clock();
  const auto start = clock->monotonic();
  trial();
  return std::chrono::duration<double, std::milli>(clock->monotonic() - start).count();
}

void fail(Check& check, const base::Error& error, std::string loses, std::string_view otherwise) {
  check.state = CheckState::kMissing;
  check.found = error.what;
  check.loses = std::move(loses);
  check.enable = error.hint.empty() ? otherwise : error.hint;
}

// "3 devices"; nothing for none.
void add_count(std::string& text, size_t number, std::string_view one) {
  if (number == 0) return;
  text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", base::grouped(number), one,
                      number == 1 ? "" : "s");
}

Check btf_check(base::Result<host::DropReasons>& reasons, const base::Files& files) {
  Check check{.group = "kernel", .id = "kernel.btf", .title = "BTF"};
  check.ms = timed([&] { reasons = host::DropReasons::read(files); });
  if (!reasons) {
    fail(check, reasons.error(),
         "of each drop all but place, reason and protocol: the probe finds the fields that it "
         "reads through BTF",
         "a kernel that is built with CONFIG_DEBUG_INFO_BTF");
  } else if (reasons->kernel_has_reasons()) {
    check.found = fmt::format("types of the running kernel, {} drop reasons have names",
                              reasons->names().size());
  } else {
    check.state = CheckState::kNoted;
    check.found =
        "types of the running kernel; it gives no drop reasons (5.17 was the first), so "
        "the place of a drop has to tell why";
  }
  return check;
}

// What a rung sees, and what its place among the others costs.
std::string seen_text(probes::drops::Rung rung) {
  using probes::drops::Rung;
  const auto bytes = probes::drops::map_bytes(static_cast<int>(sysconf(_SC_NPROCESSORS_CONF)));
  if (rung == Rung::kDropMonitor) {
    return "the kernel sends each dropped packet by netlink; at a high rate it only counts";
  }
  return fmt::format(
      "each drop is counted in the kernel; the probe was attached and taken away again, its maps "
      "take {}",
      base::bytes_text(bytes));
}

Check drops_check(const host::DropReasons& reasons) {
  Check check{.group = "tracing", .id = "tracing.drops", .title = "drops", .rung = "counters"};
  base::Result<probes::drops::Attached> attached = base::failure("not tried");
  check.ms = timed([&] {
    attached = probes::drops::attach({}, reasons);
    if (attached) attached->probe.reset();
  });
  if (!attached) {
    fail(check, attached.error(),
         "place, reason, flow and owner of each drop, and every drop that no counter counts",
         "CAP_BPF and CAP_PERFMON, and a kernel of 5.10 or later with BTF");
    return check;
  }
  check.rung = probes::drops::name(attached->rung);
  const auto blind = probes::drops::blind_spot(*attached);
  if (blind) fail(check, attached->refused.front(), blind->what, blind->enable);
  check.found = seen_text(attached->rung);
  if (blind) check.found += "; " + attached->refused.front().what;
  return check;
}

Check other_tracers_check(const host::Capabilities& held) {
  Check check{.group = "tracing", .id = "tracing.others", .title = "other tracers"};
  const auto others = probes::drops::other_tracers();
  if (!others.empty()) {
    check.state = CheckState::kNoted;
    check.found = fmt::format(
        "{} on kfree_skb: they make each drop dearer; stop them to measure "
        "the host as it is",
        fmt::join(others, ", "));
  } else if (!held.has("CAP_SYS_ADMIN")) {
    check.state = CheckState::kNoted;
    check.found = "none on kfree_skb, as far as can be seen without CAP_SYS_ADMIN";
  } else {
    check.found = "none on kfree_skb";
  }
  return check;
}

// The first few names, and how many more there are.
std::string names_text(const std::vector<host::Namespace>& all) {
  std::vector<std::string> shown;
  for (const auto& place : all) {
    if (shown.size() == kNamesShown) break;
    shown.push_back(place.name.empty() ? "inode:" + place.id : place.name);
  }
  auto text = fmt::format("{}", fmt::join(shown, ", "));
  if (all.size() > shown.size()) text += fmt::format(" and {} more", all.size() - shown.size());
  return text;
}

Check listed_check(const host::NamespaceList& list, const host::Capabilities& held) {
  Check check{.group = "namespaces", .id = "namespaces.listed", .title = "listed"};
  check.found = fmt::format("{} seen: {}", list.namespaces.size(), names_text(list.namespaces));
  if (!list.hidden.empty()) {
    check.found += fmt::format("; {} more, of which only counters can be read", list.hidden.size());
  } else if (list.complete) {
    return check;
  }
  // Then it is a process with more rights than ours, which no right of ours would open.
  if (held.has("CAP_SYS_PTRACE")) {
    check.state = CheckState::kNoted;
    return check;
  }
  check.state = CheckState::kMissing;
  check.rung = "own processes";
  check.loses = "which namespaces the processes of other users are in";
  check.enable = "CAP_SYS_PTRACE";
  return check;
}

Check entered_check(const host::NamespaceList& list, const host::Capabilities& held) {
  Check check{.group = "namespaces", .id = "namespaces.entered", .title = "entered"};
  host::Visitor visitor;
  size_t entered = 0;
  std::optional<base::Error> refusal;
  check.ms = timed([&] {
    for (const auto& place : list.namespaces) {
      const auto visited = visitor.visit(place, [] {});
      if (visited) ++entered;
      if (!visited && base::is_refusal(visited.error())) refusal = visited.error();
    }
  });
  check.rung = "setns";
  if (refusal) {
    check.rung = "/proc/PID/net";
    fail(check, *refusal, "devices, queues and sockets of the namespaces that are not our own",
         "CAP_SYS_ADMIN");
    check.found = fmt::format("{} of {}; {}", entered, list.namespaces.size(), check.found);
  } else if (list.namespaces.size() < 2 && !held.has("CAP_SYS_ADMIN")) {
    check.state = CheckState::kNoted;
    check.rung = "own";
    check.found = "our own is the only one; to enter another one CAP_SYS_ADMIN would be needed";
  } else {
    check.found = fmt::format("{} of {}", entered, list.namespaces.size());
  }
  return check;
}

model::Inode own_namespace(const base::Files& files) {
  const auto inode = files.inode("/proc/thread-self/ns/net");
  return inode ? std::to_string(*inode) : "";
}

void add_sources(const base::Files& files, const base::Netlink& netlink, model::Doctor& doctor) {
  for (const auto* source : sources::all_sources()) {
    const bool of_host = source->scope == sources::Scope::kHost;
    sources::Look look;
    const double ms = timed([&] {
      source->read(
          {.files = files, .netlink = netlink, .netns = of_host ? "" : own_namespace(files)}, look);
    });
    doctor.checks.push_back(source_check(source->name, look));
    doctor.checks.back().ms = ms;
  }
}

}  // namespace

Check kernel_version_check(std::string_view release) {
  Check check{.group = "kernel", .id = "kernel.version", .title = "version"};
  check.found = release;
  const auto parts = base::split(release.substr(0, release.find_first_not_of("0123456789.")), '.');
  const auto major = base::parse_number<unsigned>(parts[0]);
  const auto minor = parts.size() > 1 ? base::parse_number<unsigned>(parts[1]) : std::nullopt;
  if (!major || !minor) {
    check.state = CheckState::kNoted;
    check.found += " (not a version that can be compared)";
  } else if (std::pair(*major, *minor) < std::pair(kOldestMajor, kOldestMinor)) {
    check.state = CheckState::kMissing;
    check.loses =
        "the trace of drops: the probe needs the ring buffer and the BTF of later kernels";
    check.enable = fmt::format("a kernel of {}.{} or later", kOldestMajor, kOldestMinor);
  }
  return check;
}

Check lockdown_check(std::string_view content) {
  Check check{.group = "kernel", .id = "kernel.lockdown", .title = "lockdown"};
  const auto open = content.find('[');
  const auto close = content.find(']', open == std::string_view::npos ? 0 : open);
  const bool marked = open != std::string_view::npos && close != std::string_view::npos;
  const auto mode = marked ? content.substr(open + 1, close - open - 1) : "unknown";
  check.found = mode;
  // LOCKDOWN_BPF_READ_KERNEL belongs to confidentiality only (security/security.c, since 5.4).
  if (mode == "confidentiality") {
    check.state = CheckState::kMissing;
    check.loses = "the trace of drops: BPF programs may not read kernel memory";
    check.enable = "boot with lockdown=integrity or without lockdown";
  }
  return check;
}

Check symbols_check(const base::Files& files, bool kernel_names_them) {
  Check check{.group = "tracing", .id = "tracing.symbols", .title = "symbols", .rung = "kallsyms"};
  base::Result<host::Symbols> symbols = base::failure("");
  check.ms = timed([&] { symbols = host::Symbols::read(files); });
  if (symbols) {
    check.found = "the functions that drop have names";
  } else if (kernel_names_them) {
    check.rung = "kernel";
    check.found = "the kernel is asked for the name of each function that drops";
  } else {
    check.rung = "addresses";
    fail(check, symbols.error(),
         "names of the kernel functions that drop, without which traced drops cannot be booked",
         "root, or CAP_SYSLOG");
  }
  return check;
}

Check owners_check(const base::Files& files, const host::Capabilities& held) {
  Check check{.group = "namespaces", .id = "namespaces.owners", .title = "socket owners"};
  const auto names = files.list("/proc");
  size_t closed = 0;
  size_t processes = 0;
  for (const auto& name : names.value_or(std::vector<std::string>{})) {
    if (!base::parse_number(name)) continue;
    ++processes;
    const auto folder = "/proc/" + name + "/fd";
    const auto descriptors = files.list(folder);
    if (!descriptors) {
      closed += base::is_refusal(descriptors.error()) ? 1 : 0;
      continue;
    }
    if (descriptors->empty()) continue;
    const auto target = files.link_target(folder + "/" + descriptors->front());
    closed += !target && base::is_refusal(target.error()) ? 1 : 0;
  }
  check.found = fmt::format("open files of {} of {} processes", processes - closed, processes);
  if (closed == 0) return check;
  check.state = CheckState::kNoted;
  if (held.has("CAP_SYS_PTRACE") && held.has("CAP_DAC_READ_SEARCH")) {
    check.found += "; the others hold rights that we lack";
    return check;
  }
  check.state = CheckState::kMissing;
  check.loses = "which process, unit or container owns a socket of another user";
  check.enable = "root, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH";
  return check;
}

Check source_check(std::string_view name, const sources::Look& look) {
  Check check{
      .group = "sources", .id = fmt::format("sources.{}", name), .title = std::string(name)};
  std::string seen;
  add_count(seen, look.counters.size(), "counter");
  add_count(seen, look.gauges.size(), "gauge");
  add_count(seen, look.devices.size(), "device");
  add_count(seen, look.sockets.size(), "socket");
  add_count(seen, look.settings.size(), "setting");
  add_count(seen, look.messages.size(), "message");
  check.found = seen.empty() ? "nothing to report" : seen;
  if (look.blind_spots.empty()) return check;
  const auto& blind = look.blind_spots.front();
  check.state = CheckState::kMissing;
  check.found = blind.why + (seen.empty() ? "" : "; seen: " + seen);
  check.loses = blind.what;
  for (size_t at = 1; at < look.blind_spots.size(); ++at) {
    check.loses += "; " + look.blind_spots[at].what;
  }
  check.enable = blind.enable.empty() ? "nothing that whydrop knows of" : blind.enable;
  return check;
}

base::Result<model::Doctor> check_up(const base::Files& files, const base::Netlink& netlink) {
  const auto standing = TRY(host::read_standing(files));
  const auto& held = standing.held;
  const auto list = TRY(host::list_namespaces(files));
  model::Doctor doctor{.version = WHYDROP_VERSION,
                       .host = host::read_identity(files),
                       .uid = geteuid(),
                       .checks = {},
                       .grant = {}};
  auto& checks = doctor.checks;
  checks.push_back(kernel_version_check(doctor.host.kernel));
  base::Result<host::DropReasons> reasons;
  checks.push_back(btf_check(reasons, files));
  if (const auto lockdown = files.read("/sys/kernel/security/lockdown")) {
    checks.push_back(lockdown_check(*lockdown));
  }
  checks.push_back(drops_check(reasons.value_or(host::DropReasons{})));
  checks.push_back(symbols_check(files, probes::names::symbols_from_kernel().has_value()));
  checks.push_back(other_tracers_check(held));
  checks.push_back(listed_check(list, held));
  checks.push_back(entered_check(list, held));
  checks.push_back(owners_check(files, held));
  add_sources(files, netlink, doctor);
  add_rights(standing, doctor);
  return doctor;
}

}  // namespace cli
