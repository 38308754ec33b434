#include "cli/duration.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Duration, UnderstandsTheUnitsThatUsersWrite) {
  EXPECT_EQ(parse_duration("10s").value(), seconds(10));
  EXPECT_EQ(parse_duration("5").value(), seconds(5));
  EXPECT_EQ(parse_duration("500ms").value(), milliseconds(500));
  EXPECT_EQ(parse_duration("1.5s").value(), milliseconds(1500));
  EXPECT_EQ(parse_duration("2m").value(), seconds(120));
}

TEST(Duration, RefusesWhatIsNotASpanOfTime) {
  for (const auto* text : {"", "s", "-1s", "0", "10x", "1e9", "nan", "inf", "25h", "10 s", "5s5"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace cli
