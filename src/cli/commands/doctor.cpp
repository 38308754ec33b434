// whydrop doctor: what this host, this kernel and this user allow, and what would allow more.

#include <memory>

#include "cli/checkup.h"
#include "cli/command.h"
#include "cli/output.h"
#include "host/own_sysfs.h"
#include "render/doctor.h"

namespace cli::commands {
namespace {

base::Result<int> run(const OutputOptions& options) {
  host::mount_missing_sysfs();
  const auto doctor = TRY(check_up(*base::system_files(), *base::system_netlink()));
  TRY(print(options.json ? render::json(doctor)
                         : render::terminal(doctor, terminal_style(options))));
  return model::missing_checks(doctor) == 0 ? kOk : kFound;
}

std::function<int()> set_up(CLI::App& app) {
  auto options = std::make_shared<OutputOptions>();
  add_format_options(app, *options);
  return [options] { return report(run(*options)); };
}

}  // namespace

extern const Command doctor;
const Command doctor = {.name = "doctor",
                        .summary = "say what this host, kernel and user allow whydrop to see",
                        .set_up = set_up};

}  // namespace cli::commands
