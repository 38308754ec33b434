// "qdisc fq_codel 0: dev eth0 parent :1 limit 10240p …", and below it " Sent 17 bytes 2 pkt
// (dropped 0, overlimits 0 requeues 0)" and " backlog 0b 0p requeues 0". (tc/tc_qdisc.c:
// print_qdisc)
#include "offline/qdisc_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/text.h"

namespace offline {
namespace {

constexpr auto kLimitedInPackets = std::to_array<std::string_view>(
    {"codel", "fq", "fq_codel", "netem", "pfifo", "pfifo_head_drop", "pie", "sfq"});

// The number at the start of "0,", "12p", "0)".
std::optional<std::uint64_t> number_in(std::string_view word) {
  std::size_t digits = 0;
  while (digits < word.size() && std::isdigit(static_cast<unsigned char>(word[digits])) != 0) {
    ++digits;
  }
  return base::parse_number(word.substr(0, digits));
}

std::string_view word_after(const std::vector<std::string_view>& words, std::string_view key) {
  const auto found = std::ranges::find(words, key);
  return found == words.end() || found + 1 == words.end() ? std::string_view() : *(found + 1);
}

// The labels of the line's queue; "" where it is none.
std::string labels_of(const std::vector<std::string_view>& words, const model::Inode& netns) {
  const std::string device(word_after(words, "dev"));
  if (words.size() < 5 || device.empty()) return "";
  const std::string kind(words[1]);
  const std::string handle(words[2]);
  const std::string parent(word_after(words, "parent"));
  // Where queues hang that have none above them: TC_H_INGRESS.
  if (parent.empty() || parent == "ffff:fff1") {
    return model::counter_id(
        "", {{"dev", device}, {"handle", handle}, {"kind", kind}, {"netns", netns}});
  }
  return model::counter_id(
      "",
      {{"dev", device}, {"handle", handle}, {"kind", kind}, {"netns", netns}, {"parent", parent}});
}

void take_limit(const std::vector<std::string_view>& words, const std::string& labels,
                sources::Look& look) {
  const auto limit = word_after(words, "limit");
  const auto number = number_in(limit);
  const bool counts_packets =
      std::ranges::find(kLimitedInPackets, words[1]) != kLimitedInPackets.end();
  const bool in_packets = limit.ends_with('p') || (number && std::to_string(*number) == limit);
  if (number && counts_packets && in_packets) {
    look.settings["qdisc.limit_packets" + labels] = std::to_string(*number);
  }
}

void take_numbers(const std::vector<std::string_view>& words, const std::string& labels,
                  sources::Look& look) {
  const auto tell = [&](std::string_view name, std::string_view word, auto& to) {
    if (const auto number = number_in(word)) to["qdisc." + std::string(name) + labels] = *number;
  };
  if (words.size() >= 11 && words[0] == "Sent") {
    tell("bytes", words[1], look.counters);
    tell("packets", words[3], look.counters);
    tell("drops", word_after(words, "(dropped"), look.counters);
    tell("overlimits", word_after(words, "overlimits"), look.counters);
    tell("requeues", word_after(words, "requeues"), look.counters);
  }
  // The bytes of the backlog are rounded, "12Kb"; its packets are not.
  if (words.size() >= 3 && words[0] == "backlog") tell("qlen", words[2], look.gauges);
}

}  // namespace

void parse_tc_qdisc(std::string_view text, const model::Inode& netns, sources::Look& look) {
  std::string labels;
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    if (words.empty()) continue;
    if (line.starts_with("qdisc ")) {
      labels = labels_of(words, netns);
      if (!labels.empty()) take_limit(words, labels, look);
    } else if (!labels.empty()) {
      take_numbers(words, labels, look);
    }
  }
}

}  // namespace offline
