// Diagnosis -> whydrop.diagnosis/1, as docs/schema/diagnosis.json has it. Null is "not measured" or
// "does not apply", never 0; inode numbers and raw byte counts are decimal strings, packet counts
// are numbers.

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "render/render.h"
#include "render/shared_json.h"

namespace render {
namespace {

using Json = nlohmann::ordered_json;

// Microseconds and ten-thousandths are as fine as anything here was measured.
double rounded(double value) {
  return std::round(value * 1e6) / 1e6;
}

// Whole numbers without ".0": most values are counts.
Json number(double value) {
  constexpr double kExact = 9007199254740992;  // 2^53
  if (std::floor(value) == value && std::abs(value) < kExact) {
    return static_cast<std::int64_t>(value);
  }
  return rounded(value);
}

double seconds(std::int64_t nanoseconds) {
  return rounded(static_cast<double>(nanoseconds) / 1e9);
}

Json window_json(const model::Diagnosis& diagnosis) {
  const auto& window = diagnosis.window;
  return {{"start", base::utc_text(base::Nanoseconds(window.start_wall_ns))},
          {"seconds", seconds(window.duration_ns)},
          {"traced_seconds", seconds(window.traced_ns)},
          {"points", diagnosis.points},
          {"gaps", array_of(window.gaps,
                            [](const auto& gap) {
                              return Json{{"from_s", rounded(gap.from_s)},
                                          {"to_s", rounded(gap.to_s)}};
                            })},
          {"origin", window.origin},
          {"kind", window.kind},
          {"reference", text_or_null(window.reference)},
          {"child_status", value_or_null(window.child_status)},
          {"interrupted", window.interrupted},
          {"interface", text_or_null(window.interface)},
          {"traced_by", text_or_null(diagnosis.rung)}};
}

Json totals_json(const model::Totals& totals) {
  return {{"received", value_or_null(totals.received)},
          {"sent", value_or_null(totals.sent)},
          {"lost", totals.lost},
          {"explained", totals.explained},
          {"unexplained", totals.unexplained},
          {"policy", totals.policy},
          {"refused", totals.refused},
          {"noise", totals.noise}};
}

Json tcp_json(const model::TcpTotals& tcp) {
  return {{"segments_sent", value_or_null(tcp.segments_sent)},
          {"retransmitted", value_or_null(tcp.retransmitted)},
          {"ratio", tcp.ratio ? Json(rounded(*tcp.ratio)) : Json(nullptr)}};
}

Json place_json(const model::Place& place) {
  return {{"netns", text_or_null(place.netns)},
          {"dev", text_or_null(place.dev)},
          {"queue", value_or_null(place.queue)},
          {"cpu", value_or_null(place.cpu)},
          {"socket", text_or_null(place.socket)}};
}

Json hit_json(const model::Hit& hit) {
  Json flow = nullptr;
  if (hit.flow) {
    flow = Json::array({hit.flow->protocol, hit.flow->source, hit.flow->source_port,
                        hit.flow->destination, hit.flow->destination_port});
  }
  return {{"netns", text_or_null(hit.netns)}, {"container", value_or_null(hit.container)},
          {"unit", value_or_null(hit.unit)},  {"cgroup", text_or_null(hit.cgroup)},
          {"pid", value_or_null(hit.pid)},    {"comm", text_or_null(hit.comm)},
          {"flow", std::move(flow)},          {"packets", hit.packets}};
}

Json witness_json(const model::Witness& witness) {
  if (witness.kind == model::WitnessKind::kTrace) {
    return {{"kind", model::name(witness.kind)},
            {"reason", text_or_null(witness.reason)},
            {"location", witness.location},
            {"packets", witness.packets}};
  }
  return {{"kind", model::name(witness.kind)},
          {"id", witness.id},
          {"covers", model::name(witness.covers)},
          {"unit", witness.unit},
          {"packets", witness.packets}};
}

Json reconciliation_json(const model::Reconciliation& reconciliation) {
  return {{"state", model::name(reconciliation.state)},
          {"difference", reconciliation.difference},
          {"tolerance", reconciliation.tolerance},
          {"why", reconciliation.why}};
}

Json account_json(const model::Account& account) {
  return {{"id", account.id},
          {"account", account.account},
          {"stage", model::name(account.stage)},
          {"direction", model::name(account.direction)},
          {"class", model::name(account.klass)},
          {"at", place_json(account.at)},
          {"hits", array_of(account.hits, hit_json)},
          {"packets", account.packets},
          {"explained", account.explained},
          {"unexplained", account.unexplained},
          {"per_second", rounded(account.per_second)},
          {"series", Json(account.series)},
          {"witnesses", array_of(account.witnesses, witness_json)},
          {"echoes", array_of(account.echoes,
                              [](const model::Echo& echo) {
                                return Json{{"id", echo.id}, {"packets", echo.packets}};
                              })},
          {"reconciliation", reconciliation_json(account.reconciliation)}};
}

Json symptom_json(const model::Symptom& symptom) {
  return {{"id", symptom.id},
          {"value", number(symptom.value)},
          {"baseline", symptom.baseline ? number(*symptom.baseline) : Json(nullptr)},
          {"explained_by", array_of(symptom.explained_by,
                                    [](const model::ExplainedBy& by) {
                                      return Json{{"finding", by.finding},
                                                  {"share", rounded(by.share)}};
                                    })},
          {"unexplained", rounded(symptom.unexplained)},
          {"worst", text_or_null(symptom.worst)}};
}

Json remedy_json(const model::Remedy& remedy) {
  Json persist = nullptr;
  if (remedy.persist) {
    persist = {{"file", remedy.persist->file}, {"content", remedy.persist->content}};
  }
  return {{"id", remedy.id},
          {"order", remedy.order},
          {"kind", remedy.kind},
          {"command", remedy.command},
          {"set", array_of(remedy.set,
                           [](const model::Change& change) {
                             return Json{{"target", change.target},
                                         {"netns", value_or_null(change.netns)},
                                         {"from", change.from},
                                         {"to", change.to}};
                           })},
          {"sized_from", text_or_null(remedy.sized_from)},
          {"risk", text_or_null(remedy.risk)},
          {"disrupts", remedy.disrupts},
          {"undo", text_or_null(remedy.undo)},
          {"persist", std::move(persist)},
          {"verify", text_or_null(remedy.verify)},
          {"tunable", remedy.tunable}};
}

Json root_json(const model::Root& root) {
  return {{"cause", root.cause},
          {"share", rounded(root.share)},
          {"confidence", model::name(root.confidence)}};
}

Json share_json(const model::AccountShare& share) {
  return {{"account", share.account},
          {"packets", share.packets},
          {"role", share.primary ? "primary" : "contributing"}};
}

Json proof_json(const model::Proof& proof) {
  return {{"text", proof.text},
          {"id", proof.id},
          {"value", proof.value ? number(*proof.value) : Json(nullptr)}};
}

Json ruled_out_json(const model::RuledOut& rival) {
  return {{"cause", rival.cause}, {"text", rival.text}};
}

Json normal_json(const std::optional<model::Normal>& normal) {
  if (!normal) return nullptr;
  const bool known = normal->departure != model::Departure::kUnknown;
  return {{"departure", model::name(normal->departure)},
          {"certainty", model::name(normal->certainty)},
          {"packets", known ? Json(normal->packets) : Json(nullptr)},
          {"per_second", known ? Json(normal->per_second) : Json(nullptr)},
          {"ratio", value_or_null(normal->ratio)},
          {"why", text_or_null(normal->why)}};
}

Json baseline_json(const std::optional<model::Baseline>& baseline) {
  if (!baseline) return nullptr;
  return {{"name", baseline->name},
          {"start", base::utc_text(base::Nanoseconds(baseline->start_wall_ns))},
          {"seconds", seconds(baseline->duration_ns)},
          {"received", value_or_null(baseline->received)},
          {"sent", value_or_null(baseline->sent)}};
}

Json finding_json(const model::Finding& finding) {
  return {{"id", finding.id},
          {"fingerprint", finding.fingerprint},
          {"cause", finding.cause},
          {"class", model::name(finding.klass)},
          {"stage", model::name(finding.stage)},
          {"because", array_of(finding.because, root_json)},
          {"severity", model::name(finding.severity)},
          {"confidence", model::name(finding.confidence)},
          {"title", finding.title},
          {"packets", finding.packets},
          {"accounts", array_of(finding.accounts, share_json)},
          {"at", place_json(finding.at)},
          {"hits", array_of(finding.hits, hit_json)},
          {"why", finding.why},
          {"evidence", array_of(finding.evidence, proof_json)},
          {"ruled_out", array_of(finding.ruled_out, ruled_out_json)},
          {"remedies", array_of(finding.remedies, remedy_json)},
          {"normal", normal_json(finding.normal)}};
}

Json stage_json(const model::StageReport& report) {
  return {{"stage", model::name(report.stage)},
          {"direction", model::name(report.direction)},
          {"state", model::name(report.state)},
          {"packets", value_or_null(report.packets)},
          {"lost", value_or_null(report.lost)}};
}

Json cost_json(const model::Diagnosis& diagnosis) {
  const auto& trace = diagnosis.trace;
  return {{"cpu_ms", rounded(diagnosis.cost.cpu_ms)},
          {"max_rss_kib", diagnosis.cost.max_rss_kib},
          {"events_sampled", trace.events_sampled},
          {"events_left_out", trace.events_left_out},
          {"outside_table", trace.outside_table},
          {"recursion_misses", trace.recursion_misses},
          {"map_bytes", trace.map_bytes},
          {"bpf_ns_per_event", nullptr}};
}

}  // namespace

std::string json(const model::Diagnosis& diagnosis) {
  const Json document = {{"schema", "whydrop.diagnosis/1"},
                         {"version", diagnosis.version},
                         {"host", host_json(diagnosis.host)},
                         {"netns", array_of(diagnosis.netns, netns_json)},
                         {"devices", array_of(diagnosis.devices, device_json)},
                         {"window", window_json(diagnosis)},
                         {"baseline", baseline_json(diagnosis.baseline)},
                         {"verdict", model::name(diagnosis.verdict)},
                         {"headline", diagnosis.headline},
                         {"totals", totals_json(diagnosis.totals)},
                         {"tcp", tcp_json(diagnosis.tcp)},
                         {"accounts", array_of(diagnosis.accounts, account_json)},
                         {"symptoms", array_of(diagnosis.symptoms, symptom_json)},
                         {"findings", array_of(diagnosis.findings, finding_json)},
                         {"stages", array_of(diagnosis.stages, stage_json)},
                         {"blind_spots", array_of(diagnosis.blind_spots, blind_spot_json)},
                         {"grant", grant_json(diagnosis.grant)},
                         {"cost", cost_json(diagnosis)}};
  // A name can hold any byte: what is not UTF-8 becomes U+FFFD here, and the library escapes
  // control characters.
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace render
