// Diagnosis: what was concluded from the evidence. Its shape is the contract's
// whydrop.diagnosis/1; every output is a pure function of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/evidence.h"
#include "model/normal.h"
#include "model/stage.h"

namespace model {

// Where an account or a finding sits; only what is known is filled.
struct Place {
  Inode netns;
  std::string dev;
  std::optional<std::uint32_t> queue;
  std::optional<std::uint32_t> cpu;
  std::string socket;  // "udp *:53"
  friend auto operator<=>(const Place&, const Place&) = default;
};

// Whose packets they were.
struct Hit {
  Inode netns;
  std::optional<std::string> container;
  std::optional<std::string> unit;
  std::string cgroup;
  std::optional<std::uint32_t> pid;
  std::string comm;
  std::optional<Flow> flow;
  std::uint64_t packets = 0;
  friend bool operator==(const Hit&, const Hit&) = default;
};

enum class WitnessKind : std::uint8_t { kCounter, kTrace };
// Whether a witness counts exactly this account's packets or others' too.
enum class Covers : std::uint8_t { kExact, kIncludes };

struct Witness {
  WitnessKind kind = WitnessKind::kCounter;
  CounterId id;  // counter
  Covers covers = Covers::kExact;
  std::string unit = "packets";  // "packets", "events", "lookups", "segments"
  std::string reason;            // trace
  std::string location;          // trace: "symbol+0xoffset"
  std::uint64_t packets = 0;
  friend bool operator==(const Witness&, const Witness&) = default;
};

// The same packets seen again in a counter of another stage: named, never added.
struct Echo {
  CounterId id;
  std::uint64_t packets = 0;
  friend bool operator==(const Echo&, const Echo&) = default;
};

enum class Agreement : std::uint8_t { kAgree, kCounterMore, kTraceMore, kSingle, kNotComparable };

struct Reconciliation {
  Agreement state = Agreement::kSingle;
  std::int64_t difference = 0;  // counter - trace
  std::uint64_t tolerance = 0;
  std::string why;
  friend bool operator==(const Reconciliation&, const Reconciliation&) = default;
};

// One place where packets went, with everybody who saw it.
// Invariant: packets == explained + unexplained.
struct Account {
  std::string id;
  std::string account;  // "udp.receive-buffer-full", "unknown@symbol", or a counter's name
  Stage stage = Stage::kNetwork;
  Direction direction = Direction::kReceive;
  Class klass = Class::kUnknown;
  Place at;
  std::vector<Hit> hits;
  std::uint64_t packets = 0;
  std::uint64_t explained = 0;
  std::uint64_t unexplained = 0;
  double per_second = 0;
  std::vector<std::uint64_t> series;  // packets per interval of the timeline
  std::vector<Witness> witnesses;
  std::vector<Echo> echoes;
  Reconciliation reconciliation;
  friend bool operator==(const Account&, const Account&) = default;
};

enum class Severity : std::uint8_t { kCritical, kWarning, kNotice };
enum class Confidence : std::uint8_t { kHigh, kMedium, kLow };

struct Root {
  std::string cause;
  double share = 1.0;
  Confidence confidence = Confidence::kMedium;
  friend bool operator==(const Root&, const Root&) = default;
};

// One independent proof. `id` names the counter, setting or trace it stands on.
struct Proof {
  std::string text;
  std::string id;
  std::optional<double> value;
  friend bool operator==(const Proof&, const Proof&) = default;
};

struct RuledOut {
  std::string cause;
  std::string text;
  friend bool operator==(const RuledOut&, const RuledOut&) = default;
};

struct Change {
  std::string target;  // "SO_RCVBUF of dnsd", "net.core.rmem_max"
  std::optional<Inode> netns;
  std::string from;
  std::string to;
  friend bool operator==(const Change&, const Change&) = default;
};

struct Persist {
  std::string file;
  std::string content;
  friend bool operator==(const Persist&, const Persist&) = default;
};

struct Remedy {
  std::string id;
  int order = 1;
  std::string kind;  // "sysctl", "ethtool", "affinity", "qdisc", "link", "print", "application",
                     // "hardware"
  std::string command;
  std::vector<Change> set;
  std::string sized_from;
  std::string risk;
  bool disrupts = false;
  std::string undo;
  std::optional<Persist> persist;
  std::string verify;
  bool tunable = false;
  friend bool operator==(const Remedy&, const Remedy&) = default;
};

struct AccountShare {
  std::string account;  // id of the account
  std::uint64_t packets = 0;
  bool primary = true;
  friend bool operator==(const AccountShare&, const AccountShare&) = default;
};

struct Finding {
  std::string id;
  std::string fingerprint;
  std::string cause;
  Class klass = Class::kUnknown;
  Stage stage = Stage::kNetwork;
  std::vector<Root> because;
  Severity severity = Severity::kWarning;
  Confidence confidence = Confidence::kMedium;
  std::string title;
  std::uint64_t packets = 0;
  std::vector<AccountShare> accounts;
  Place at;
  std::vector<Hit> hits;
  std::string why;
  std::vector<Proof> evidence;
  std::vector<RuledOut> ruled_out;
  std::vector<Remedy> remedies;
  std::optional<Normal> normal;  // where the window was judged against a baseline
  friend bool operator==(const Finding&, const Finding&) = default;
};

struct ExplainedBy {
  std::string finding;
  double share = 0;
  friend bool operator==(const ExplainedBy&, const ExplainedBy&) = default;
};

struct Symptom {
  std::string id;  // "tcp.retransmissions", "tcp.rto", "tcp.syn-retries", "throughput"
  double value = 0;
  // What the baseline's rate would have made of this window; nothing without a baseline.
  std::optional<double> baseline;
  std::vector<ExplainedBy> explained_by;
  double unexplained = 0;
  std::string worst;  // the connection that suffers most, in words; "" where nobody asked
  friend bool operator==(const Symptom&, const Symptom&) = default;
};

enum class StageState : std::uint8_t { kOk, kLoss, kPolicy, kRefused, kNoise, kPressure, kBlind };

struct StageReport {
  Stage stage = Stage::kWire;
  Direction direction = Direction::kReceive;
  StageState state = StageState::kOk;
  std::optional<std::uint64_t> packets;  // seen at this stage; nothing where it is not counted
  std::optional<std::uint64_t> lost;     // nothing where the stage is blind
  friend bool operator==(const StageReport&, const StageReport&) = default;
};

enum class Verdict : std::uint8_t {
  kHealthy,
  kLoss,
  kPolicy,
  kPressure,
  kElsewhere,
  kUnknown,
  kInconclusive,
};

struct Totals {
  std::optional<std::uint64_t> received;
  std::optional<std::uint64_t> sent;
  std::uint64_t lost = 0;
  std::uint64_t explained = 0;
  std::uint64_t unexplained = 0;
  std::uint64_t policy = 0;
  std::uint64_t refused = 0;
  std::uint64_t noise = 0;
  friend bool operator==(const Totals&, const Totals&) = default;
};

struct TcpTotals {
  std::optional<std::uint64_t> segments_sent;
  std::optional<std::uint64_t> retransmitted;
  std::optional<double> ratio;
  friend bool operator==(const TcpTotals&, const TcpTotals&) = default;
};

struct TraceCost {
  std::uint64_t events_sampled = 0;
  std::uint64_t events_left_out = 0;
  std::uint64_t outside_table = 0;
  std::uint64_t recursion_misses = 0;
  std::uint64_t map_bytes = 0;
  friend bool operator==(const TraceCost&, const TraceCost&) = default;
};

struct Diagnosis {
  std::string version;
  Host host;
  std::vector<Netns> netns;
  std::vector<Device> devices;
  Window window;
  std::optional<Baseline> baseline;  // that the window was judged against
  std::uint32_t points = 0;
  Verdict verdict = Verdict::kHealthy;
  std::string headline;
  Totals totals;
  TcpTotals tcp;
  std::vector<Account> accounts;
  std::vector<Symptom> symptoms;
  std::vector<Finding> findings;
  std::vector<StageReport> stages;
  std::vector<BlindSpot> blind_spots;
  Grant grant;
  Cost cost;
  TraceCost trace;
  std::string rung;  // how drops were traced; "" = not at all
};

[[nodiscard]] std::string_view name(WitnessKind kind);
[[nodiscard]] std::string_view name(Covers covers);
[[nodiscard]] std::string_view name(Agreement agreement);
[[nodiscard]] std::string_view name(Severity severity);
[[nodiscard]] std::string_view name(Confidence confidence);
[[nodiscard]] std::string_view name(StageState state);
[[nodiscard]] std::string_view name(Verdict verdict);

}  // namespace model
