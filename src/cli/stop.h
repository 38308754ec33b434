// Ctrl-C and SIGTERM: the first ends what is going on, and the report follows; a second Ctrl-C ends
// the program.
#pragma once

#include <atomic>

namespace cli {

// In force while it lives; one at a time.
class StopOnSignals {
 public:
  StopOnSignals();
  ~StopOnSignals();
  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;

  // True once a signal came.
  [[nodiscard]] static const std::atomic<bool>* asked();
};

}  // namespace cli
