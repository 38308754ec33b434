// Where in a JSON document a reader is, so that its first complaint can name the place:
// "devices[2].mtu is not a number".
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace formats {

// One step from the root; lives on the stack of the reader, text is made only for a complaint.
class JsonPath {
 public:
  JsonPath() = default;
  JsonPath(const JsonPath& parent, std::string_view name) : parent_(&parent), name_(name) {}
  JsonPath(const JsonPath& parent, size_t index) : parent_(&parent), index_(index) {}

  [[nodiscard]] std::string text() const {
    if (parent_ == nullptr) return "";
    const std::string before = parent_->text();
    if (name_.data() == nullptr) return before + "[" + std::to_string(index_) + "]";
    const std::string name = base::printable(name_);
    // The keys of a map are counter names, with dots and brackets of their own.
    if (name.find_first_of(".[{\" ") != std::string::npos) return before + "['" + name + "']";
    return before.empty() ? name : before + "." + name;
  }

 private:
  const JsonPath* parent_ = nullptr;
  std::string_view name_;
  size_t index_ = 0;
};

// The first complaint of a reader; later ones are consequences.
class Complaint {
 public:
  void raise(const JsonPath& where, std::string_view what) {
    if (!text_.empty()) return;
    const std::string place = where.text();
    text_ = (place.empty() ? std::string("the document") : place) + " " + std::string(what);
  }
  [[nodiscard]] bool raised() const { return !text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace formats
