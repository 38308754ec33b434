// Each field is an unsigned int of the kernel and wraps at 32 bits; so does the sum, by parts. The
// table of connections is of one namespace, the others are of the host and the same in all of them
// (net/netfilter/nf_conntrack_standalone.c, net/ipv4/route.c, net/core/neighbour.c). A kernel that
// has no connection tracking, or has not loaded it, has no file.
#include "sources/lnstat.h"

#include <string>
#include <vector>

#include "base/text.h"

namespace sources {
namespace {

void read(const Access& access, Look& look) {
  const auto connections = access.files.read(access.proc_net + "/stat/nf_conntrack");
  if (!connections) return;
  if (is_unchanged(access.memory, "lnstat", *connections)) return;
  parse_stat_table("nf_conntrack", *connections, netns_labels(access), look);
}

}  // namespace

void parse_stat_table(std::string_view table, std::string_view text, std::string_view labels,
                      Look& look) {
  const auto lines = base::lines(text);
  if (lines.empty()) return;
  const auto names = base::words(lines[0]);
  std::vector<std::uint64_t> sums(names.size());
  bool has_values = false;
  for (std::size_t row = 1; row < lines.size(); ++row) {
    const auto words = base::words(lines[row]);
    if (words.size() != names.size()) continue;
    for (std::size_t at = 0; at < words.size(); ++at) {
      const auto value = base::parse_number(words[at], 16);
      if (!value) continue;
      has_values = true;
      sums[at] = names[at] == "entries" ? *value : sums[at] + *value;
    }
  }
  if (!has_values) return;
  for (std::size_t at = 0; at < names.size(); ++at) {
    auto id = std::string("lnstat.").append(table).append(1, '.').append(names[at]).append(labels);
    (names[at] == "entries" ? look.gauges : look.counters)[std::move(id)] = sums[at];
  }
}

extern const Source lnstat;
const Source lnstat = {
    .name = "lnstat", .scope = Scope::kNetns, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
