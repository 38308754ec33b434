#include "live/captured.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "formats/note.h"
#include "knowledge/places.h"
#include "probes/drops/flow.h"

namespace live {
namespace {

using formats::Note;
using model::EventKind;
using model::HeaderStart;
using model::TraceEvent;

void set_if(Note& note, std::string_view key, const std::string& value) {
  if (!value.empty()) note.set(key, value);
}

Note note_of(const TraceEvent& event) {
  const auto& place = event.place;
  Note note;
  note.set("event", model::name(event.kind));
  set_if(note, "reason", place.reason);
  set_if(note, "at", place.location);
  note.set("stage", model::name(place.stage));
  note.set("direction", model::name(place.direction));
  note.set("class", model::name(place.klass));
  set_if(note, "account", place.account);
  set_if(note, "dev", place.device);
  set_if(note, "netns", place.netns);
  set_if(note, "netns_name", place.netns_name);
  note.set("cpu", event.cpu);
  note.set("n", place.packets);
  if (event.owner) {
    note.set("pid", event.owner->pid);
    note.set("comm", event.owner->comm);
    set_if(note, "cgroup", event.owner->cgroup);
  }
  if (event.headers_made_up) note.set("headers", "made-up");
  set_if(note, "what", event.what);
  set_if(note, "detail", event.detail);
  return note;
}

std::string sentence_of(const TraceEvent& event) {
  auto text = event.kind == EventKind::kDrop ? event.place.meaning : event.what + ".";
  if (event.owner) text += fmt::format(" Its socket is held by {}.", event.owner->comm);
  if (event.place.packets > 1) {
    text += fmt::format(" This line stands for {} packets of the same place.",
                        base::grouped(event.place.packets));
  }
  return text;
}

std::uint64_t number(const Note& note, std::string_view key) {
  std::uint64_t value = 0;
  if (const auto text = note.find(key)) {
    std::from_chars(text->data(), text->data() + text->size(), value);
  }
  return value;
}

std::string text(const Note& note, std::string_view key) {
  return std::string(note.find(key).value_or(""));
}

template <class Enum, std::size_t count>
Enum named(const Note& note, std::string_view key, const Enum (&values)[count]) {
  const auto* found = std::ranges::find_if(
      values, [&](Enum value) { return model::name(value) == note.find(key).value_or(""); });
  return found == std::end(values) ? values[0] : *found;
}

// The file does not hold it: what is known of the place is said anew.
std::string meaning_of(const std::string& account) {
  const auto* place = knowledge::find_place(account);
  return place == nullptr ? "" : std::string(place->meaning);
}

model::TracedPlace place_of(const Note& note) {
  using enum model::Class;
  model::TracedPlace place{.account = text(note, "account"),
                           .reason = text(note, "reason"),
                           .meaning = meaning_of(text(note, "account")),
                           .location = text(note, "at"),
                           .netns = text(note, "netns"),
                           .netns_name = text(note, "netns_name"),
                           .device = text(note, "dev"),
                           .packets = number(note, "n")};
  place.stage = model::stage_named(text(note, "stage")).value_or(model::Stage::kNetwork);
  place.direction = named(note, "direction", {model::Direction::kReceive, model::Direction::kSend});
  place.klass = named(note, "class", {kUnknown, kLoss, kPolicy, kRefused, kNoise});
  return place;
}

}  // namespace

model::CapturedPacket captured(const TraceEvent& event) {
  const bool known = event.starts_at != HeaderStart::kUnknown;
  model::CapturedPacket packet;
  packet.time_ns = event.at_wall_ns;
  packet.interface = {.device = event.place.device,
                      .netns = event.place.netns,
                      .netns_name = event.place.netns_name,
                      .link_type = event.starts_at == HeaderStart::kLink
                                       ? model::LinkType::kEthernet
                                       : model::LinkType::kRawIp};
  if (known) packet.bytes.assign(event.bytes.begin(), event.bytes.end());
  packet.original_bytes =
      std::max(event.length_bytes, static_cast<std::uint32_t>(packet.bytes.size()));
  packet.comments = {note_of(event).text(), sentence_of(event)};
  packet.direction = event.place.direction;
  packet.left_out = event.place.packets > 0 ? event.place.packets - 1 : 0;
  return packet;
}

std::optional<TraceEvent> told_again(const model::CapturedPacket& packet) {
  const auto note = Note::among(packet.comments);
  if (!note || !note->find("event")) return {};
  TraceEvent event{.at_wall_ns = packet.time_ns, .place = place_of(*note)};
  event.kind =
      named(*note, "event", {EventKind::kDrop, EventKind::kRetransmission, EventKind::kReset});
  event.cpu = static_cast<std::uint32_t>(number(*note, "cpu"));
  event.length_bytes = packet.original_bytes;
  event.bytes.assign(packet.bytes.begin(), packet.bytes.end());
  if (!event.bytes.empty()) {
    event.starts_at = packet.interface.link_type == model::LinkType::kEthernet
                          ? HeaderStart::kLink
                          : HeaderStart::kNetwork;
    event.flow = probes::drops::parse_flow(event.bytes, event.starts_at, 0);
  }
  if (note->find("pid")) {
    event.owner = model::Owner{.pid = static_cast<std::uint32_t>(number(*note, "pid")),
                               .comm = text(*note, "comm"),
                               .cgroup = text(*note, "cgroup")};
  }
  event.headers_made_up = note->find("headers").has_value();
  event.what = text(*note, "what");
  event.detail = text(*note, "detail");
  return event;
}

}  // namespace live
