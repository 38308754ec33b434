// A cause explains an account: why packets are lost there, how that is known, which rivals were
// ruled out, and what to change. One file in causes/<stage>/ each, listed by the build.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "diagnose/ledger.h"
#include "model/diagnosis.h"
#include "model/evidence.h"
#include "model/question.h"

namespace diagnose {

// One account, in the light of all evidence.
struct Case {
  const model::Evidence& evidence;
  const Booked& booked;
  [[nodiscard]] const model::Account& account() const { return booked.account; }
};

// What a cause concluded. The frame around it (id, fingerprint, accounts, place, hits, packets) is
// the same for all and filled by findings.cpp.
struct Explanation {
  model::Severity severity = model::Severity::kWarning;
  model::Confidence confidence = model::Confidence::kMedium;
  std::vector<model::Root> because;
  std::string title;
  std::string why;
  std::vector<model::Proof> evidence;
  std::vector<model::RuledOut> ruled_out;
  std::vector<model::Remedy> remedies;  // first what to do first; findings.cpp numbers them
};

struct Cause {
  std::string_view id;  // the place: "udp.receive-buffer-full"
  // Dear evidence that it wants as soon as the account has packets.
  std::span<const model::Question::Kind> needs;
  // Nothing where the account turns out not to be this cause's: it stays unexplained.
  std::optional<Explanation> (*explain)(const Case& one) = nullptr;
  // Whether it may judge totals since the host was started (a report): what it says then rests on
  // nothing that needs a window of now (rates, the shape of bursts, queues that were watched). Of
  // any other cause only the place is told, by the kernel's word.
  bool judges_totals = false;
};

// The severity of a loss of this size: critical from the thresholds of the evidence on.
[[nodiscard]] model::Severity loss_severity(const model::Evidence& evidence,
                                            const model::Account& account);

// The severity of packets dropped because somebody asked for it or nobody listens: a warning when
// they are many for the traffic (the user may be hunting just them), else a notice.
[[nodiscard]] model::Severity refusal_severity(const model::Evidence& evidence,
                                               const model::Account& account);

// True where a counter of the namespace was read and did not move: what speaks against a rival.
[[nodiscard]] bool stood_still(const model::Evidence& evidence, std::string_view counter,
                               const model::Inode& netns);

// "10,000 packets", "1 packet".
[[nodiscard]] std::string packets_text(std::uint64_t packets);

// "dnsd (pid 812)", "an unknown process": who is hit first.
[[nodiscard]] std::string owner_text(const model::Account& account);

namespace causes {
// Every cause, sorted by file name. Made by the build from this folder.
[[nodiscard]] std::span<const Cause* const> all_causes();
}  // namespace causes

}  // namespace diagnose
