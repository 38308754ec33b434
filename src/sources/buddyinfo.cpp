// "Node 0, zone   Normal   4177    828 …", a column for each order from 0 on.
#include "sources/buddyinfo.h"

#include <string>

#include "base/text.h"

namespace sources {
namespace {

void read(const Access& access, Look& look) {
  if (const auto text = access.files.read("/proc/buddyinfo")) parse_buddyinfo(*text, look);
}

}  // namespace

void parse_buddyinfo(std::string_view text, Look& look) {
  constexpr std::size_t kHead = 4;
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    if (words.size() <= kHead || words[0] != "Node" || words[2] != "zone") continue;
    const auto node = words[1].substr(0, words[1].find(','));
    for (std::size_t at = kHead; at < words.size(); ++at) {
      const auto blocks = base::parse_number(words[at]);
      if (!blocks) continue;
      const auto order = std::to_string(at - kHead);
      look.gauges[model::counter_id(
          "buddyinfo.free",
          {{"node", node}, {"order", order}, {"shared", "host"}, {"zone", words[3]}})] = *blocks;
    }
  }
}

extern const Source buddyinfo;
const Source buddyinfo = {
    .name = "buddyinfo", .scope = Scope::kHost, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
