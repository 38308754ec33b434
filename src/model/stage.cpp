#include "model/stage.h"

#include <array>

namespace model {
namespace {

constexpr std::array<std::string_view, kStageCount> kStages = {
    "wire",      "ring",      "irq",    "napi",      "xdp",           "backlog",   "tc-ingress",
    "link",      "netfilter", "ip",     "transport", "listen",        "socket-rx", "app",
    "socket-tx", "tcp",       "route",  "neighbour", "netfilter-out", "qdisc",     "tx-ring",
    "wire-tx",   "cpu",       "memory", "network"};
constexpr std::array<std::string_view, 2> kDirections = {"receive", "send"};
constexpr std::array<std::string_view, 5> kClasses = {"loss", "policy", "refused", "noise",
                                                      "unknown"};

template <class Enum, size_t count>
std::optional<Enum> find(const std::array<std::string_view, count>& names, std::string_view name) {
  for (size_t at = 0; at < count; ++at) {
    if (names[at] == name) return static_cast<Enum>(at);
  }
  return {};
}

}  // namespace

std::string_view name(Stage stage) {
  return kStages[static_cast<size_t>(stage)];
}
std::string_view name(Direction direction) {
  return kDirections[static_cast<size_t>(direction)];
}
std::string_view name(Class klass) {
  return kClasses[static_cast<size_t>(klass)];
}

std::optional<Stage> stage_named(std::string_view name) {
  return find<Stage>(kStages, name);
}
std::optional<Direction> direction_named(std::string_view name) {
  return find<Direction>(kDirections, name);
}
std::optional<Class> class_named(std::string_view name) {
  return find<Class>(kClasses, name);
}

Direction direction_of(Stage stage) {
  return stage >= Stage::kSocketTx && stage <= Stage::kWireTx ? Direction::kSend
                                                              : Direction::kReceive;
}

}  // namespace model
