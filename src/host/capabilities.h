// What this process is allowed to do beyond an ordinary user.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/files.h"

namespace host {

class Capabilities {
 public:
  // The effective set of the calling thread. Error: /proc cannot be read.
  [[nodiscard]] static base::Result<Capabilities> read(const base::Files& files);

  // "CAP_BPF".
  [[nodiscard]] bool has(std::string_view name) const { return names_.contains(name); }
  [[nodiscard]] const std::set<std::string, std::less<>>& names() const { return names_; }

 private:
  std::set<std::string, std::less<>> names_;
};

}  // namespace host
