// About 430 numbers in three files, read ten times a second in every namespace of the host: the
// cost is not the parsing but the names, each an entry of some tree. So a number is only given its
// name when its text differs from that of the last read.
#include "sources/snmp.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace sources {
namespace {

// Settings and constants among the counters, which sources/sysctl.cpp reads where they matter.
constexpr auto kNotMeasured = std::to_array<std::string_view>({
    "Ip.Forwarding",
    "Ip.DefaultTTL",
    "Tcp.RtoAlgorithm",
    "Tcp.RtoMin",
    "Tcp.RtoMax",
    "Tcp.MaxConn",
});
// How many there are now: these fall.
constexpr auto kGauges = std::to_array<std::string_view>({
    "Tcp.CurrEstab",
    "MPTcpExt.MPCurrEstab",
});

// Cuts the first word off `rest`; "" at the end.
std::string_view next_word(std::string_view& rest) {
  const std::size_t start = rest.find_first_not_of(" \t");
  if (start == std::string_view::npos) return rest = {};
  const std::size_t end = std::min(rest.find_first_of(" \t", start), rest.size());
  const std::string_view word = rest.substr(start, end - start);
  rest.remove_prefix(end);
  return word;
}

std::size_t count_words(std::string_view rest) {
  std::size_t count = 0;
  while (!next_word(rest).empty()) ++count;
  return count;
}

struct Pair {
  std::string_view names;
  std::string_view numbers;
};

// Lines that follow each other and start with the same "Word:"; a line without partner is skipped.
std::vector<Pair> pairs(std::string_view text) {
  std::vector<Pair> found;
  const auto lines = base::lines(text);
  for (std::size_t at = 0; at + 1 < lines.size(); ++at) {
    const std::size_t colon = lines[at].find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    if (!lines[at + 1].starts_with(lines[at].substr(0, colon + 1))) continue;
    found.push_back({lines[at], lines[at + 1]});
    ++at;
  }
  return found;
}

void tell(std::string_view file, std::string_view group, std::string_view field,
          std::uint64_t value, std::string_view labels, Look& look) {
  std::string id;
  id.reserve(file.size() + group.size() + field.size() + labels.size() + 2);
  id.append(file).append(1, '.').append(group).append(1, '.').append(field);
  const std::string_view name = std::string_view(id).substr(file.size() + 1);
  if (std::ranges::find(kNotMeasured, name) != kNotMeasured.end()) return;
  const bool gauge = std::ranges::find(kGauges, name) != kGauges.end();
  auto& snapshot = gauge ? look.gauges : look.counters;
  id.append(labels);
  snapshot.insert_or_assign(std::move(id), value);
}

// `old` are the numbers under the same names at the last read, or "".
void parse_pair(std::string_view file, Pair pair, std::string_view old, std::string_view labels,
                Look& look) {
  std::string_view names = pair.names;
  std::string_view numbers = pair.numbers;
  if (numbers == old || count_words(names) != count_words(numbers)) return;
  std::string_view group = next_word(names);
  group.remove_suffix(1);
  next_word(numbers);
  next_word(old);
  while (true) {
    const std::string_view field = next_word(names);
    if (field.empty()) return;
    const std::string_view number = next_word(numbers);
    if (number == next_word(old)) continue;
    const auto value = base::parse_number(number);
    if (value) tell(file, group, field, *value, labels, look);
  }
}

void read_pairs(const Access& access, std::string_view file, Look& look) {
  const auto text = access.files.read(access.proc_net + '/' + std::string(file));
  if (!text) {
    return tell_blind(look, "the counters of IP, ICMP, UDP and TCP", text.error(),
                      {model::Stage::kIp, model::Stage::kTransport, model::Stage::kListen,
                       model::Stage::kSocketRx, model::Stage::kSocketTx, model::Stage::kTcp});
  }
  parse_snmp_pairs(file, *text, recall(access.memory, file, *text), netns_labels(access), look);
}

void read(const Access& access, Look& look) {
  read_pairs(access, "snmp", look);
  read_pairs(access, "netstat", look);
  // The file is missing where the kernel has no IPv6: then there is nothing to measure.
  const auto text = access.files.read(access.proc_net + "/snmp6");
  if (!text) return;
  parse_snmp6(*text, recall(access.memory, "snmp6", *text), netns_labels(access), look);
}

}  // namespace

void parse_snmp_pairs(std::string_view file, std::string_view text, std::string_view before,
                      std::string_view labels, Look& look) {
  if (text == before) return;
  const auto old_pairs = pairs(before);
  for (const Pair& pair : pairs(text)) {
    const auto old = std::ranges::find(old_pairs, pair.names, &Pair::names);
    parse_pair(file, pair, old == old_pairs.end() ? std::string_view{} : old->numbers, labels,
               look);
  }
}

void parse_snmp6(std::string_view text, std::string_view before, std::string_view labels,
                 Look& look) {
  if (text == before) return;
  const auto old = base::lines(before);
  const auto now = base::lines(text);
  for (std::size_t row = 0; row < now.size(); ++row) {
    if (old.size() == now.size() && old[row] == now[row]) continue;
    std::string_view rest = now[row];
    const std::string_view field = next_word(rest);
    const auto value = base::parse_number(next_word(rest));
    if (!value || !next_word(rest).empty()) continue;
    std::string id("snmp6.");
    id.append(field).append(labels);
    look.counters.insert_or_assign(std::move(id), *value);
  }
}

extern const Source snmp;
const Source snmp = {
    .name = "snmp", .scope = Scope::kNetns, .cadence = Cadence::kEveryPoint, .read = read};

}  // namespace sources
