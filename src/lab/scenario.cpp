#include "lab/scenario.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "lab/lab.h"

namespace lab {
namespace {

constexpr std::string_view kPrelude = "prelude.sh";
constexpr std::string_view kTwin = "twin.sh";

std::vector<std::string> word_list(std::string_view value) {
  const auto words = base::words(value);
  return {words.begin(), words.end()};
}

bool set_packets(Expectations& expect, std::string_view value) {
  constexpr std::string_view kPlusMinus = "±";
  const auto at = value.find(kPlusMinus);
  expect.packets = base::trim(value.substr(0, at));
  if (at == std::string_view::npos) return true;
  auto percent = base::trim(value.substr(at + kPlusMinus.size()));
  if (!percent.ends_with('%')) return false;
  percent = base::trim(percent.substr(0, percent.size() - 1));
  const auto number = base::parse_number(percent);
  expect.tolerance_percent = static_cast<double>(number.value_or(0));
  return number.has_value();
}

bool set_object(ExpectedObject& object, std::string_view value) {
  for (const auto word : base::words(value)) {
    const auto parts = base::split(word, '=');
    if (parts.size() != 2) return false;
    if (parts[0] == "comm") {
      object.comm = parts[1];
    } else if (parts[0] == "port") {
      object.port = parts[1];
    } else if (parts[0] == "netns") {
      object.netns = parts[1];
    } else {
      return false;
    }
  }
  return true;
}

// "A B; C D" -> pairs of words; false where a part is not a pair.
template <class Pair>
bool set_pairs(std::vector<Pair>& list, std::string_view value, std::string_view between) {
  for (const auto part : base::split(value, ';')) {
    auto words = base::words(part);
    if (!between.empty() && words.size() > 2 && words[1] == between) {
      const auto rest = part.substr(part.find(between) + between.size());
      list.push_back({std::string(words[0]), std::string(base::trim(rest))});
    } else if (between.empty() && words.size() == 2) {
      list.push_back({std::string(words[0]), std::string(words[1])});
    } else {
      return false;
    }
  }
  return true;
}

bool append(std::vector<std::string>& list, std::vector<std::string> more) {
  list.insert(list.end(), more.begin(), more.end());
  return true;
}

bool assign(std::string& field, std::string_view value) {
  field = value;
  return !value.empty();
}

// One key of the declaration; false where the value cannot be understood.
struct Key {
  std::string_view name;
  bool (*set)(Scenario& scenario, std::string_view value);
};

constexpr auto kKeys = std::to_array<Key>({
    {"title", [](Scenario& s, std::string_view v) { return assign(s.title, v); }},
    {"touches", [](Scenario& s, std::string_view v) { return assign(s.touches, v); }},
    {"needs", [](Scenario& s, std::string_view v) { return append(s.needs, word_list(v)); }},
    {"select", [](Scenario& s, std::string_view v) { return append(s.select, word_list(v)); }},
    {"cure", [](Scenario& s, std::string_view v) { return assign(s.cure, v); }},
    {"twin", [](Scenario& s, std::string_view v) { return s.has_twin = v == "yes"; }},
    {"expect.cause", [](Scenario& s, std::string_view v) { return assign(s.expect.cause, v); }},
    {"expect.because", [](Scenario& s, std::string_view v) { return assign(s.expect.because, v); }},
    {"expect.verdict", [](Scenario& s, std::string_view v) { return assign(s.expect.verdict, v); }},
    {"expect.packets", [](Scenario& s, std::string_view v) { return set_packets(s.expect, v); }},
    {"expect.object",
     [](Scenario& s, std::string_view v) { return set_object(s.expect.object, v); }},
    {"expect.also",
     [](Scenario& s, std::string_view v) { return set_pairs(s.expect.beside, v, "="); }},
    {"expect.hit", [](Scenario& s, std::string_view v) { return assign(s.expect.hit, v); }},
    {"expect.echo",
     [](Scenario& s, std::string_view v) { return set_pairs(s.expect.echoes, v, ""); }},
    {"expect.not",
     [](Scenario& s, std::string_view v) { return append(s.expect.not_accused, word_list(v)); }},
    {"expect.not-remedy",
     [](Scenario& s, std::string_view v) { return set_pairs(s.expect.not_offered, v, ""); }},
    {"expect.says",
     [](Scenario& s, std::string_view v) { return append(s.expect.says, {std::string(v)}); }},
    {"expect.after-cure",
     [](Scenario& s, std::string_view v) {
       s.expect.after_cure = v;
       return !v.empty();
     }},
});

// "key" and "value" of "# key: value"; an empty key where the declaration is over.
std::pair<std::string_view, std::string_view> declared(std::string_view line) {
  const auto colon = line.find(": ");
  if (!line.starts_with("# ") || colon == std::string_view::npos) return {};
  const auto key = line.substr(2, colon - 2);
  if (key.find(' ') != std::string_view::npos) return {};
  return {key, base::trim(line.substr(colon + 2))};
}

std::string_view embedded_text(std::string_view path) {
  for (const auto& [name, text] : embedded()) {
    if (name == path) return text;
  }
  return {};
}

// A script that runs the function named by its first argument.
std::string runnable(std::string_view text, bool with_twin) {
  return fmt::format("{}\n{}\n{}\n\"$@\"\n", embedded_text(kPrelude), text,
                     with_twin ? embedded_text(kTwin) : "");
}

// The same traffic as `scenario`, with the losses and the expectations of lab/twin.sh.
base::Result<Scenario> twin_of(const Scenario& scenario, std::string_view text) {
  auto twin = TRY(parse_scenario(kTwin, embedded_text(kTwin)));
  twin.name = scenario.name + "+twin";
  twin.title = scenario.title + " " + twin.title;
  append(twin.needs, scenario.needs);
  twin.script = runnable(text, true);
  return twin;
}

}  // namespace

std::string name_of_path(std::string_view path) {
  if (path.ends_with(".sh")) path.remove_suffix(3);
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::string(path);
  const auto file = path.substr(slash + 1);
  if (file.find('.') != std::string_view::npos) return std::string(file);
  return fmt::format("{}.{}", path.substr(0, slash), file);
}

base::Result<Scenario> parse_scenario(std::string_view path, std::string_view text) {
  Scenario scenario{.name = name_of_path(path), .script = runnable(text, false)};
  const auto wrong = [&](std::string_view what) {
    return base::failure(fmt::format("lab/{}: {}", path, what));
  };
  for (const auto line : base::lines(text)) {
    const auto [name, value] = declared(line);
    if (name.empty()) break;
    const auto* key = std::ranges::find(kKeys, name, &Key::name);
    if (key == kKeys.end()) return wrong(fmt::format("there is no key '{}'", name));
    if (!key->set(scenario, value)) {
      return wrong(fmt::format("cannot understand '{}: {}'", name, value));
    }
  }
  if (!scenario.title.ends_with('?')) return wrong("the title is not a question");
  if (scenario.expect.verdict.empty()) return wrong("expect.verdict is missing");
  if (scenario.touches != "namespaces" && scenario.touches != "host-wide") {
    return wrong("touches: is neither 'namespaces' nor 'host-wide'");
  }
  return scenario;
}

base::Result<std::vector<Scenario>> all_scenarios() {
  std::vector<Scenario> all;
  for (const auto& [path, text] : embedded()) {
    if (path == kPrelude || path == kTwin) continue;
    all.push_back(TRY(parse_scenario(path, text)));
    if (!all.back().has_twin) continue;
    auto twin = TRY(twin_of(all.back(), text));
    all.push_back(std::move(twin));
  }
  std::ranges::sort(all, {}, &Scenario::name);
  return all;
}

}  // namespace lab
