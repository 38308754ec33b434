#include "host/reset_reasons.h"

#include <string_view>

#include "host/btf.h"
#include "host/own_sysfs.h"

namespace host {

base::Result<ResetReasons> read_reset_reasons(const base::Files& files) {
  constexpr std::string_view kPath = "/sys/kernel/btf/vmlinux";
  constexpr std::string_view kEnum = "sk_rst_reason";
  constexpr std::string_view kPrefix = "SK_RST_REASON_";
  const auto blob = files.read(std::string(kPath));
  if (!blob) {
    if (auto missing = missing_sysfs(files)) return std::unexpected(std::move(*missing));
    return base::failure(blob.error().what, "the kernel must be built with CONFIG_DEBUG_INFO_BTF");
  }
  const Btf vmlinux = parse_btf(*blob);
  if (!vmlinux.valid) return base::failure("parse " + std::string(kPath) + ": not BTF");
  ResetReasons reasons;
  each_enum_value(vmlinux, nullptr, kEnum,
                  [&](std::string_view list, std::string_view name, std::uint32_t number) {
                    if (list != kEnum || !name.starts_with(kPrefix)) return;
                    name.remove_prefix(kPrefix.size());
                    if (name != "MAX") reasons.emplace(number, name);
                  });
  return reasons;
}

}  // namespace host
