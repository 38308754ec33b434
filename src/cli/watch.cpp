#include "cli/watch.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/stop.h"
#include "diagnose/diagnose.h"
#include "host/capabilities.h"
#include "host/own_sysfs.h"
#include "observe/observe.h"

namespace cli {
namespace {

void show_progress(const observe::Progress& progress) {
  const auto in_seconds = [](std::chrono::nanoseconds span) {
    return static_cast<double>(span.count()) / 1e9;
  };
  fmt::print(stderr, "\rwatching {:4.1f} of {:.0f} s{}", in_seconds(progress.elapsed),
             in_seconds(progress.planned),
             progress.tracing
                 ? fmt::format(", {} packets freed as drops", base::grouped(progress.dropped))
                 : std::string());
  std::fflush(stderr);
}

std::vector<std::string_view> rights_to_files() {
  if (geteuid() != 0) return {};
  return {"CAP_DAC_OVERRIDE", "CAP_FOWNER"};
}

}  // namespace

base::Status give_up_rights_to_attach(bool will_write) {
  auto keep = will_write ? rights_to_files() : std::vector<std::string_view>();
  std::ranges::copy(host::kept_after_attaching(), std::back_inserter(keep));
  if (host::maps_need_cap_bpf()) keep.emplace_back("CAP_BPF");
  return host::give_up_capabilities(*base::system_files(), keep);
}

base::Status keep_rights_to_files_only() {
  return host::give_up_capabilities(*base::system_files(), rights_to_files());
}

base::Result<model::Evidence> watch(const Watch& watch) {
  host::mount_missing_sysfs();
  observe::Request request;
  request.duration = TRY(parse_duration(watch.time));
  request.netns = watch.netns;
  request.interface = watch.interface;
  request.tracer = watch.tracer;
  request.inventory = watch.inventory;
  request.stop = StopOnSignals::asked();
  request.attached = [&] { return give_up_rights_to_attach(watch.will_write); };
  request.questions = diagnose::questions;
  const bool watched = isatty(STDERR_FILENO) == 1 && !watch.quiet;
  if (watched) request.progress = show_progress;
  const StopOnSignals stop;
  auto evidence = observe::observe(request);
  if (watched) fmt::print(stderr, "\r\x1b[K");
  return evidence;
}

}  // namespace cli
