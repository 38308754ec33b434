#include "offline/host_facts.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "host/identity.h"

namespace offline {
namespace {

constexpr std::uint64_t kMinute = 60;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;

// What stands behind "KEY" at the start of a line; "" where no line starts so.
std::string line_after(std::string_view text, std::string_view key) {
  for (const auto line : base::lines(text)) {
    const auto content = base::trim(line);
    if (content.starts_with(key)) return std::string(base::trim(content.substr(key.size())));
  }
  return "";
}

std::string text_of(const std::string* text) {
  return text == nullptr ? "" : std::string(base::trim(*text));
}

// "Linux vm 6.18.44 #1 SMP … x86_64 GNU/Linux".
void take_uname(const std::string& text, model::Host& host) {
  const auto words = base::words(text);
  if (words.size() < 5 || words[0] != "Linux") return;
  host.name = words[1];
  host.kernel = words[2];
  host.arch = words[words.size() - 2];
}

int cpus_of(const Contents& contents, const Place& own) {
  if (const auto* stat = contents.find("/proc/stat")) {
    return static_cast<int>(std::ranges::count_if(base::lines(stat->text), [](auto line) {
      return line.starts_with("cpu") && !line.starts_with("cpu ");
    }));
  }
  const auto* rows = contents.find(own.proc_net + "/softnet_stat");
  return rows == nullptr ? 0 : static_cast<int>(base::lines(rows->text).size());
}

// The time in the list of collect.sh; else when the copy of a file that changes all the time was
// made, which archives keep. sos writes its own times down without the time zone.
std::int64_t time_of(const Contents& contents, const Place& own) {
  if (const auto* list = contents.find("/whydrop-collect.txt")) {
    const auto time = base::parse_number<std::int64_t>(line_after(list->text, "time="));
    if (time) return *time;
  }
  for (const auto& path : {own.proc_net + "/snmp", own.proc_net + "/netstat",
                           own.proc_net + "/softnet_stat", own.proc_net + "/dev"}) {
    if (const auto* file = contents.find(path)) return file->changed_s;
  }
  return 0;
}

std::uint64_t uptime_of(const Contents& contents, const Place& own, std::int64_t taken_s) {
  if (const auto* stat = contents.find("/proc/stat"); stat != nullptr && taken_s > 0) {
    const auto started = base::parse_number<std::int64_t>(line_after(stat->text, "btime "));
    if (started && *started > 0 && *started < taken_s) {
      return static_cast<std::uint64_t>(taken_s - *started);
    }
  }
  return seconds_of_uptime(text_of(printed_by(contents, own, "uptime")));
}

}  // namespace

HostFacts read_host_facts(const Contents& contents, const Place& own) {
  HostFacts facts;
  auto& host = facts.host;
  host = host::read_identity_files(ReportFiles(contents));
  take_uname(text_of(printed_by(contents, own, "uname -a")), host);
  const auto control = text_of(printed_by(contents, own, "hostnamectl status"));
  if (host.id.empty()) host.id = host::host_id(line_after(control, "Machine ID:"));
  if (host.boot_id.empty()) {
    // 32 digits there, 8-4-4-4-12 in /proc.
    auto id = line_after(control, "Boot ID:");
    for (const std::size_t at : {8, 13, 18, 23}) {
      if (id.size() > at) id.insert(at, "-");
    }
    host.boot_id = id;
  }
  if (host.name.empty()) host.name = text_of(printed_by(contents, own, "hostname"));
  if (host.name.empty()) host.name = line_after(control, "Static hostname:");
  host.cpus = cpus_of(contents, own);
  facts.taken_s = time_of(contents, own);
  if (host.uptime_s == 0) host.uptime_s = uptime_of(contents, own, facts.taken_s);
  facts.uptime_s = host.uptime_s;
  return facts;
}

std::uint64_t seconds_of_uptime(std::string_view text) {
  const auto up = text.find(" up ");
  if (up == std::string_view::npos) return 0;
  std::uint64_t seconds = 0;
  for (const auto part : base::split(text.substr(up + 4), ',')) {
    const auto words = base::words(part);
    if (words.empty() || (words.size() > 1 && words[1].starts_with("user"))) break;
    if (const auto colon = words[0].find(':'); colon != std::string_view::npos) {
      const auto hours = base::parse_number(words[0].substr(0, colon));
      const auto minutes = base::parse_number(words[0].substr(colon + 1));
      if (hours && minutes) seconds += *hours * kHour + *minutes * kMinute;
      break;
    }
    const auto number = base::parse_number(words[0]);
    if (words.size() < 2 || !number) break;
    if (words[1].starts_with("day")) seconds += *number * kDay;
    if (words[1].starts_with("hour")) seconds += *number * kHour;
    if (words[1].starts_with("min")) seconds += *number * kMinute;
  }
  return seconds;
}

}  // namespace offline
