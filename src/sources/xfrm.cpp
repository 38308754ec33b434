// "XfrmInError             \t0" a line; a kernel without CONFIG_XFRM_STATISTICS has no file.
#include "sources/xfrm.h"

#include <string>

#include "base/text.h"

namespace sources {
namespace {

void read(const Access& access, Look& look) {
  const auto text = access.files.read(access.proc_net + "/xfrm_stat");
  if (!text) return;
  if (is_unchanged(access.memory, "xfrm", *text)) return;
  parse_xfrm(*text, access.netns, look);
}

}  // namespace

void parse_xfrm(std::string_view text, const model::Inode& netns, Look& look) {
  const auto labels = model::counter_id("", {{"netns", netns}});
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    if (words.size() != 2 || !words[0].starts_with("Xfrm")) continue;
    const auto value = base::parse_number(words[1]);
    if (value) look.counters[std::string("xfrm.").append(words[0]).append(labels)] = *value;
  }
}

extern const Source xfrm;
const Source xfrm = {
    .name = "xfrm", .scope = Scope::kNetns, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
