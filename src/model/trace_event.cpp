#include "model/trace_event.h"

#include <array>

namespace model {

std::string_view name(EventKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"drop", "retransmission", "reset"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace model
