// Puts what was read into the shape of Evidence. Pure.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "host/namespaces.h"
#include "model/evidence.h"
#include "sources/source.h"

namespace observe {

// `selected` empty: the user asked about all.
[[nodiscard]] std::vector<model::Netns> netns_rows(const std::vector<host::Namespace>& namespaces,
                                                   const std::set<model::Inode>& selected);

// The devices of both ends: one that is only in the first look vanished.
[[nodiscard]] std::vector<model::Device> merged_devices(std::vector<model::Device> first,
                                                        std::vector<model::Device> last);

// Puts the addresses to the devices that have them.
void set_addresses(const std::vector<sources::DeviceAddress>& addresses,
                   std::vector<model::Device>& devices);

// Adds what sources of Cadence::kWhenAsked told, each row once.
void add_answers(sources::Look look, model::Evidence& evidence);

// The messages since the start, each once, their time made relative to it.
[[nodiscard]] std::vector<model::KernelMessage> messages_inside(
    const std::vector<model::KernelMessage>& since_boot, double start_s);

// Adds blind spots, each once: those of many namespaces are equal.
void add_blind_spots(std::span<const model::BlindSpot> spots, model::Evidence& evidence);

// The namespaces that are not among those looked at.
[[nodiscard]] model::BlindSpot unlisted_namespaces(bool traced);

// What the trace itself could not see: left out, missed, or shared with other tracers.
void add_trace_blind_spots(model::Evidence& evidence);

}  // namespace observe
