#include "sources/xfrm.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing_support::capture;
using testing_support::kernels_with;
using testing_support::with_damage;

TEST(Xfrm, Told) {
  Look look;
  parse_xfrm("XfrmInError             \t0\nXfrmInNoStates          \t12\nnonsense\n", "7", look);
  EXPECT_THAT(look.counters, ElementsAre(Pair("xfrm.XfrmInError{netns=\"7\"}", 0),
                                         Pair("xfrm.XfrmInNoStates{netns=\"7\"}", 12)));
}

TEST(Xfrm, EveryLineOfEveryKernelCaptured) {
  const auto kernels = kernels_with("xfrm_stat");
  ASSERT_GE(kernels.size(), 4U);
  for (const auto& kernel : kernels) {
    const auto text = capture(kernel, "xfrm_stat");
    Look look;
    parse_xfrm(text, "7", look);
    EXPECT_EQ(look.counters.size(), static_cast<std::size_t>(std::ranges::count(text, '\n')))
        << kernel;
  }
}

TEST(Xfrm, DamagedTextDoesNoHarm) {
  with_damage(capture("6.18", "xfrm_stat"), 200, [](const std::string& damaged) {
    Look look;
    parse_xfrm(damaged, "7", look);
  });
}

}  // namespace
}  // namespace sources
