#include "filter/trial.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "filter/insertion.h"
#include "filter/packet.wire.h"
#include "filter/trial.skel.h"

namespace filter {

std::unique_ptr<Trial> Trial::open() {
  libbpf_set_print(nullptr);
  auto trial = std::make_unique<Trial>();
  trial->skeleton_.reset(trial_bpf::open());
  if (!trial->skeleton_) return {};
  trial->skeleton_->rodata->with_filter = 1;
  if (trial_bpf::load(trial->skeleton_.get()) != 0) return {};
  return trial;
}

base::Result<base::Descriptor> Trial::load(const Program& program) const {
  return load_filtered(skeleton_->progs.try_packet, program);
}

int Trial::run(int filter, std::span<const std::uint8_t> captured, std::uint32_t length) const {
  const std::uint32_t zero = 0;
  std::array<std::uint8_t, wire::kFilterPacketBytes> packet{};
  std::ranges::copy(captured, packet.begin());
  if (bpf_map__update_elem(skeleton_->maps.trial_packet, &zero, sizeof zero, packet.data(),
                           packet.size(), BPF_ANY) != 0) {
    return -1;
  }
  std::array<std::uint64_t, 2> arguments{captured.size(), length};
  LIBBPF_OPTS(bpf_test_run_opts, run);
  run.ctx_in = arguments.data();
  run.ctx_size_in = sizeof arguments;
  if (bpf_prog_test_run_opts(filter, &run) != 0) return -1;
  return static_cast<int>(run.retval);
}

int Trial::stub() const {
  return bpf_program__fd(skeleton_->progs.try_packet);
}

void Trial::Destroy::operator()(trial_bpf* skeleton) const {
  trial_bpf::destroy(skeleton);
}

namespace {

TEST(Trial, TheStubMatchesEverything) {
  const auto trial = Trial::open();
  if (!trial) GTEST_SKIP() << "cannot load BPF programs here: " << std::strerror(errno);
  EXPECT_GT(trial->run(trial->stub(), {}, 0), 0);
  EXPECT_GT(trial->run(trial->stub(), std::array<std::uint8_t, 3>{}, 1500), 0);
}

}  // namespace
}  // namespace filter
