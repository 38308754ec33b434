// whydrop trace: each drop as it happens, and the sums.

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/clock.h"
#include "base/files.h"
#include "cli/command.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/stop.h"
#include "cli/watch.h"
#include "filter/compile.h"
#include "formats/pcapng_file.h"
#include "host/identity.h"
#include "host/own_sysfs.h"
#include "live/captured.h"
#include "live/retold.h"
#include "live/trace.h"
#include "render/trace.h"

namespace cli::commands {
namespace {

struct Options {
  std::string time;
  std::vector<std::string> netns;
  std::vector<std::string> stages;
  live::Selection selection;
  std::uint32_t pid = 0;
  std::uint64_t count = 0;
  std::vector<std::string> filter;  // words of an expression
  std::string tracer = "auto";
  bool stacks = false;
  bool folded = false;
  bool flows = false;
  bool received = false;
  bool drops = false;
  bool retransmits = false;
  bool resets = false;
  std::string write;
  std::string read;
  std::uint32_t snaplen = 0;
  std::uint64_t file_mib = 0;
  std::uint32_t files = 0;
  OutputOptions output;
};

base::Result<live::TraceRequest> request_of(const Options& options) {
  live::TraceRequest request;
  if (!options.time.empty()) request.duration = TRY(parse_duration(options.time));
  request.netns = options.netns;
  request.selection = options.selection;
  if (options.pid != 0) request.selection.pid = options.pid;
  for (const auto& name : options.stages) {
    const auto stage = model::stage_named(name);
    if (!stage) {
      return base::failure("there is no stage '" + name + "'",
                           "docs/journey.md lists them: ring, backlog, netfilter, socket-rx, …");
    }
    request.selection.stages.push_back(*stage);
  }
  request.tracer = options.tracer;
  if (request.tracer == "none") {
    return base::failure("trace cannot do without a tracer", "--tracer auto");
  }
  // Without a word of which: what is lost, and what TCP makes of it.
  const bool any = options.drops || options.retransmits || options.resets;
  request.drops = options.drops || !any;
  request.retransmissions = options.retransmits || !any;
  request.resets = options.resets;
  // Only there they are shown; naming two dozen frames of thousands of events a second costs.
  request.sample_stacks = options.output.json && !options.output.quiet;
  request.flows = options.flows;
  request.received = options.received;
  request.stacks = options.stacks || options.folded;
  if (options.count != 0) request.most_events = options.count;
  return request;
}

base::Result<std::optional<filter::Program>> filter_of(const Options& options) {
  if (options.filter.empty()) return std::optional<filter::Program>();
  return std::optional(TRY(filter::compile(fmt::format("{}", fmt::join(options.filter, " ")))));
}

base::Result<formats::PcapngFile> file_of(const Options& options) {
  const auto host = host::read_identity(*base::system_files());
  return formats::PcapngFile::create({.path = options.write,
                                      .source = {.hardware = host.arch,
                                                 .os = "Linux " + host.kernel,
                                                 .application = "whydrop " WHYDROP_VERSION},
                                      .snaplen = options.snaplen,
                                      .file_bytes = options.file_mib << 20,
                                      .files = options.files},
                                     base::system_clock()->wall().count());
}

base::Status print_summary(const model::TraceSummary& summary, const Options& options) {
  auto style = terminal_style(options.output);
  style.verbosity = std::max(style.verbosity, 0);  // -q leaves out the lines
  if (options.folded) return print(render::folded(summary));
  if (options.output.json) return print(render::json(summary));
  const bool with_lines = summary.events_told > 0 && !options.output.quiet && options.write.empty();
  return print((with_lines ? "\n" : "") + render::trace_tables(summary, style, options.stacks));
}

// Lines go to the screen or packets to the file; with -q and --folded only sums are wanted.
base::Result<bool> tell(const model::TraceEvent& event, const Options& options,
                        std::optional<formats::PcapngFile>& file) {
  if (file) {
    TRY(file->write(live::captured(event)));
    return true;
  }
  if (options.output.quiet || options.folded) return true;
  if (options.output.json) return print_piece(render::json(event));
  const bool on_one_line = isatty(STDOUT_FILENO) == 0;
  return print_piece(render::trace_line(event, terminal_style(options.output), on_one_line));
}

base::Result<int> run(const Options& options) {
  auto request = TRY(request_of(options));
  const auto filter = TRY(filter_of(options));
  if (filter) request.filter = &*filter;
  std::optional<formats::PcapngFile> file;
  request.tell = [&](const model::TraceEvent& event) { return tell(event, options, file); };
  if (!options.read.empty()) {
    TRY(keep_rights_to_files_only());
    const auto summary = TRY(live::tell_file(options.read, request));
    TRY(print_summary(summary, options));
    return kOk;
  }
  host::mount_missing_sysfs();
  if (!options.write.empty()) file.emplace(TRY(file_of(options)));
  request.stop = StopOnSignals::asked();
  request.attached = [&] { return give_up_rights_to_attach(file.has_value()); };
  request.idle = [&] { return file ? file->flush() : base::Status(); };
  const StopOnSignals stop;
  const auto summary = TRY(live::trace(request));
  if (file) TRY(file->close(base::system_clock()->wall().count()));
  if (options.write != "-") TRY(print_summary(summary, options));
  return kOk;
}

std::function<int()> set_up(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto& selection = options->selection;
  app.add_option("-t,--time", options->time, "how long (10s, 2m); without it until Ctrl-C");
  app.add_option("-c,--count", options->count, "end after so many lines");
  app.add_option("-i,--interface", selection.device, "only what happens at this device");
  app.add_option("-n,--netns", options->netns,
                 "only this namespace: NAME, PID or inode:N (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--reason", selection.reasons, "only this drop reason (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--stage", options->stages, "only this stage of the journey (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--pid", options->pid, "only packets whose socket this process holds");
  app.add_option("--comm", selection.comm, "only packets whose socket such a process holds");
  app.add_option("--cgroup", selection.cgroup,
                 "only packets of sockets held in a control group with this in its path");
  app.add_flag("--drops", options->drops, "drops (with --retransmits: both, as without either)");
  app.add_flag("--retransmits", options->retransmits, "TCP segments that are sent again");
  app.add_flag("--resets", options->resets, "TCP resets, sent and received");
  app.add_flag("--flows", options->flows,
               "count flows and source networks of all drops, not only of the lines");
  app.add_flag("--received", options->received,
               "and of all packets that are received: who floods (costs each packet some)");
  app.add_flag("--noise", selection.noise, "also what every healthy host drops");
  app.add_flag("--stack", options->stacks, "at the end, who called: shares by call stack");
  app.add_flag("--folded", options->folded, "only stacks, as flame graphs are drawn from");
  auto* write = app.add_option("-w,--write", options->write,
                               "no lines: packets, to a file for Wireshark (pcapng; - = stdout)");
  auto* read = app.add_option("-r,--read", options->read, "tell such a file again");
  app.add_option("-s,--snaplen", options->snaplen, "keep so many bytes of a packet")->needs(write);
  app.add_option("-C,--file-size", options->file_mib, "begin a new file after so many MiB")
      ->needs(write);
  app.add_option("-W,--files", options->files, "keep so many of these files")->needs(write);
  read->excludes(write);
  app.add_option("FILTER", options->filter,
                 "a pcap expression, as tcpdump takes it: only drops of packets that match");
  add_tracer_option(app, options->tracer);
  add_output_options(app, options->output);
  app.get_option("--quiet")->description("no lines, only the sums");
  app.get_option("--verbose")->description("the whole tables");
  return [options] { return report(run(*options)); };
}

}  // namespace

extern const Command trace;
const Command trace = {.name = "trace",
                       .summary = "each dropped packet as it happens: place, reason, flow, owner",
                       .set_up = set_up};

}  // namespace cli::commands
