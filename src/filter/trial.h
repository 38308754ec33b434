// Runs filters in the kernel on bytes of a test's choice; trial_test.cpp has the body.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/descriptor.h"
#include "base/error.h"
#include "filter/program.h"

struct trial_bpf;

namespace filter {

class Trial {
 public:
  // Nothing, with errno, where this user or kernel cannot have it.
  static std::unique_ptr<Trial> open();

  [[nodiscard]] base::Result<base::Descriptor> load(const Program& program) const;

  // Not 0 where the packet matches; -1 where it could not be tried. `filter` is what load() gave.
  [[nodiscard]] int run(int filter, std::span<const std::uint8_t> captured,
                        std::uint32_t length) const;

  // The program with its stub, which matches everything.
  [[nodiscard]] int stub() const;

 private:
  struct Destroy {
    void operator()(trial_bpf* skeleton) const;
  };
  std::unique_ptr<trial_bpf, Destroy> skeleton_;
};

}  // namespace filter
