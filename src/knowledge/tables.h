// The dictionary's tables, one file each: what is in them is joined by knowledge.cpp.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>

#include "knowledge/knowledge.h"
#include "knowledge/places.h"

namespace knowledge {

// What a row is sorted by.
constexpr std::string_view key_of(const Reason& row) {
  return row.name;
}
constexpr std::string_view key_of(const Counter& row) {
  return row.name;
}
constexpr std::string_view key_of(const Place& row) {
  return row.id;
}
constexpr std::string_view key_of(const Root& row) {
  return row.id;
}
constexpr auto key_of(const Function& row) {
  return std::tuple(row.symbol, row.reason);
}
constexpr auto key_of(const Echo& row) {
  return std::tuple(row.place, row.counter, row.where);
}

template <class Row>
constexpr bool sorted_and_unique(std::span<const Row> rows) {
  for (size_t at = 1; at < rows.size(); ++at) {
    if (!(key_of(rows[at - 1]) < key_of(rows[at]))) return false;
  }
  return true;
}

[[nodiscard]] std::span<const Reason> reasons_ip();
[[nodiscard]] std::span<const Reason> reasons_socket();
[[nodiscard]] std::span<const Reason> reasons_device();
[[nodiscard]] std::span<const Reason> reasons_wifi();
[[nodiscard]] std::span<const Function> functions_transport();
[[nodiscard]] std::span<const Function> functions_network();
[[nodiscard]] std::span<const Function> functions_device();
[[nodiscard]] std::span<const Counter> counters_snmp();
[[nodiscard]] std::span<const Counter> counters_snmp6();
[[nodiscard]] std::span<const Counter> counters_ipext();
[[nodiscard]] std::span<const Counter> counters_tcpext();
[[nodiscard]] std::span<const Counter> counters_mptcp();
[[nodiscard]] std::span<const Counter> counters_device();
[[nodiscard]] std::span<const Counter> counters_socket();
[[nodiscard]] std::span<const Counter> counters_host();
[[nodiscard]] std::span<const Counter> counters_hardware();
[[nodiscard]] std::span<const Counter> counters_inventory();

}  // namespace knowledge
