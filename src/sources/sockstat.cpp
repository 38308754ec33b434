// The file exists in every namespace, but some of its numbers are the host's: the same in all of
// them. (net/ipv4/proc.c: sockstat_seq_show)
#include "sources/sockstat.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace sources {
namespace {

constexpr auto kShared = std::to_array<std::string_view>({
    "sockstat.TCP.orphan", "sockstat.TCP.alloc",
    "sockstat.TCP.mem",  // pages
    "sockstat.UDP.mem",  // pages
});

void parse_line(std::string_view line, std::string_view netns_labels, Look& look) {
  const auto words = base::words(line);
  // "TCP:" and pairs of name and number.
  if (words.size() % 2 == 0 || words.empty() || !words[0].ends_with(':')) return;
  const std::string_view group = words[0].substr(0, words[0].size() - 1);
  for (std::size_t at = 1; at + 1 < words.size(); at += 2) {
    const auto value = base::parse_number(words[at + 1]);
    if (!value) return;
    std::string id = "sockstat.";
    id.append(group).append(1, '.').append(words[at]);
    const bool shared = std::ranges::find(kShared, id) != kShared.end();
    id += shared ? "{shared=\"host\"}" : netns_labels;
    look.gauges[id] = *value;
  }
}

void read_file(const Access& access, const std::string& file, Look& look) {
  const auto text = access.files.read(access.proc_net + '/' + file);
  // sockstat6 is missing where the kernel has no IPv6.
  if (!text && file == "sockstat6") return;
  if (!text) {
    return tell_blind(look, "the memory of all sockets", text.error(), {model::Stage::kMemory});
  }
  if (is_unchanged(access.memory, file, *text)) return;
  parse_sockstat(*text, netns_labels(access), look);
}

void read(const Access& access, Look& look) {
  read_file(access, "sockstat", look);
  read_file(access, "sockstat6", look);
}

}  // namespace

void parse_sockstat(std::string_view text, std::string_view netns_labels, Look& look) {
  for (const std::string_view line : base::lines(text)) parse_line(line, netns_labels, look);
}

std::optional<std::uint64_t> sockets_in_use(std::string_view text, std::string_view group) {
  for (const std::string_view line : base::lines(text)) {
    if (!line.starts_with(group) || !line.substr(group.size()).starts_with(": ")) continue;
    const auto words = base::words(line);
    if (words.size() < 3 || words[1] != "inuse") return {};
    return base::parse_number(words[2]);
  }
  return {};
}

extern const Source sockstat;
const Source sockstat = {
    .name = "sockstat", .scope = Scope::kNetns, .cadence = Cadence::kEveryPoint, .read = read};

}  // namespace sources
