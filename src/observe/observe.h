// Runs sources and probes over a window and makes Evidence.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"
#include "model/question.h"

namespace observe {

struct Progress {
  std::chrono::nanoseconds elapsed{0};
  std::chrono::nanoseconds planned{0};
  std::uint64_t dropped = 0;  // kfree_skb packets so far
  bool tracing = false;
};

struct Request {
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  // Namespaces the user asked about: "NAME", "PID", "inode:N". Empty: all. Everything is measured
  // either way; those not selected are marked.
  std::vector<std::string> netns;
  std::string interface;  // "" = all
  // How drops are traced: "auto" (the best that works), a rung of the ladder ("tp_btf",
  // "tracepoint", "drop_monitor"), "none".
  std::string tracer = "auto";
  // At both ends also what a snapshot reads (Cadence::kInventory): for a window that is kept to be
  // compared with.
  bool inventory = false;
  // Called when the probes are attached and no thread is made yet: rights that only they needed may
  // be given up. An error ends the run.
  std::function<base::Status()> attached;
  // Set by a signal handler to end the window early.
  const std::atomic<bool>* stop = nullptr;
  // Called when the probes are attached and the first snapshot is taken: traffic may start.
  std::function<void()> started;
  std::function<void(const Progress&)> progress;
  // What is worth asking, given the evidence so far (diagnose::questions).
  std::function<std::set<model::Question>(const model::Evidence&)> questions;
};

// Error: a namespace or interface that does not exist (exit status 2). What cannot be measured is a
// blind spot in the evidence.
[[nodiscard]] base::Result<model::Evidence> observe(const Request& request);

}  // namespace observe
