// whydrop explain: the dictionary, offline.

#include <memory>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "cli/output.h"
#include "knowledge/explain.h"

namespace cli::commands {
namespace {

base::Result<int> run(const std::string& name) {
  const auto text = knowledge::explain(name);
  if (text) {
    TRY(print(*text));
    return kOk;
  }
  const auto alike = knowledge::similar(name);
  return base::failure(
      fmt::format("'{}' is not in the dictionary", name),
      alike.empty() ? "names are drop reasons, counters, kernel functions and causes, as the "
                      "kernel and the report spell them"
                    : fmt::format("did you mean {}?", fmt::join(alike, ", ")));
}

std::function<int()> set_up(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  app.add_option("NAME", *name, "a drop reason, a counter, a kernel function or a cause")
      ->required();
  return [name] { return report(run(*name)); };
}

}  // namespace

extern const Command explain;
const Command explain = {
    .name = "explain",
    .summary = "say what a drop reason, counter, kernel function or cause means",
    .set_up = set_up};

}  // namespace cli::commands
