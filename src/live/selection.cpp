#include "live/selection.h"

#include <algorithm>
#include <cctype>

#include "filter/compile.h"
#include "live/made_up.h"

namespace live {

bool Selection::takes(const model::TracedPlace& place) const {
  if (!noise && place.klass == model::Class::kNoise) return false;
  if (!netns.empty() && !netns.contains(place.netns)) return false;
  if (!device.empty() && place.device != device) return false;
  if (!stages.empty() && std::ranges::find(stages, place.stage) == stages.end()) return false;
  return reasons.empty() || std::ranges::any_of(reasons, [&](const std::string& reason) {
           return std::ranges::equal(reason, place.reason, [](unsigned char a, unsigned char b) {
             return std::toupper(a) == std::toupper(b);
           });
         });
}

bool Selection::takes(const std::optional<model::Owner>& owner) const {
  if (!asks_for_owner()) return true;
  if (!owner) return false;
  if (pid && owner->pid != *pid) return false;
  if (!comm.empty() && owner->comm != comm) return false;
  return cgroup.empty() || owner->cgroup.contains(cgroup);
}

bool Selection::takes(const model::TraceEvent& event) const {
  if (!takes(event.place) || !takes(event.owner)) return false;
  if (filter == nullptr) return true;
  std::vector<std::uint8_t> bytes;
  if (event.starts_at != model::HeaderStart::kLink) {
    const bool v6 = !event.bytes.empty() && event.bytes.front() >> 4 == 6;
    bytes.assign(kEthernetBytes, 0);
    bytes[12] = v6 ? 0x86 : 0x08;
    bytes[13] = v6 ? 0xdd : 0x00;
  }
  bytes.insert(bytes.end(), event.bytes.begin(), event.bytes.end());
  const auto rest = event.length_bytes > event.bytes.size()
                        ? event.length_bytes - static_cast<std::uint32_t>(event.bytes.size())
                        : 0;
  return filter::matches(*filter, bytes, static_cast<std::uint32_t>(bytes.size()) + rest);
}

bool Selection::asks_for_owner() const {
  return pid.has_value() || !comm.empty() || !cgroup.empty();
}

}  // namespace live
