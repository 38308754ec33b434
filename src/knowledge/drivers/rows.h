// The kinds of statistics that drivers have, as rows of their tables. `name` is as in
// knowledge/drivers.h; `meaning` is one sentence.
#pragma once

#include "knowledge/drivers.h"

namespace knowledge::rows {

inline constexpr std::string_view kCheckRing =
    "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.";
inline constexpr std::string_view kCheckMemory =
    "dmesg (page allocation failure); vmstat allocstall; free.";
inline constexpr std::string_view kCheckPort =
    "ethtool -a DEV; lspci -vv (LnkSta); other functions of the same port.";
inline constexpr std::string_view kCheckAllowance =
    "The limits of the instance type; microbursts: averages hide them.";

// ── packets that are lost; `also` is the standard counter in which they may stand ──

constexpr Counter lost(std::string_view place, model::Stage stage, std::string_view name,
                       std::string_view meaning, std::string_view check, std::string_view also) {
  return {.name = name,
          .role = Role::kExact,
          .place = place,
          .stage = stage,
          .klass = model::Class::kLoss,
          .meaning = meaning,
          .check = check,
          .also = also};
}

constexpr Counter ring_overflow(std::string_view name, std::string_view meaning,
                                std::string_view also = {}) {
  return lost("ring.overflow", model::Stage::kRing, name, meaning, kCheckRing, also);
}

constexpr Counter port_buffer(std::string_view name, std::string_view meaning,
                              std::string_view also = {}) {
  return lost("ring.port-buffer", model::Stage::kRing, name, meaning, kCheckPort, also);
}

constexpr Counter refused_for_memory(std::string_view name, std::string_view meaning) {
  return lost("ring.alloc-failed", model::Stage::kRing, name, meaning, kCheckMemory, {});
}

constexpr Counter beyond_allowance(std::string_view name, std::string_view meaning) {
  return lost("ring.cloud-allowance", model::Stage::kRing, name, meaning, kCheckAllowance, {});
}

constexpr Counter too_long(std::string_view name, std::string_view meaning) {
  return lost("wire.length-errors", model::Stage::kWire, name, meaning, "The MTU of both ends.",
              {});
}

// ── packets that other counters have as well ──

constexpr Counter repeated(model::Stage stage, std::string_view name, std::string_view meaning) {
  return {.name = name, .role = Role::kEcho, .stage = stage, .meaning = meaning};
}

constexpr Counter bad_frame_checksum(std::string_view name) {
  return repeated(model::Stage::kWire, name, "Frames with a wrong checksum; in rx_crc_errors.");
}

constexpr Counter misaligned(std::string_view name) {
  return repeated(model::Stage::kWire, name, "Frames that end within a byte; in rx_frame_errors.");
}

constexpr Counter dropped_by_xdp(std::string_view name) {
  return repeated(model::Stage::kXdp, name, "Packets that the XDP program dropped.");
}

// ── something is short, and nothing lost by that alone ──

constexpr Counter shortage(model::Stage stage, std::string_view name, std::string_view meaning,
                           std::string_view check = {}) {
  return {
      .name = name, .role = Role::kPressure, .stage = stage, .meaning = meaning, .check = check};
}

constexpr Counter ring_was_empty(std::string_view name) {
  return shortage(model::Stage::kRing, name,
                  "The ring was empty when a packet came; the card kept it, if it could.",
                  kCheckRing);
}

constexpr Counter no_memory(std::string_view name) {
  return shortage(model::Stage::kMemory, name, "No memory for a packet or a receive buffer.",
                  kCheckMemory);
}

constexpr Counter queue_stopped(std::string_view name) {
  return shortage(model::Stage::kTxRing, name,
                  "The transmit ring was full and the queue was stopped: nothing is lost by that.");
}

constexpr Counter queue_went_on(std::string_view name) {
  return shortage(model::Stage::kTxRing, name, "A stopped transmit queue went on.");
}

constexpr Counter hung(std::string_view name) {
  return shortage(model::Stage::kTxRing, name, "The device hung and was reset.",
                  "dmesg (NETDEV WATCHDOG).");
}

// ── facts that are no loss, or of which it is not known ──

constexpr Counter told(model::Stage stage, std::string_view name, std::string_view meaning) {
  return {.name = name, .role = Role::kInfo, .stage = stage, .meaning = meaning};
}

constexpr Counter line_fault(std::string_view name, std::string_view meaning) {
  return {.name = name,
          .role = Role::kInfo,
          .stage = model::Stage::kWire,
          .meaning = meaning,
          .check = "Cable, optics, switch port."};
}

constexpr Counter bad_checksum(std::string_view name) {
  return told(model::Stage::kTransport, name,
              "Packets with a bad checksum, as the card sees it; the stack judges again.");
}

constexpr Counter pause_received(std::string_view name) {
  return told(model::Stage::kWire, name, "Pause frames from the other end.");
}

constexpr Counter pause_sent(std::string_view name) {
  return told(model::Stage::kWire, name, "Pause frames sent: the host is slow.");
}

}  // namespace knowledge::rows
