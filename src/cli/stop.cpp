#include "cli/stop.h"

#include <signal.h>

namespace cli {
namespace {

std::atomic<bool> stop_asked{false};

void on_interrupt(int /*signal*/) {
  stop_asked.store(true);
  signal(SIGINT, SIG_DFL);
}

}  // namespace

StopOnSignals::StopOnSignals() {
  signal(SIGINT, on_interrupt);
  signal(SIGTERM, on_interrupt);
}

StopOnSignals::~StopOnSignals() {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
}

const std::atomic<bool>* StopOnSignals::asked() {
  return &stop_asked;
}

}  // namespace cli
