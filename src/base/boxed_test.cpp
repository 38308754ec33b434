#include "base/boxed.h"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

using Text = Boxed<std::string>;

TEST(Boxed, IsAValue) {
  Text one("web");
  Text other = one;
  *other += "-2";
  EXPECT_EQ(*one, "web") << "a copy is its own";
  EXPECT_NE(one, other);
  other = one;
  EXPECT_EQ(one, other);
  other.emplace() = "web";
  EXPECT_EQ(one, other);
}

TEST(Boxed, MayHoldNothing) {
  Text none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none, Text(std::optional<std::string>()));
  EXPECT_NE(none, Text(""));
  Text was("x");
  was.reset();
  EXPECT_EQ(was, none);
  was = none;
  EXPECT_FALSE(was.has_value());
}

}  // namespace
}  // namespace base
