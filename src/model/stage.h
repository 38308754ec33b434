// The packet's journey: every stage between the wire and the application, in order, and the classes
// a lost packet can be of. The names are those of the contract.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace model {

enum class Stage : std::uint8_t {
  // Receive.
  kWire,
  kRing,
  kIrq,
  kNapi,
  kXdp,
  kBacklog,
  kTcIngress,
  kLink,
  kNetfilter,
  kIp,
  kTransport,
  kListen,
  kSocketRx,
  kApp,
  // Send.
  kSocketTx,
  kTcp,
  kRoute,
  kNeighbour,
  kNetfilterOut,
  kQdisc,
  kTxRing,
  kWireTx,
  // Across.
  kCpu,
  kMemory,
  kNetwork,
};

inline constexpr int kStageCount = static_cast<int>(Stage::kNetwork) + 1;

enum class Direction : std::uint8_t { kReceive, kSend };

// Whose fault a missing packet is; see docs/architecture.md.
enum class Class : std::uint8_t { kLoss, kPolicy, kRefused, kNoise, kUnknown };

[[nodiscard]] std::string_view name(Stage stage);
[[nodiscard]] std::string_view name(Direction direction);
[[nodiscard]] std::string_view name(Class klass);
[[nodiscard]] std::optional<Stage> stage_named(std::string_view name);
[[nodiscard]] std::optional<Direction> direction_named(std::string_view name);
[[nodiscard]] std::optional<Class> class_named(std::string_view name);

// The direction in which packets pass the stage; stages across (cpu, memory, network) count as
// receive.
[[nodiscard]] Direction direction_of(Stage stage);

// Loss and unknown are counted as lost; the other classes are shown apart.
[[nodiscard]] constexpr bool counts_as_lost(Class klass) {
  return klass == Class::kLoss || klass == Class::kUnknown;
}

}  // namespace model
