#include "knowledge/spelling.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "model/counter.h"

namespace knowledge {
namespace {

// "Udp.RcvbufErrors" of "snmp.Udp.RcvbufErrors".
std::string without_source(std::string_view name) {
  return std::string(name.substr(name.find('.') + 1));
}

std::string without_dots(std::string_view name) {
  std::string text = without_source(name);
  std::erase(text, '.');
  return text;
}

std::string last_part(std::string_view name) {
  return std::string(name.substr(name.rfind('.') + 1));
}

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return result;
}

std::string_view bare(std::string_view name) {
  constexpr std::string_view kPrefix = "SKB_DROP_REASON_";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  name = model::counter_name(name);
  return name.substr(0, name.find("+0x"));
}

std::vector<const Counter*> counters_spelled(std::string_view name) {
  if (const auto* exact = find_counter(name)) return {exact};
  const std::string wanted = lower(name);
  const auto spellings = std::to_array<std::string (*)(std::string_view)>(
      {[](std::string_view full) { return std::string(full); }, without_source, without_dots,
       last_part});
  for (const auto spelling : spellings) {
    std::vector<const Counter*> found;
    for (const auto& row : counters()) {
      if (lower(spelling(row.name)) == wanted) found.push_back(&row);
    }
    if (!found.empty()) return found;
  }
  return {};
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace knowledge
