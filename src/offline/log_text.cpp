#include "offline/log_text.h"

#include <charconv>

#include "base/text.h"
#include "sources/kmsg.h"

namespace offline {

std::vector<model::KernelMessage> parse_dmesg(std::string_view text) {
  std::vector<model::KernelMessage> messages;
  for (const auto line : base::lines(text)) {
    // "[   12.345678] text"; with CONFIG_PRINTK_CALLER a "[    T1]" follows.
    const auto end = line.find("] ");
    if (!line.starts_with('[') || end == std::string_view::npos) continue;
    const auto number = base::trim(line.substr(1, end - 1));
    double at_s = 0;
    const auto [stop, failed] = std::from_chars(number.data(), number.data() + number.size(), at_s);
    if (failed != std::errc{} || stop != number.data() + number.size()) continue;
    const auto words = line.substr(end + 2);
    const auto kind = sources::kind_of_message(words);
    if (!kind) continue;
    messages.push_back({.at_s = at_s, .kind = std::string(*kind), .text = std::string(words)});
  }
  return messages;
}

}  // namespace offline
