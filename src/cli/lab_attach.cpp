#include "cli/lab_attach.h"

#include <memory>

#include "cli/output.h"
#include "lab/drop_port/drop_port.h"

namespace cli {
namespace {

struct Options {
  std::string hook;
  std::string device;
  std::uint16_t port = 0;
};

base::Result<int> carry_out(const Options& options) {
  const auto hook = lab::hook_named(options.hook);
  if (!hook) return base::failure("there is no hook '" + options.hook + "'");
  TRY(lab::attach_drop_port(*hook, options.device, options.port));
  return 0;
}

}  // namespace

void add_lab_attach(CLI::App& lab, std::function<int()>& chosen) {
  auto options = std::make_shared<Options>();
  auto* app = lab.add_subcommand("attach", "hang a program that drops a UDP port on a device");
  app->add_option("HOOK", options->hook, "where in the packet's path")
      ->required()
      ->check(CLI::IsMember(lab::hook_names()));
  app->add_option("--device", options->device, "device of this network namespace")->required();
  app->add_option("--drop-udp-port", options->port, "destination port to drop")
      ->required()
      ->check(CLI::Range(1, 65535));
  app->callback([&chosen, options] { chosen = [options] { return report(carry_out(*options)); }; });
}

}  // namespace cli
