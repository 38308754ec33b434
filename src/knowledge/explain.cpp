// Every kind of name is told by the same sheet: a title, what it is, and labelled lines.
#include "knowledge/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "knowledge/drivers.h"
#include "knowledge/knowledge.h"
#include "knowledge/places.h"
#include "knowledge/spelling.h"

namespace knowledge {
namespace {

constexpr size_t kColumns = 90;
constexpr size_t kLabelColumns = 13;

class Sheet {
 public:
  explicit Sheet(std::string_view title) : text_(title) { text_ += '\n'; }

  void say(std::string_view sentence) { wrap("  ", sentence); }
  void line(std::string_view label, std::string_view content) {
    if (!content.empty()) wrap(fmt::format("  {:<{}}", label, kLabelColumns - 2), content);
  }
  void gap() { text_ += '\n'; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  // Starts with `first`; the lines after it are indented as far.
  void wrap(std::string_view first, std::string_view content) {
    std::string line(first);
    bool fresh = true;
    for (const auto word : base::words(content)) {
      if (!fresh && line.size() + 1 + word.size() > kColumns) {
        text_ += line + '\n';
        line.assign(first.size(), ' ');
        fresh = true;
      }
      if (!fresh) line += ' ';
      line += word;
      fresh = false;
    }
    text_ += line + '\n';
  }

  std::string text_;
};

std::string class_text(model::Class klass) {
  switch (klass) {
    case model::Class::kLoss:
      return "loss (somebody wanted the packet)";
    case model::Class::kPolicy:
      return "policy (somebody asked for the drop)";
    case model::Class::kRefused:
      return "refused (nobody listens, and the sender was told)";
    case model::Class::kNoise:
      return "noise (normal on a healthy host)";
    case model::Class::kUnknown:
      break;
  }
  return "unknown (counted as lost until something explains it)";
}

std::string stage_text(model::Stage stage, model::Direction direction) {
  return fmt::format("{} ({})", model::name(stage), model::name(direction));
}

std::string_view role_text(Role role) {
  switch (role) {
    case Role::kExact:
      return "counts exactly the packets of one place";
    case Role::kIncludes:
      return "counts packets of several places; what no other account explains is booked as "
             "unknown, under the counter's name";
    case Role::kEcho:
      return "counts packets that are counted elsewhere already; never added";
    case Role::kSymptom:
      return "a consequence of trouble, here or elsewhere; not a loss by itself";
    case Role::kPressure:
      return "a resource is short; no packet is gone yet";
    case Role::kTraffic:
      return "packets that passed";
    case Role::kInfo:
      break;
  }
  return "says nothing about loss by itself";
}

std::string listed(const std::set<std::string>& items) {
  return fmt::format("{}", fmt::join(items, ", "));
}

// The counters in which an account's packets sound again.
std::string heard_in(std::string_view account) {
  std::set<std::string> counters;
  for (const auto& row : echoes_of(account)) counters.emplace(row.counter);
  return listed(counters);
}

// "udp.receive-buffer-full at udp_queue_rcv_one_skb, …", one line per account.
void tell_functions_with(Sheet& sheet, const Reason& reason) {
  std::map<std::string_view, std::set<std::string>> by_account;
  for (const auto& row : functions()) {
    if (row.reason != reason.name) continue;
    by_account[row.place.empty() ? model::name(row.klass) : row.place].emplace(row.symbol);
  }
  for (const auto& [account, symbols] : by_account) {
    sheet.line("", fmt::format("{} at {}", account, listed(symbols)));
  }
}

// What the ledger calls an account that no place of the contract holds.
std::string placeless(model::Class klass) {
  const bool lost = model::counts_as_lost(klass);
  return fmt::format("{}@FUNCTION, named after where the packet was freed",
                     model::name(lost ? model::Class::kUnknown : klass));
}

std::string of_reason(const Reason& row) {
  Sheet sheet(fmt::format("{}: drop reason of the kernel", row.name));
  sheet.say(row.meaning);
  sheet.gap();
  sheet.line("Stage", stage_text(row.stage, row.direction));
  sheet.line("Class", class_text(row.klass));
  sheet.line("Booked on", row.place.empty() ? placeless(row.klass) : std::string(row.place));
  // More than two hundred functions free packets without a reason: they are asked one by one.
  if (row.name != "NOT_SPECIFIED") tell_functions_with(sheet, row);
  sheet.line("Heard in", heard_in(row.place));
  sheet.line("Heard in", heard_in(row.name));
  sheet.line("Check", row.check);
  return sheet.text();
}

void tell_function_row(Sheet& sheet, const Function& row) {
  sheet.gap();
  std::string_view with = row.reason;
  if (with.empty()) with = "no reason (kernels before 5.17)";
  if (with == "*") with = "any reason";
  sheet.line("With", with);
  sheet.line("", row.meaning);
  sheet.line("Stage", stage_text(row.stage, row.direction));
  sheet.line("Class", class_text(row.klass));
  if (!row.place.empty()) sheet.line("Booked on", row.place);
  sheet.line("Check", row.check);
}

std::string of_function(std::string_view symbol, const std::vector<const Function*>& rows) {
  Sheet sheet(fmt::format("{}: kernel function at which packets are freed", symbol));
  for (const auto* row : rows) tell_function_row(sheet, *row);
  return sheet.text();
}

std::string of_counter(const Counter& row) {
  Sheet sheet(fmt::format("{}: counter of the kernel", row.name));
  sheet.say(row.meaning);
  sheet.gap();
  sheet.line("Stage", model::name(row.stage));
  sheet.line("Taken as", role_text(row.role));
  sheet.line("Unit", row.unit);
  if (!row.place.empty()) {
    sheet.line("Class", class_text(row.klass));
    sheet.line("Booked on", row.place);
    sheet.line("Heard in", heard_in(row.place));
  }
  std::set<std::string> parts;
  for (const auto& echo : echoes()) {
    if (echo.counter == row.name) parts.emplace(echo.place);
  }
  sheet.line("Counts too", listed(parts));
  sheet.line("Check", row.check);
  return sheet.text();
}

// What each driver that has a statistic of this name means by it; "" where none has.
std::string of_statistic(std::string_view name) {
  constexpr std::string_view kPrefix = "ethtool.";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  Sheet sheet(fmt::format("{}: statistic of network drivers (ethtool -S)", name));
  bool found = false;
  for (const auto* driver : all_drivers()) {
    const auto* row = find_statistic(driver->name, name).row;
    if (row == nullptr) continue;
    found = true;
    sheet.gap();
    sheet.line("Driver", driver->name);
    sheet.line("", row->meaning);
    sheet.line("Stage", model::name(row->stage));
    sheet.line("Taken as", role_text(row->role));
    if (!row->place.empty()) {
      sheet.line("Class", class_text(row->klass));
      sheet.line("Booked on", row->place);
    }
    sheet.line("Heard in", row->also);
    sheet.line("Check", row->check);
    sheet.line("Source", driver->source);
  }
  return found ? sheet.text() : "";
}

// What the trace of a drop on this place looks like, one line per reason.
void tell_traces(Sheet& sheet, const Place& place) {
  std::string_view label = "Traced as";
  const auto tell = [&](std::string_view what) { sheet.line(std::exchange(label, ""), what); };
  for (const auto& row : reasons()) {
    if (row.place == place.id) tell(row.name);
  }
  std::map<std::string_view, std::set<std::string>> by_reason;
  for (const auto& row : functions()) {
    if (row.place == place.id) by_reason[row.reason].emplace(row.symbol);
  }
  for (const auto& [reason, symbols] : by_reason) {
    tell(fmt::format("{} at {}", reason.empty() ? "no reason (before 5.17)" : reason,
                     listed(symbols)));
  }
}

template <class Row>
std::string_view first_check(std::span<const Row> rows, std::string_view place) {
  const auto found = std::ranges::find(rows, place, &Row::place);
  return found != rows.end() ? found->check : std::string_view();
}

std::string of_place(const Place& place) {
  Sheet sheet(fmt::format("{}: place at which packets are lost", place.id));
  sheet.say(place.meaning);
  sheet.gap();
  sheet.line("Stage", stage_text(place.stage, place.direction));
  sheet.line("Class", class_text(place.klass));
  std::set<std::string> exact;
  for (const auto& row : counters()) {
    if (row.place == place.id) exact.emplace(row.name);
  }
  std::set<std::string> drivers;
  for (const auto* driver : all_drivers()) {
    for (const auto& row : driver->statistics) {
      if (row.place == place.id) drivers.emplace(fmt::format("{} ({})", row.name, driver->name));
    }
  }
  sheet.line("Counted by", listed(exact));
  sheet.line(exact.empty() ? "Counted by" : "", listed(drivers));
  tell_traces(sheet, place);
  sheet.line("Heard in", heard_in(place.id));
  for (const auto check : {first_check(counters(), place.id), first_check(reasons(), place.id),
                           first_check(functions(), place.id)}) {
    if (check.empty()) continue;
    sheet.line("Check", check);
    break;
  }
  return sheet.text();
}

std::string of_root(const Root& root) {
  Sheet sheet(fmt::format("{}: root, the reason behind a place", root.id));
  sheet.say(root.meaning);
  sheet.gap();
  sheet.line("Stage", model::name(root.stage));
  return sheet.text();
}

std::vector<const Function*> functions_named(std::string_view symbol) {
  symbol = symbol.substr(0, symbol.find('.'));
  std::vector<const Function*> rows;
  for (const auto& row : functions()) {
    if (row.symbol == symbol) rows.push_back(&row);
  }
  if (!rows.empty()) return rows;
  if (const auto* row = find_function(symbol, "NOT_SPECIFIED")) rows.push_back(row);
  return rows;
}

template <class Row, class Name>
const Row* in_any_case(std::span<const Row> rows, const std::string& wanted, Name name) {
  const auto found =
      std::ranges::find_if(rows, [&](const Row& row) { return lower(name(row)) == wanted; });
  return found != rows.end() ? &*found : nullptr;
}

}  // namespace

std::optional<std::string> explain(std::string_view name) {
  const std::string_view plain = bare(base::trim(name));
  const std::string wanted = lower(plain);
  if (const auto* place = find_place(wanted)) return of_place(*place);
  if (const auto* root = find_root(wanted)) return of_root(*root);
  const auto* reason = in_any_case(reasons(), wanted, [](const Reason& row) { return row.name; });
  if (reason == nullptr && wanted.starts_with("skb_drop_reason_")) {
    return explain(std::string_view(wanted).substr(16));
  }
  if (reason != nullptr) return of_reason(*reason);
  const auto rows = functions_named(plain);
  if (!rows.empty()) return of_function(plain, rows);
  std::string text;
  for (const auto* counter : counters_spelled(plain)) {
    if (!text.empty()) text += '\n';
    text += of_counter(*counter);
  }
  const auto statistic = of_statistic(plain);
  if (!text.empty() && !statistic.empty()) text += '\n';
  text += statistic;
  if (text.empty()) return {};
  return text;
}

std::vector<std::string_view> similar(std::string_view name) {
  const std::string wanted = lower(bare(base::trim(name)));
  if (wanted.empty()) return {};
  std::vector<std::pair<size_t, std::string_view>> ranked;
  const size_t farthest = std::max<size_t>(2, wanted.size() / 4);
  const auto consider = [&](std::string_view known) {
    const std::string full = lower(known);
    const std::string last = full.substr(full.rfind('.') + 1);
    size_t distance = std::min(edit_distance(wanted, full), edit_distance(wanted, last));
    if (wanted.size() >= 4 && full.find(wanted) != std::string::npos) distance = 1;
    if (distance <= farthest) ranked.emplace_back(distance, known);
  };
  for (const auto& row : places()) consider(row.id);
  for (const auto& row : roots()) consider(row.id);
  for (const auto& row : reasons()) consider(row.name);
  for (const auto& row : counters()) consider(row.name);
  for (const auto& row : functions()) consider(row.symbol);
  for (const auto* driver : all_drivers()) {
    for (const auto& row : driver->statistics) consider(row.name);
  }
  std::ranges::sort(ranked);
  std::vector<std::string_view> names;
  for (const auto& [distance, known] : ranked) {
    if (names.size() < 5 && std::ranges::find(names, known) == names.end()) names.push_back(known);
  }
  return names;
}

}  // namespace knowledge
