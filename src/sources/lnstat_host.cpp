// The tables of /proc/net/stat that are the same in every namespace, where whydrop was started.
#include <array>
#include <string>

#include "sources/lnstat.h"

namespace sources {
namespace {

constexpr auto kTables = std::to_array<std::string_view>({"arp_cache", "ndisc_cache", "rt_cache"});

void read(const Access& access, Look& look) {
  for (const auto table : kTables) {
    const auto text = access.files.read(access.proc_net + "/stat/" + std::string(table));
    if (text) parse_stat_table(table, *text, "{shared=\"host\"}", look);
  }
}

}  // namespace

extern const Source lnstat_host;
const Source lnstat_host = {
    .name = "lnstat_host", .scope = Scope::kHost, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
