// protocol size sockets memory press …: sockets are counted in the namespace, memory on the host;
// -1 and "NI" where a protocol keeps no account (net/core/sock.c: proto_seq_printf).
#include "sources/protocols.h"

#include "base/text.h"

namespace sources {
namespace {

void read(const Access& access, Look& look) {
  const auto text = access.files.read(access.proc_net + "/protocols");
  if (text) parse_protocols(*text, access.netns, look);
}

}  // namespace

void parse_protocols(std::string_view text, const model::Inode& netns, Look& look) {
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    if (words.size() < 5) continue;
    const auto sockets = base::parse_number(words[2]);
    if (!sockets) continue;  // the heading
    look.gauges[model::counter_id("protocols.sockets",
                                  {{"netns", netns}, {"protocol", words[0]}})] = *sockets;
    const auto shared = [&](std::string_view name) -> std::uint64_t& {
      return look.gauges[model::counter_id(name, {{"protocol", words[0]}, {"shared", "host"}})];
    };
    const auto pages = base::parse_number(words[3]);
    if (pages) shared("protocols.memory_pages") = *pages;
    if (words[4] == "yes" || words[4] == "no") {
      shared("protocols.pressure") = words[4] == "yes" ? 1 : 0;
    }
  }
}

extern const Source protocols;
const Source protocols = {
    .name = "protocols", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
