// Names of the running kernel's drop reasons, read from its BTF (modules included), never copied
// from a header: numbers move even between stable releases.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/error.h"
#include "base/files.h"

namespace host {

class DropReasons {
 public:
  // Reads enum skb_drop_reason and enum skb_drop_reason_subsys of vmlinux, and the reason enums of
  // the subsystems' modules. On a kernel without the enum (before 5.17) it is empty and
  // `kernel_has_reasons()` is false. Error where the kernel has no BTF.
  [[nodiscard]] static base::Result<DropReasons> read(const base::Files& files);

  // The same where there is no BTF, from tracefs (CONFIG_TRACING); reasons of subsystems have no
  // names there.
  [[nodiscard]] static base::Result<DropReasons> read_from_tracefs(const base::Files& files);
  [[nodiscard]] static DropReasons of(std::map<std::uint32_t, std::string> names);

  // "SOCKET_RCVBUFF"; "reason-12345" for a number the BTF does not name; "" on a kernel without
  // reasons.
  [[nodiscard]] std::string name(std::uint32_t number) const;
  [[nodiscard]] bool kernel_has_reasons() const { return !names_.empty(); }
  [[nodiscard]] const std::map<std::uint32_t, std::string>& names() const { return names_; }

 private:
  std::map<std::uint32_t, std::string> names_;
};

}  // namespace host
