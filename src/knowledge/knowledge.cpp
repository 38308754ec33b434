// Joins the tables and looks names up in them.
#include "knowledge/knowledge.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "knowledge/tables.h"

namespace knowledge {
namespace {

template <class Row>
std::vector<Row> joined(std::initializer_list<std::span<const Row>> tables) {
  std::vector<Row> rows;
  for (const auto table : tables) rows.insert(rows.end(), table.begin(), table.end());
  std::ranges::sort(rows, {}, [](const Row& row) { return key_of(row); });
  return rows;
}

template <class Row>
const Row* find_named(std::span<const Row> rows, std::string_view name) {
  const auto found = std::ranges::lower_bound(rows, name, {}, &Row::name);
  return found != rows.end() && found->name == name ? &*found : nullptr;
}

// "tcp_v4_rcv" of "tcp_v4_rcv.isra.0.cold". No function of the kernel has a dot in its own name.
std::string_view without_compiler_suffixes(std::string_view symbol) {
  return symbol.substr(0, symbol.find('.'));
}

// `pattern` holds at most one '*'.
bool matches(std::string_view pattern, std::string_view symbol) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == symbol;
  return symbol.size() + 1 >= pattern.size() && symbol.starts_with(pattern.substr(0, star)) &&
         symbol.ends_with(pattern.substr(star + 1));
}

const Function* row_with(std::span<const Function> rows, std::string_view reason) {
  const auto found = std::ranges::find(rows, reason, &Function::reason);
  return found != rows.end() ? &*found : nullptr;
}

// "reason-196611": a subsystem's number that only BTF has a name for, which the kernel may lack.
bool is_nameless(std::string_view reason) {
  return reason.empty() || reason.starts_with("reason-");
}

// The row for a reason among the rows of one symbol, the most exact one first.
const Function* chosen(std::span<const Function> rows, std::string_view reason) {
  if (const auto* exact = row_with(rows, reason)) return exact;
  if (is_nameless(reason)) {
    if (const auto* unspecified = row_with(rows, "NOT_SPECIFIED")) return unspecified;
  }
  return row_with(rows, "*");
}

std::span<const Function> rows_of(std::string_view symbol) {
  const auto found = std::ranges::equal_range(functions(), symbol, {}, &Function::symbol);
  return {found.begin(), found.end()};
}

// "snmp.IcmpMsg.InType*" of "snmp.IcmpMsg.InType3".
std::string family_of(std::string_view name) {
  const size_t last = name.find_last_not_of("0123456789");
  return std::string(name.substr(0, last + 1)) + "*";
}

}  // namespace

std::span<const Reason> reasons() {
  static const std::vector<Reason> kRows =
      joined({reasons_ip(), reasons_socket(), reasons_device(), reasons_wifi()});
  return kRows;
}

std::span<const Function> functions() {
  static const std::vector<Function> kRows =
      joined({functions_transport(), functions_network(), functions_device()});
  return kRows;
}

std::span<const Counter> counters() {
  static const std::vector<Counter> kRows =
      joined({counters_snmp(), counters_snmp6(), counters_ipext(), counters_tcpext(),
              counters_mptcp(), counters_device(), counters_socket(), counters_host(),
              counters_hardware(), counters_inventory()});
  return kRows;
}

std::span<const Echo> echoes_of(std::string_view account) {
  const auto found = std::ranges::equal_range(echoes(), account, {}, &Echo::place);
  return {found.begin(), found.end()};
}

const Reason* find_reason(std::string_view name) {
  return find_named(reasons(), name);
}

const Function* find_function(std::string_view symbol, std::string_view reason) {
  symbol = without_compiler_suffixes(symbol);
  if (const auto* row = chosen(rows_of(symbol), reason)) return row;
  // The few patterns sort first: '*' stands before every letter.
  for (const auto& row : functions()) {
    if (row.symbol.find('*') == std::string_view::npos) break;
    const bool fits = row.reason == reason || row.reason == "*" ||
                      (reason.empty() && row.reason == "NOT_SPECIFIED");
    if (fits && matches(row.symbol, symbol)) return &row;
  }
  return nullptr;
}

const Function* find_symbol(std::string_view symbol) {
  const auto rows = rows_of(without_compiler_suffixes(symbol));
  return rows.empty() ? nullptr : &rows.front();
}

const Counter* find_counter(std::string_view name) {
  if (const auto* row = find_named(counters(), name)) return row;
  return find_named(counters(), family_of(name));
}

}  // namespace knowledge
