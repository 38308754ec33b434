#include "cli/lab_traffic.h"

#include <memory>

#include <fmt/format.h>

#include "cli/output.h"
#include "lab/traffic/handshakes.h"
#include "lab/traffic/ping.h"
#include "lab/traffic/taps.h"
#include "lab/traffic/tcp.h"
#include "lab/traffic/udp.h"

namespace cli {
namespace {

using lab::traffic::Address;
using lab::traffic::Common;
using lab::traffic::Counts;

// All options that any kind of traffic takes; each kind offers those that mean something to it.
struct Options {
  std::string name;
  int longest_s = 30;
  std::string pid_file;
  std::string to;
  std::string bind = "0.0.0.0";
  std::uint16_t port = 0;
  std::uint64_t count = 1;
  std::uint32_t size_bytes = 64;
  std::uint32_t burst = 1;
  int gap_ms = 0;
  std::uint32_t per_second = 0;
  std::uint32_t flows = 1;
  std::uint32_t send_buffer_bytes = 0;
  int cpu = -1;
  std::uint32_t bad_checksum_every = 0;
  std::uint64_t bytes = 0;
  int seconds = 0;
  std::uint32_t receive_buffer_bytes = 0;
  int drain_every_ms = 0;
  bool idle = false;
  bool force = false;
  int backlog = 1;
  int accept_every_ms = 0;
  int patience_ms = 3500;
  std::string device;
  bool with_poll = false;

