#include "render/samples.h"

#include <map>

namespace render {
namespace {

using model::Class;
using model::Diagnosis;
using model::Stage;

constexpr const char* kInit = "4026531840";
constexpr const char* kDns = "4026532281";

Diagnosis frame() {
  Diagnosis diagnosis;
  diagnosis.version = "0.1.0";
  diagnosis.host = {.id = "5e1f0c2a9b7d4e83",
                    .name = "dns-3",
                    .arch = "x86_64",
                    .os = "Debian GNU/Linux 12 (bookworm)",
                    .kernel = "6.18.44",
                    .virt = "kvm",
                    .boot_id = "0c9d1f0a-6a55-4a43-8f0a-3c1b5a7e9d11",
                    .uptime_s = 86'400,
                    .cpus = 2,
                    .memory_bytes = 8'200'000'000};
  diagnosis.netns = {{.id = kInit, .name = "init"},
                     {.id = kDns, .name = "dns", .container = "dns-resolver"}};
  diagnosis.devices = {
      {.netns = kInit, .ifindex = 2, .name = "eth0", .kind = "physical", .driver = "virtio_net"},
      {.netns = kInit,
       .ifindex = 7,
       .name = "veth-dns",
       .kind = "veth",
       .driver = "veth",
       .peer = {{.netns = kDns, .name = "eth0"}}}};
  diagnosis.window.start_wall_ns = 1'795'341'600'000'000'000;
  diagnosis.window.duration_ns = 10'000'400'000;
  diagnosis.window.traced_ns = 9'981'000'000;
  diagnosis.points = 101;
  diagnosis.totals.received = 214'311;
  diagnosis.totals.sent = 198'040;
  diagnosis.tcp = {.segments_sent = 15'322, .retransmitted = 0, .ratio = 0.0};
  const std::map<Stage, std::uint64_t> counted = {
      {Stage::kWire, 214'900},      {Stage::kBacklog, 214'311}, {Stage::kIp, 214'311},
      {Stage::kTransport, 214'250}, {Stage::kRoute, 198'040},   {Stage::kQdisc, 1'234'567}};
  for (int number = 0; number < model::kStageCount; ++number) {
    const auto stage = static_cast<Stage>(number);
    model::StageReport report{.stage = stage, .direction = model::direction_of(stage), .lost = 0};
    if (const auto found = counted.find(stage); found != counted.end()) {
      report.packets = found->second;
    }
    diagnosis.stages.push_back(report);
  }
  diagnosis.cost = {.cpu_ms = 61.4, .max_rss_kib = 14'208};
  diagnosis.trace = {.events_sampled = 118, .events_left_out = 0, .map_bytes = 2'359'296};
  diagnosis.rung = "tp_btf";
  return diagnosis;
}

model::StageReport& stage(Diagnosis& diagnosis, Stage wanted) {
  return diagnosis.stages[static_cast<size_t>(wanted)];
}

// Books `account` and keeps totals and stages in step with it.
void book(Diagnosis& diagnosis, model::Account account, model::StageState state) {
  account.direction = model::direction_of(account.stage);
  account.per_second = static_cast<double>(account.packets) / 10.0004;
  auto& totals = diagnosis.totals;
  auto& report = stage(diagnosis, account.stage);
  report.state = state;
  if (model::counts_as_lost(account.klass)) {
    totals.lost += account.packets;
    totals.explained += account.explained;
    totals.unexplained += account.unexplained;
    report.lost = report.lost.value_or(0) + account.packets;
  } else if (account.klass == Class::kPolicy) {
    totals.policy += account.packets;
  } else if (account.klass == Class::kRefused) {
    totals.refused += account.packets;
  } else {
    totals.noise += account.packets;
  }
  diagnosis.accounts.push_back(std::move(account));
}

model::Account buffer_account() {
  model::Account account{.id = "a1",
                         .account = "udp.receive-buffer-full",
                         .stage = Stage::kSocketRx,
                         .klass = Class::kLoss,
                         .at = {.netns = kDns, .socket = "udp *:53"},
                         .packets = 11'980,
                         .explained = 11'980,
                         .series = {0, 4000, 0, 3990, 3990}};
  account.hits = {{.netns = kDns,
                   .container = "dns-resolver",
                   .unit = "dnsd.service",
                   .cgroup = "/system.slice/dnsd.service",
                   .pid = 812,
                   .comm = "dnsd",
                   .flow = {{"udp", "10.0.0.1", 40'000, "10.0.0.2", 53}},
                   .packets = 11'980}};
  account.witnesses = {{.id = "snmp.Udp.RcvbufErrors{netns=\"4026532281\"}", .packets = 11'980},
                       {.kind = model::WitnessKind::kTrace,
                        .reason = "SOCKET_RCVBUFF",
                        .location = "udp_queue_rcv_one_skb+0x2f5",
                        .packets = 11'980}};
  account.echoes = {{"snmp.Udp.InErrors{netns=\"4026532281\"}", 11'980}};
  account.reconciliation = {model::Agreement::kAgree, 0, 12,
                            "counter 11,980, trace 11,980: the same"};
  return account;
}

model::Remedy buffer_remedy() {
  return {.id = "app.so-rcvbuf",
          .order = 1,
          .kind = "application",
          .command = "setsockopt(fd, SOL_SOCKET, SO_RCVBUF, 425984) in dnsd (pid 812)",
          .set = {{.target = "SO_RCVBUF", .netns = kDns, .from = "106496", .to = "425984"}},
          .sized_from =
              "buffer 208 KiB + 457 KiB that the largest burst lacked = 665 KiB, with 25 "
              "% room; the kernel doubles the option",
          .risk = "up to 832 KiB of kernel memory for this socket; datagrams wait longer in it",
          .undo = "setsockopt(fd, SOL_SOCKET, SO_RCVBUF, 106496)",
          .verify = "ss -uanmp 'sport = :53': rb851968 and d stays as it is"};
}

model::Remedy limit_remedy() {
  return {.id = "sysctl.rmem-max",
          .order = 2,
          .kind = "sysctl",
          .command = "sysctl -w net.core.rmem_max=425984",
          .set = {{.target = "net.core.rmem_max", .netns = {}, .from = "212992", .to = "425984"}},
          .sized_from = "a burst needs 665 KiB of buffer, twice the limit is 416 KiB",
          .risk = "every process may then ask for as much kernel memory per socket",
          .undo = "sysctl -w net.core.rmem_max=212992",
          .persist = {{"/etc/sysctl.d/90-whydrop.conf", "net.core.rmem_max = 425984\n"}},
          .verify = "sysctl net.core.rmem_max",
          .tunable = true};
}

model::Finding buffer_finding() {
  const auto account = buffer_account();
  model::Finding finding{.id = "f1",
                         .fingerprint = "9f3c1d2e4b5a6978",
                         .cause = account.account,
                         .klass = Class::kLoss,
                         .stage = account.stage,
                         .because = {{"config.buffer-limit", 1.0, model::Confidence::kHigh}},
                         .severity = model::Severity::kCritical,
                         .confidence = model::Confidence::kHigh,
                         .packets = account.packets,
                         .accounts = {{"a1", account.packets, true}},
                         .at = account.at,
                         .hits = account.hits};
  finding.title = "11,980 packets lost in the receive buffer of udp *:53 (dnsd (pid 812))";
  finding.why =
      "Datagrams come in bursts. The largest needed 665 KiB of buffer where dnsd (pid 812) has 208 "
      "KiB; between bursts the queue drains.";
  finding.evidence = {
      {"Udp RcvbufErrors rose by 11,980", "snmp.Udp.RcvbufErrors{netns=\"4026532281\"}", 11'980},
      {"the kernel freed 11,980 packets at udp_queue_rcv_one_skb+0x2f5 saying SOCKET_RCVBUFF",
       "SOCKET_RCVBUFF", 11'980},
      {"drops in 4 % of the 10 ms slots over 8.9 s", "drops.slots", 0.04}};
  finding.ruled_out = {{"app.slow-reader",
                        "the reader keeps up: the queue fell to 0 % of the buffer between bursts"},
                       {"udp.checksum", "Udp InCsumErrors did not move"}};
  finding.remedies = {buffer_remedy(), limit_remedy()};
  return finding;
}

void book_noise(Diagnosis& diagnosis) {
  book(diagnosis,
       {.id = "a9",
        .account = "noise@ping_rcv",
        .stage = Stage::kTransport,
        .klass = Class::kNoise,
        .at = {.netns = kInit},
        .packets = 37,
        .explained = 37,
        .witnesses = {{.kind = model::WitnessKind::kTrace,
                       .reason = "NO_SOCKET",
                       .location = "ping_rcv+0x9b",
                       .packets = 37}},
        .reconciliation = {.why = "the kernel keeps no counter here: the trace alone"}},
       model::StageState::kNoise);
}

}  // namespace

Diagnosis healthy_sample() {
  auto diagnosis = frame();
  book_noise(diagnosis);
  diagnosis.headline =
      "no packet lost on this host in 10.0 s (214,311 packets received; dropped 37 of normal "
      "noise)";
  return diagnosis;
}

Diagnosis loss_sample() {
  auto diagnosis = frame();
  book(diagnosis, buffer_account(), model::StageState::kLoss);
  diagnosis.findings = {buffer_finding()};
  diagnosis.verdict = model::Verdict::kLoss;
  diagnosis.headline = diagnosis.findings.front().title + " in 10.0 s";
  return diagnosis;
}

namespace {

void book_mixture(Diagnosis& diagnosis) {
  book(diagnosis,
       {.id = "a2",
        .account = "backlog.queue-full",
        .stage = Stage::kBacklog,
        .klass = Class::kLoss,
        .at = {.dev = "eth0", .queue = 3, .cpu = 0},
        .packets = 402,
        .explained = 402,
        .witnesses = {{.id = "softnet.dropped{cpu=\"0\",shared=\"host\"}", .packets = 402}},
        .reconciliation = {.why = "drops were not traced: the counter alone"}},
       model::StageState::kLoss);
  book(diagnosis,
       {.id = "a3",
        .account = "unknown@frobnicate_skb",
        .stage = Stage::kLink,
        .klass = Class::kUnknown,
        .at = {.netns = kInit},
        .packets = 49,
        .unexplained = 49,
        .witnesses = {{.kind = model::WitnessKind::kTrace,
                       .location = "frobnicate_skb+0x10",
                       .packets = 49}}},
       model::StageState::kLoss);
  book(diagnosis,
       {.id = "a4",
        .account = "netfilter.rule-drop",
        .stage = Stage::kNetfilter,
        .klass = Class::kPolicy,
        .at = {.netns = kInit},
        .packets = 120,
        .explained = 120},
       model::StageState::kPolicy);
  book(diagnosis,
       {.id = "a5",
        .account = "udp.no-listener",
        .stage = Stage::kTransport,
        .klass = Class::kRefused,
        .at = {.netns = kInit},
        .packets = 12,
        .explained = 12},
       model::StageState::kRefused);
  book_noise(diagnosis);
  stage(diagnosis, Stage::kTransport).state = model::StageState::kRefused;
}

}  // namespace

Diagnosis mixed_sample() {
  auto diagnosis = loss_sample();
  book_mixture(diagnosis);
  diagnosis.findings.push_back({.id = "f2",
                                .fingerprint = "1122334455667788",
                                .cause = "backlog.queue-full",
                                .klass = Class::kLoss,
                                .stage = Stage::kBacklog,
                                .severity = model::Severity::kWarning,
                                .title = "402 packets lost in the backlog queue of CPU 0",
                                .packets = 402,
                                .accounts = {{"a2", 402, true}},
                                .at = {.dev = "eth0", .queue = 3, .cpu = 0},
                                .why = "The queue between the device and the stack was full."});
  diagnosis.findings.push_back({.id = "f3",
                                .fingerprint = "99aabbccddeeff00",
                                .cause = "netfilter.rule-drop",
                                .klass = Class::kPolicy,
                                .stage = Stage::kNetfilter,
                                .severity = model::Severity::kNotice,
                                .title = "120 packets dropped by a rule of the firewall",
                                .packets = 120,
                                .accounts = {{"a4", 120, true}}});
  diagnosis.tcp = {.segments_sent = 15'322, .retransmitted = 310, .ratio = 0.01983};
  diagnosis.symptoms = {{.id = "tcp.retransmissions",
                         .value = 310,
                         .baseline = 12,
                         .explained_by = {{"f2", 0.58}},
                         .unexplained = 0.42}};
  return diagnosis;
}

Diagnosis inconclusive_sample() {
  auto diagnosis = frame();
  diagnosis.verdict = model::Verdict::kInconclusive;
  diagnosis.headline =
      "nothing found in 10.0 s, but parts of the path could not be seen (traffic not measured)";
  diagnosis.window.interrupted = true;
  diagnosis.window.traced_ns = 0;
  diagnosis.rung = "";
  diagnosis.trace = {};
  diagnosis.totals = {};
  diagnosis.tcp = {};
  diagnosis.blind_spots = {{.what = "dropped packets",
                            .why = "the kernel refuses eBPF to this user",
                            .enable = "run as root, or with CAP_BPF and CAP_PERFMON",
                            .stages = {Stage::kTcIngress, Stage::kNetfilter, Stage::kMemory}},
                           {.what = "the statistics of eth0's driver",
                            .why = "the ioctl is refused: Operation not permitted",
                            .enable = "",
                            .stages = {Stage::kRing}}};
  for (const auto& spot : diagnosis.blind_spots) {
    for (const auto blind : spot.stages) {
      stage(diagnosis, blind).state = model::StageState::kBlind;
      stage(diagnosis, blind).lost.reset();
    }
  }
  for (auto& report : diagnosis.stages) report.packets.reset();
  return diagnosis;
}

Diagnosis hostile_sample() {
  auto diagnosis = loss_sample();
  const std::string clear = "\x1b[2J\x1b]0;owned\x07";
  diagnosis.host.name = "host" + clear;
  diagnosis.netns[1].name = "web\nHEALTHY  nothing lost";
  diagnosis.netns[1].container = std::string(
      "c\xff\xc2\x9b"
      "31m");
  auto& finding = diagnosis.findings.front();
  finding.at.dev = clear;
  finding.at.socket = std::string("udp \xe2\x80\xae*:53");
  finding.hits.front().comm = clear;
  finding.hits.front().unit = std::string(300, 'u') + clear;
  finding.title = "11,980 packets lost by " + clear;
  finding.why = "because of \r" + clear;
  finding.evidence.front().text = clear;
  finding.ruled_out.front().text = "\b\b\b" + clear;
  finding.remedies.front().command = "echo " + clear;
  finding.remedies.back().command = "sysctl -w " + clear;
  finding.remedies.back().persist->content = clear + "\nx\n";
  diagnosis.blind_spots = {{.what = clear, .why = clear, .enable = clear, .stages = {}}};
  auto& account = diagnosis.accounts.front();
  account.at = finding.at;
  account.witnesses.front().id = clear;
  account.echoes.front().id = clear;
  diagnosis.headline = finding.title;
  diagnosis.symptoms = {{.id = clear, .value = 1}};
  return diagnosis;
}

}  // namespace render
