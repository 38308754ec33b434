// What went wrong, in words for the operator, and the one idiom that passes it on.
#pragma once

#include <cstring>
#include <expected>
#include <string>
#include <utility>

namespace base {

// Invariant: `what` says verb + object + reason ("open /proc/net/snmp: permission denied");
// `hint`, when not empty, says what the operator can do about it.
struct Error {
  std::string what;
  std::string hint;
};

template <class T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> failure(std::string what, std::string hint = {}) {
  return std::unexpected(Error{std::move(what), std::move(hint)});
}

// The error of a system call: "open /proc/x: No such file or directory".
[[nodiscard]] inline std::unexpected<Error> system_failure(const std::string& doing,
                                                           int error_number,
                                                           std::string hint = {}) {
  return failure(doing + ": " + std::strerror(error_number), std::move(hint));
}

}  // namespace base

// Yields the value of a Result or leaves the function with its Error.
#define TRY(...)                                                                    \
  __extension__({                                                                   \
    auto&& try_result = (__VA_ARGS__);                                              \
    if (!try_result) return std::unexpected(std::move(try_result).error());         \
    std::move(try_result).value();                                                  \
  })
