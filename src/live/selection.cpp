#include "live/selection.h"

#include <algorithm>

#include "base/text.h"

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

bool Selection::asks_for_owner() const {
  return pid.has_value() || !comm.empty() || !cgroup.empty();
}

}  // namespace live
