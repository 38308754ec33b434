// Enums in the kernel's BTF: the few kilobytes that name reasons, out of five megabytes of types.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace host {

// The parts of a BTF blob, checked against its length. The views live as long as the blob.
struct Btf {
  std::string_view types;
  std::string_view strings;
  bool valid = false;
};

[[nodiscard]] Btf parse_btf(std::string_view blob);

// Calls `take` with each value of each enum whose name ends with `suffix`. `base` is vmlinux for
// the BTF of a module, whose names may stand in either; null for vmlinux itself. A blob that is cut
// or holds a kind of type that is not known ends the search.
void each_enum_value(const Btf& btf, const Btf* base, std::string_view suffix,
                     const std::function<void(std::string_view enum_name, std::string_view name,
                                              std::uint32_t value)>& take);

}  // namespace host
