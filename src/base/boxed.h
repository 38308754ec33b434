// An optional value that lives elsewhere: where few of many have one, the others are small.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <utility>

namespace base {

template <class T>
class Boxed {
 public:
  using value_type = T;

  Boxed() = default;
  Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT(*-explicit-*)
  template <std::same_as<std::optional<T>> Optional>
  Boxed(Optional value)
      : value_(value ? std::make_unique<T>(*std::move(value)) : nullptr) {}  // NOLINT
  ~Boxed() = default;
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(Boxed&&) noexcept = default;
  Boxed& operator=(T value) {
    value_ = std::make_unique<T>(std::move(value));
    return *this;
  }
  Boxed(const Boxed& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
  Boxed& operator=(const Boxed& other) {
    if (this != &other) value_ = other ? std::make_unique<T>(*other) : nullptr;
    return *this;
  }

  explicit operator bool() const { return value_ != nullptr; }
  [[nodiscard]] bool has_value() const { return value_ != nullptr; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }
  T& emplace() {
    value_ = std::make_unique<T>();
    return *value_;
  }
  void reset() { value_.reset(); }

  friend bool operator==(const Boxed& one, const Boxed& other) {
    return one.has_value() == other.has_value() && (!one || *one == *other);
  }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace base
