#include "base/error.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <memory>

namespace base {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return failure("halve " + std::to_string(number) + ": it is odd", "add 1");
  return number / 2;
}

Result<int> quarter(int number) {
  return half(TRY(half(number)));
}

Status check(int number) {
  TRY(half(number));
  return {};
}

Result<std::unique_ptr<int>> owned(int number) {
  return std::make_unique<int>(number);
}

TEST(Try, YieldsTheValue) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_TRUE(check(2));
}

TEST(Try, LeavesWithTheErrorAndItsHint) {
  const auto result = quarter(6);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "halve 3: it is odd");
  EXPECT_EQ(result.error().hint, "add 1");
  EXPECT_FALSE(check(3));
}

TEST(Try, MovesAValueThatCannotBeCopied) {
  const auto use = [](int number) -> Result<int> {
    const std::unique_ptr<int> owner = TRY(owned(number));
    return *owner;
  };
  EXPECT_EQ(use(7).value(), 7);
}

TEST(SystemFailure, SaysTheReasonInWords) {
  const Status status = system_failure("open /x", ENOENT);
  EXPECT_EQ(status.error().what, "open /x: No such file or directory");
}

}  // namespace
}  // namespace base
