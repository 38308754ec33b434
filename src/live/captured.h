// An event of the trace as a packet of a capture file, and back.
#pragma once

#include <optional>

#include "model/captured_packet.h"
#include "model/trace_event.h"

namespace live {

// The packet's first bytes, with a note for programs and a sentence for people. A packet without a
// link header is of an interface of its own; of bytes that begin nobody knows where, none are kept.
[[nodiscard]] model::CapturedPacket captured(const model::TraceEvent& event);

// What was written by captured(): nothing where the packet has no note of ours.
[[nodiscard]] std::optional<model::TraceEvent> told_again(const model::CapturedPacket& packet);

}  // namespace live
