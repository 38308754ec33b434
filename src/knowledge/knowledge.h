// The dictionary: what every drop reason, kernel function and counter means, at which stage it
// sits, of which class it is, on which account it is booked, and in which other counters the same
// packets sound again. Keyed by name: numbers and orders move between kernels.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/stage.h"

namespace knowledge {

// A drop reason of the kernel ("SOCKET_RCVBUFF").
struct Reason {
  std::string_view name;
  // The account it is booked on: an id of the contract ("udp.receive-buffer-full"), or "" where
  // the reason alone cannot tell (the function decides, else the account is unknown@symbol).
  std::string_view place;
  model::Stage stage = model::Stage::kNetwork;
  model::Direction direction = model::Direction::kReceive;
  model::Class klass = model::Class::kUnknown;
  std::string_view meaning;  // one sentence
  std::string_view check;    // what to look at next; names commands
};

// A kernel function at which packets are freed. Decides where the reason is NOT_SPECIFIED, missing
// (before 5.17) or ambiguous.
struct Function {
  // Without compiler suffix. One '*' at the start stands for anything: "*_clean_tx_irq".
  std::string_view symbol;
  // The reason it decides about: a name; "NOT_SPECIFIED", which also takes a missing reason and one
  // that has a number only; "", which takes only a missing reason, where the function ends more
  // kinds of packets on kernels without reasons than its NOT_SPECIFIED does later; or "*".
  std::string_view reason;
  std::string_view place;
  model::Stage stage = model::Stage::kNetwork;
  model::Direction direction = model::Direction::kReceive;
  model::Class klass = model::Class::kUnknown;
  std::string_view meaning;
  std::string_view check;
};

// How a counter's rise is taken.
enum class Role : std::uint8_t {
  kExact,     // counts exactly the packets of `place`
  kIncludes,  // counts the packets of several places; what they do not cover is an account of its
              // own
  kEcho,      // counts packets already counted elsewhere; never an account
  kSymptom,   // a consequence (retransmissions, timeouts)
  kPressure,  // a resource is short; no packet is gone
  kTraffic,   // packets that passed
  kInfo,      // says nothing about loss
};

// A counter without its labels ("snmp.Udp.RcvbufErrors"). A '*' at the end of a name stands for a
// number: "snmp.IcmpMsg.InType*". Gauges have rows too, of role kInfo.
struct Counter {
  std::string_view name;
  Role role = Role::kInfo;
  std::string_view place;  // for kExact
  model::Stage stage = model::Stage::kNetwork;
  model::Class klass = model::Class::kUnknown;
  std::string_view unit = "packets";  // "packets", "events", "lookups", "segments"
  std::string_view meaning;
  std::string_view check;
  // Of a driver's statistic: the standard counter in which the driver counts the same packets, with
  // some versions of it or all.
  std::string_view also = {};
};

// Where an echo is heard, seen from the account.
enum class Where : std::uint8_t { kSameNetns, kSameDevice, kPeerDevice, kSenderNetns, kHost };

// The packets of `place` are counted again in `counter`.
struct Echo {
  // A place of the contract; the name of a reason ("IPV6DISABLED"), for accounts without a place;
  // or the name of such an account ("unknown@vxlan_rcv"), where there is no reason either.
  std::string_view place;
  std::string_view counter;
  Where where = Where::kSameNetns;
};

// All rows, sorted by name.
[[nodiscard]] std::span<const Reason> reasons();
[[nodiscard]] std::span<const Function> functions();
[[nodiscard]] std::span<const Counter> counters();
[[nodiscard]] std::span<const Echo> echoes();
// The rows whose `place` is this place, reason or account.
[[nodiscard]] std::span<const Echo> echoes_of(std::string_view account);

// Null where the name is not known: class unknown, and the report says so.
[[nodiscard]] const Reason* find_reason(std::string_view name);
// The row for a drop at `symbol` with `reason` ("" = the kernel gave none); compiler suffixes
// (".isra.0", ".constprop.0", ".part.0", ".cold") are ignored. An exact reason beats "*".
[[nodiscard]] const Function* find_function(std::string_view symbol, std::string_view reason);
// Any row of the function, whatever the reason: tells the stage of a drop whose reason has no row.
[[nodiscard]] const Function* find_symbol(std::string_view symbol);
[[nodiscard]] const Counter* find_counter(std::string_view name);

}  // namespace knowledge