  [[nodiscard]] Common common() const {
    return {.name = name, .longest = std::chrono::seconds(longest_s), .pid_file = pid_file};
  }
  [[nodiscard]] base::Result<Address> target() const { return lab::traffic::parse_address(to); }
  [[nodiscard]] base::Result<Address> own_address() const {
    const bool bare6 = bind.find(':') != std::string::npos;
    return lab::traffic::parse_address(
        fmt::format("{}{}{}:{}", bare6 ? "[" : "", bind, bare6 ? "]" : "", port));
  }
};

using Traffic = base::Result<Counts> (*)(const Options& options);

base::Result<int> carry_out(const Options& options, Traffic traffic) {
  lab::traffic::take_name(options.common());
  const auto counts = TRY(traffic(options));
  TRY(print(lab::traffic::counts_line(counts)));
  return 0;
}

// One kind of traffic below `send` or `receive`, with the options that all kinds have.
struct Kind {
  CLI::App* app;
  std::shared_ptr<Options> options;
};

Kind add_kind(CLI::App& group, std::function<int()>& chosen, const std::string& name,
              const std::string& summary, Traffic traffic) {
  auto options = std::make_shared<Options>();
  auto* app = group.add_subcommand(name, summary);
  options->name = name;
  app->add_option("--name", options->name, "what the counts and the process are called")
      ->check([](const std::string& text) {
        const bool fits = !text.empty() &&
                          text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
                              std::string::npos;
        return fits ? std::string() : std::string("a name has letters, digits, - and _ only");
      });
  app->add_option("--max-time", options->longest_s, "seconds after which it ends in any case")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app->callback([&chosen, options, traffic] {
    chosen = [options, traffic] { return report(carry_out(*options, traffic)); };
  });
  return {app, options};
}

void add_target(const Kind& kind) {
  kind.app->add_option("--to", kind.options->to, "ADDRESS:PORT")->required();
}

void add_count(const Kind& kind, const char* of_what) {
  kind.app->add_option("--count", kind.options->count, of_what)->capture_default_str();
}

void add_size(const Kind& kind) {
  kind.app->add_option("--size", kind.options->size_bytes, "bytes of payload each")
      ->check(CLI::Range(0, 65507))
      ->capture_default_str();
}

void add_gap(const Kind& kind, const char* what) {
  kind.app->add_option("--gap", kind.options->gap_ms, what)->check(CLI::Range(0, 60'000));
}

base::Result<lab::traffic::UdpSend> udp_of(const Options& o) {
  return lab::traffic::UdpSend{.to = TRY(o.target()),
                               .count = o.count,
                               .size_bytes = o.size_bytes,
                               .burst = o.burst,
                               .gap = std::chrono::milliseconds(o.gap_ms),
                               .per_second = o.per_second,
                               .flows = o.flows,
                               .send_buffer_bytes = o.send_buffer_bytes,
                               .cpu = o.cpu,
                               .bad_checksum_every = o.bad_checksum_every};
}

void add_udp_senders(CLI::App& group, std::function<int()>& chosen) {
  const auto udp = add_kind(group, chosen, "udp", "datagrams, in bursts or at a steady rate",
                            [](const Options& o) -> base::Result<Counts> {
                              return lab::traffic::send_udp(o.common(), TRY(udp_of(o)));
                            });
  add_target(udp);
  add_count(udp, "datagrams");
  add_size(udp);
  udp.app->add_option("--burst", udp.options->burst, "datagrams at a time")
      ->check(CLI::PositiveNumber);
  add_gap(udp, "milliseconds from burst to burst");
  udp.app->add_option("--rate", udp.options->per_second, "datagrams a second, evenly");
  udp.app->add_option("--flows", udp.options->flows, "from so many sockets in turn")
      ->check(CLI::Range(1, 256));
  udp.app->add_option("--sndbuf", udp.options->send_buffer_bytes,
                      "SO_SNDBUFFORCE (needs CAP_NET_ADMIN)");
  udp.app->add_option("--cpu", udp.options->cpu, "runs on this CPU only");
  udp.app->add_option("--bad-checksum", udp.options->bad_checksum_every,
                      "every Nth has a wrong checksum (needs CAP_NET_RAW)");
  const auto request =
      add_kind(group, chosen, "udp-request", "questions, each after the answer to the last",
               [](const Options& o) -> base::Result<Counts> {
                 return lab::traffic::send_udp_requests(o.common(), TRY(udp_of(o)));
               });
  add_target(request);
  add_count(request, "questions");
  add_size(request);
}

void add_tcp_senders(CLI::App& group, std::function<int()>& chosen) {
  const auto tcp = add_kind(
      group, chosen, "tcp", "one connection at full speed",
      [](const Options& o) -> base::Result<Counts> {
        return lab::traffic::send_tcp(
            o.common(),
            {.to = TRY(o.target()), .bytes = o.bytes, .seconds = std::chrono::seconds(o.seconds)});
      });
  add_target(tcp);
  tcp.app->add_option("--bytes", tcp.options->bytes, "stop after so many bytes");
  tcp.app->add_option("--seconds", tcp.options->seconds, "stop after so many seconds");
  const auto connect =
      add_kind(group, chosen, "tcp-connect", "short connections, one after the other",
               [](const Options& o) -> base::Result<Counts> {
                 return lab::traffic::send_tcp_connections(o.common(), TRY(o.target()), o.count);
               });
  add_target(connect);
  add_count(connect, "connections");
  const auto torn =
      add_kind(group, chosen, "tcp-torn", "connections that are reset, data unread or under way",
               [](const Options& o) -> base::Result<Counts> {
                 return lab::traffic::send_tcp_torn(o.common(), TRY(o.target()), o.count);
               });
  add_target(torn);
  add_count(torn, "connections");
}

void add_handshakes(CLI::App& group, std::function<int()>& chosen) {
  const auto burst =
      add_kind(group, chosen, "tcp-burst", "connections in bursts, kept open",
               [](const Options& o) -> base::Result<Counts> {
                 return lab::traffic::send_tcp_burst(
                     o.common(), {.to = TRY(o.target()),
                                  .count = o.count,
                                  .burst = o.burst,
                                  .gap = std::chrono::milliseconds(o.gap_ms),
                                  .patience = std::chrono::milliseconds(o.patience_ms)});
               });
  add_target(burst);
  add_count(burst, "connections");
  burst.app->add_option("--burst", burst.options->burst, "connections begun at a time")
      ->check(CLI::PositiveNumber);
  add_gap(burst, "milliseconds from burst to burst");
  burst.app
      ->add_option("--patience", burst.options->patience_ms,
                   "milliseconds to wait for handshakes that are not finished")
      ->check(CLI::Range(0, 60'000));
  const auto syns =
      add_kind(group, chosen, "syn", "SYNs from addresses that nobody has (needs CAP_NET_RAW)",
               [](const Options& o) -> base::Result<Counts> {
                 return lab::traffic::send_syns(o.common(), {.to = TRY(o.target()),
                                                             .device = o.device,
                                                             .count = o.count,
                                                             .per_second = o.per_second});
               });
  add_target(syns);
  add_count(syns, "SYNs");
  syns.options->per_second = 1000;
  syns.app->add_option("--rate", syns.options->per_second, "SYNs a second")
      ->check(CLI::PositiveNumber);
  syns.app->add_option("--device", syns.options->device, "device that the answers come by")
      ->required();
}

void add_ping(CLI::App& group, std::function<int()>& chosen) {
  const auto ping = add_kind(group, chosen, "ping", "ICMP echo requests (needs CAP_NET_RAW)",
                             [](const Options& o) -> base::Result<Counts> {
                               const auto to = TRY(lab::traffic::parse_address(o.to + ":0"));
                               return lab::traffic::send_ping(o.common(), to, o.count,
                                                              std::chrono::milliseconds(o.gap_ms));
                             });
  ping.app->add_option("--to", ping.options->to, "IPv4 address")->required();
  add_count(ping, "echo requests");
  add_gap(ping, "milliseconds from one to the next");
}

void add_place(const Kind& kind) {
  kind.app->add_option("--port", kind.options->port, "port to bind")->required();
  kind.app->add_option("--bind", kind.options->bind, "address to bind")->capture_default_str();
  kind.app->add_option("--pid-file", kind.options->pid_file,
                       "go to the background once bound, and write the process id there");
}

void add_udp_receivers(CLI::App& group, std::function<int()>& chosen) {
  const auto udp =
      add_kind(group, chosen, "udp", "reads datagrams, as fast or as slowly as it is told",
               [](const Options& o) -> base::Result<Counts> {
                 return lab::traffic::receive_udp(
                     o.common(), {.at = TRY(o.own_address()),
                                  .receive_buffer_bytes = o.receive_buffer_bytes,
                                  .drain_every = std::chrono::milliseconds(o.drain_every_ms),
                                  .per_second = o.per_second,
                                  .idle = o.idle,
                                  .force = o.force,
                                  .with_poll = o.with_poll});
               });
  add_place(udp);
  udp.app->add_option("--rcvbuf", udp.options->receive_buffer_bytes, "SO_RCVBUF");
  udp.app->add_flag("--force", udp.options->force, "SO_RCVBUFFORCE instead (needs CAP_NET_ADMIN)");
  auto* drain = udp.app->add_option("--drain-every", udp.options->drain_every_ms,
                                    "reads everything, every so many milliseconds");
  auto* slow = udp.app->add_option("--per-second", udp.options->per_second,
                                   "reads so many datagrams a second");
  auto* idle = udp.app->add_flag("--idle", udp.options->idle, "never reads until it ends");
  udp.app->add_flag("--poll", udp.options->with_poll, "waits in poll() before each read");
  drain->excludes(slow)->excludes(idle);
  slow->excludes(idle);
  add_place(add_kind(group, chosen, "udp-echo", "sends every datagram back",
                     [](const Options& o) -> base::Result<Counts> {
                       return lab::traffic::receive_udp_echo(o.common(), TRY(o.own_address()));
                     }));
}

void add_tcp_receivers(CLI::App& group, std::function<int()>& chosen) {
  add_place(add_kind(group, chosen, "tcp", "reads all that comes",
                     [](const Options& o) -> base::Result<Counts> {
                       return lab::traffic::receive_tcp(o.common(), TRY(o.own_address()));
                     }));
  const auto listener = add_kind(
      group, chosen, "tcp-listen", "accepts connections, as often as it is told, and keeps them",
      [](const Options& o) -> base::Result<Counts> {
        return lab::traffic::receive_tcp_listen(
            o.common(), {.at = TRY(o.own_address()),
                         .backlog = o.backlog,
                         .accept_every = std::chrono::milliseconds(o.accept_every_ms),
                         .idle = o.idle});
      });
  add_place(listener);
  listener.app->add_option("--backlog", listener.options->backlog, "what listen() asks for")
      ->check(CLI::Range(1, 65535));
  listener.app
      ->add_option("--accept-every", listener.options->accept_every_ms,
                   "accepts all that wait, every so many milliseconds")
      ->excludes(listener.app->add_flag("--idle", listener.options->idle, "never accepts"));
  add_place(add_kind(group, chosen, "tcp-server", "reads a question, gives an answer, closes",
                     [](const Options& o) -> base::Result<Counts> {
                       return lab::traffic::receive_tcp_questions(o.common(), TRY(o.own_address()));
                     }));
}

void add_taps(CLI::App& group, std::function<int()>& chosen) {
  const auto taps = add_kind(group, chosen, "taps",
                             "looks at each packet of a device for long (needs CAP_NET_RAW)",
                             [](const Options& o) -> base::Result<Counts> {
                               return lab::traffic::tap_packets(o.common(), o.device, o.count);
                             });
  add_count(taps, "packet sockets");
  taps.app->add_option("--device", taps.options->device, "device to look at")->required();
  taps.app->add_option("--pid-file", taps.options->pid_file,
                       "go to the background once open, and write the process id there");
}

}  // namespace

void add_lab_traffic(CLI::App& lab, std::function<int()>& chosen) {
  auto* send = lab.add_subcommand("send", "send traffic and count it");
  send->require_subcommand(1);
  add_udp_senders(*send, chosen);
  add_tcp_senders(*send, chosen);
  add_handshakes(*send, chosen);
  add_ping(*send, chosen);
  auto* receive = lab.add_subcommand("receive", "receive traffic and count it");
  receive->require_subcommand(1);
  add_udp_receivers(*receive, chosen);
  add_tcp_receivers(*receive, chosen);
  add_taps(*receive, chosen);
}

}  // namespace cli
