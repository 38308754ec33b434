// For the first file the kernel walks the tables of IPv4; the second is seven hexadecimal numbers
// that it keeps (net/ipv6/route.c: rt6_stats_seq_show).
#include "sources/fib.h"

#include <array>
#include <string>

#include "base/text.h"

namespace sources {
namespace {

void read(const Access& access, Look& look) {
  if (const auto text = access.files.read(access.proc_net + "/fib_triestat")) {
    parse_fib_triestat(*text, access.netns, look);
  }
  if (const auto text = access.files.read(access.proc_net + "/rt6_stats")) {
    parse_rt6_stats(*text, access.netns, look);
  }
}

}  // namespace

void parse_fib_triestat(std::string_view text, const model::Inode& netns, Look& look) {
  std::string table;
  for (const auto line : base::lines(text)) {
    // "Main:", "Id 100:", and below it "\tPrefixes:       7".
    if (!line.starts_with('\t') && line.ends_with(':')) {
      table = line.substr(0, line.size() - 1);
      if (table.starts_with("Id ")) table.erase(0, 3);
    }
    const auto words = base::words(line);
    if (words.size() != 2 || words[0] != "Prefixes:" || table.empty()) continue;
    const auto count = base::parse_number(words[1]);
    if (!count) continue;
    look.gauges[model::counter_id("fib.prefixes", {{"netns", netns}, {"table", table}})] = *count;
  }
}

void parse_rt6_stats(std::string_view text, const model::Inode& netns, Look& look) {
  struct Column {
    std::size_t at;
    std::string_view name;
  };
  constexpr auto kColumns = std::to_array<Column>(
      {{0, "fib6.nodes"}, {3, "fib6.routes"}, {4, "fib6.cached"}, {5, "fib6.destinations"}});
  constexpr std::size_t kFields = 7;
  const auto words = base::words(text);
  if (words.size() != kFields) return;
  for (const auto& [at, name] : kColumns) {
    const auto value = base::parse_number(words[at], 16);
    if (value) look.gauges[model::counter_id(name, {{"netns", netns}})] = *value;
  }
}

extern const Source fib;
const Source fib = {
    .name = "fib", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
