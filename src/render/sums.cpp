#include "render/sums.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "render/glyphs.h"
#include "render/names.h"

namespace render {
namespace {

using base::grouped;
using base::printable;
using model::Account;
using model::Class;
using model::Diagnosis;

constexpr size_t kTermsShown = 5;

using Terms = std::vector<std::pair<std::string, std::uint64_t>>;

// Packets by account name, biggest first.
template <class Packets>
Terms terms_of(const Diagnosis& diagnosis, Packets packets_of) {
  Terms terms;
  for (const auto& account : diagnosis.accounts) {
    const std::uint64_t packets = packets_of(account);
    if (packets == 0) continue;
    auto found = std::ranges::find(terms, account.account, &Terms::value_type::first);
    if (found == terms.end()) found = terms.insert(found, {account.account, 0});
    found->second += packets;
  }
  std::ranges::sort(terms, {}, [](const auto& term) {
    return std::tuple(~term.second, std::string_view(term.first));
  });
  return terms;
}

std::vector<std::string> term_texts(const Terms& terms) {
  std::vector<std::string> texts;
  std::uint64_t rest = 0;
  for (const auto& [name, packets] : terms) {
    if (texts.size() < kTermsShown) {
      texts.push_back(grouped(packets) + " " + printable(name));
    } else {
      rest += packets;
    }
  }
  if (rest > 0) {
    texts.push_back(
        fmt::format("{} in {} other places", grouped(rest), terms.size() - kTermsShown));
  }
  return texts;
}

std::string lost_text(const Diagnosis& diagnosis) {
  const auto& totals = diagnosis.totals;
  if (totals.lost == 0) {
    return diagnosis.verdict == model::Verdict::kInconclusive ? "0 in what could be seen" : "0";
  }
  auto texts = term_texts(terms_of(diagnosis, [](const Account& account) {
    return model::counts_as_lost(account.klass) ? account.explained : 0;
  }));
  texts.push_back(grouped(totals.unexplained) + " unexplained");
  return fmt::format("{} = {}", grouped(totals.lost), fmt::join(texts, " + "));
}

void draw_class(Sheet& sheet, const Diagnosis& diagnosis, Class klass, std::string_view label,
                std::uint64_t total) {
  if (total == 0) return;
  const auto texts = term_texts(terms_of(diagnosis, [&](const Account& account) {
    return account.klass == klass ? account.packets : 0;
  }));
  // "37 = 37 of it" would say nothing.
  if (texts.size() == 1) return sheet.item(label, texts.front());
  sheet.item(label, texts.empty()
                        ? grouped(total)
                        : fmt::format("{} = {}", grouped(total), fmt::join(texts, " + ")));
}

std::string symptom_text(const model::Symptom& symptom) {
  std::vector<std::string> parts;
  for (const auto& by : symptom.explained_by) {
    const auto number = by.finding.starts_with('f') ? by.finding.substr(1) : by.finding;
    parts.push_back(fmt::format("{:.0f} % by finding {}", 100 * by.share, printable(number)));
  }
  if (symptom.unexplained > 0.005) {
    parts.push_back(
        fmt::format("{:.0f} % that nothing seen here explains", 100 * symptom.unexplained));
  }
  const auto before =
      symptom.baseline ? fmt::format(" (normally {:.10g})", *symptom.baseline) : std::string();
  if (!symptom.worst.empty()) parts.push_back("most by " + printable(symptom.worst));
  return fmt::format("{} {:.10g}{}{}{}", printable(symptom.id), symptom.value, before,
                     parts.empty() ? "" : ": ", fmt::join(parts, ", "));
}

void draw_tcp(Sheet& sheet, const model::TcpTotals& tcp) {
  if (!tcp.segments_sent || !tcp.retransmitted || *tcp.segments_sent == 0) return;
  std::string ratio;
  if (tcp.ratio && *tcp.retransmitted > 0) ratio = fmt::format(" ({:.3g} %)", 100 * *tcp.ratio);
  sheet.item("tcp", fmt::format("{} segments sent, {} retransmitted{}", grouped(*tcp.segments_sent),
                                grouped(*tcp.retransmitted), ratio));
}

std::string witness_text(const model::Witness& witness) {
  const auto packets = grouped(witness.packets);
  if (witness.kind == model::WitnessKind::kTrace) {
    const auto reason =
        witness.reason.empty() ? std::string("no reason given") : printable(witness.reason);
    return fmt::format("trace {} at {}: {}", reason, printable(witness.location), packets);
  }
  return fmt::format("counter {}: {} {}{}", printable(witness.id), packets, printable(witness.unit),
                     witness.covers == model::Covers::kIncludes ? ", others' among them" : "");
}

void draw_account(Sheet& sheet, const Diagnosis& diagnosis, const Account& account) {
  const auto place = place_text(diagnosis, account.at);
  const Sign sign = sign_of(account.klass);
  sheet.item(printable(account.id),
             fmt::format("{} {} {} ({}, {}){}{}", sign.glyph, packets_text(account.packets),
                         printable(account.account), model::name(account.klass),
                         model::name(account.stage), place.empty() ? "" : ": ", place));
  for (const auto& witness : account.witnesses) sheet.bullet("", witness_text(witness));
  if (!account.reconciliation.why.empty()) {
    sheet.bullet("", fmt::format("{}: {}", model::name(account.reconciliation.state),
                                 printable(account.reconciliation.why)));
  }
  for (const auto& echo : account.echoes) {
    sheet.bullet("", fmt::format("the same packets again: {} {}", printable(echo.id),
                                 grouped(echo.packets)));
  }
}

}  // namespace

void draw_sums(Sheet& sheet, const Diagnosis& diagnosis) {
  const auto& totals = diagnosis.totals;
  sheet.line();
  sheet.item("lost", lost_text(diagnosis), totals.lost > 0 ? Ink::kStrong : Ink::kPlain);
  draw_class(sheet, diagnosis, Class::kPolicy, "by policy", totals.policy);
  draw_class(sheet, diagnosis, Class::kRefused, "refused", totals.refused);
  draw_class(sheet, diagnosis, Class::kNoise, "normal", totals.noise);
  draw_tcp(sheet, diagnosis.tcp);
  bool first = true;
  for (const auto& symptom : diagnosis.symptoms) {
    sheet.item(first ? "symptoms" : "", symptom_text(symptom));
    first = false;
  }
}

void draw_accounts(Sheet& sheet, const Diagnosis& diagnosis) {
  if (diagnosis.accounts.empty()) return;
  sheet.line();
  sheet.line(sheet.inked(Ink::kStrong, "Accounts"));
  for (const auto& account : diagnosis.accounts) draw_account(sheet, diagnosis, account);
}

}  // namespace render
