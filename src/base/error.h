// What went wrong, in words for the operator, and the one idiom that passes it on.
#pragma once

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <utility>

namespace base {

// Invariant: `what` says verb + object + reason ("open /proc/net/snmp: permission denied");
// `hint`, when not empty, says what the operator can do about it; `number` is the errno of the
// system call that failed, 0 where there was none.
struct Error {
  std::string what;
  std::string hint;
  int number = 0;
};

// Whether a right is missing, so that more rights would help.
[[nodiscard]] inline bool is_refusal(const Error& error) {
  return error.number == EPERM || error.number == EACCES;
}

template <class T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> failure(std::string what, std::string hint = {}) {
  return std::unexpected(Error{std::move(what), std::move(hint), 0});
}

// The error of a system call: "open /proc/x: No such file or directory".
[[nodiscard]] inline std::unexpected<Error> system_failure(const std::string& doing,
                                                           int error_number,
                                                           std::string hint = {}) {
  return std::unexpected(
      Error{doing + ": " + std::strerror(error_number), std::move(hint), error_number});
}

}  // namespace base

// Yields the value of a Result or leaves the function with its Error.
#define TRY(...)                                                            \
  __extension__({                                                           \
    auto&& try_result = (__VA_ARGS__);                                      \
    if (!try_result) return std::unexpected(std::move(try_result).error()); \
    std::move(try_result).value();                                          \
  })
