// Core reasons are `enum skb_drop_reason` of vmlinux. A subsystem's reasons are an enum of its own,
// whose values carry the subsystem's number (enum skb_drop_reason_subsys) in their high 16 bits:
// mac80211_drop_reason, ovs_drop_reason, each in the BTF of its module, or in vmlinux where the
// module is built in.
#include "host/drop_reasons.h"

#include <fmt/format.h>

#include <string_view>

#include "host/btf.h"
#include "host/own_sysfs.h"
#include "host/tracepoint.h"

namespace host {
namespace {

constexpr std::uint32_t kSubsystemShift = 16;
constexpr std::string_view kCoreEnum = "skb_drop_reason";
constexpr std::string_view kSuffix = "drop_reason";
constexpr std::string_view kFolder = "/sys/kernel/btf/";

std::string_view without_prefix(std::string_view name) {
  for (const std::string_view prefix : {"SKB_DROP_REASON_", "SKB_"}) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return name;
}

// Bounds and masks of the enums, no reasons.
bool is_marker(std::string_view name) {
  return name.starts_with("__") || name == "SKB_DROP_REASON_MAX" ||
         name == "SKB_DROP_REASON_SUBSYS_MASK";
}

void add_reasons(const Btf& btf, const Btf* base, std::map<std::uint32_t, std::string>& names) {
  each_enum_value(btf, base, kSuffix,
                  [&](std::string_view list, std::string_view name, std::uint32_t number) {
                    if (is_marker(name)) return;
                    if (list != kCoreEnum && number >> kSubsystemShift == 0) return;
                    names.emplace(number, without_prefix(name));
                  });
}

}  // namespace

base::Result<DropReasons> DropReasons::read(const base::Files& files) {
  const std::string path = std::string(kFolder) + "vmlinux";
  const auto blob = files.read(path);
  if (!blob) {
    if (auto missing = missing_sysfs(files)) return std::unexpected(std::move(*missing));
    return base::failure(blob.error().what, "the kernel must be built with CONFIG_DEBUG_INFO_BTF");
  }
  const Btf vmlinux = parse_btf(*blob);
  if (!vmlinux.valid) return base::failure("parse " + path + ": not BTF of this machine");
  DropReasons reasons;
  add_reasons(vmlinux, nullptr, reasons.names_);
  const auto modules = files.list(std::string(kFolder));
  if (!reasons.kernel_has_reasons() || !modules) return reasons;
  for (const std::string& module : *modules) {
    if (module == "vmlinux") continue;
    // A module that went meanwhile has no reasons to name.
    const auto part = files.read(std::string(kFolder) + module);
    if (!part || part->find(kSuffix) == std::string::npos) continue;
    const Btf btf = parse_btf(*part);
    if (btf.valid) add_reasons(btf, &vmlinux, reasons.names_);
  }
  return reasons;
}

base::Result<DropReasons> DropReasons::read_from_tracefs(const base::Files& files) {
  return of(TRY(read_tracepoint(files, "skb", "kfree_skb")).symbols);
}

DropReasons DropReasons::of(std::map<std::uint32_t, std::string> names) {
  DropReasons reasons;
  reasons.names_ = std::move(names);
  return reasons;
}

std::string DropReasons::name(std::uint32_t number) const {
  if (!kernel_has_reasons()) return "";
  const auto found = names_.find(number);
  return found != names_.end() ? found->second : fmt::format("reason-{}", number);
}

}  // namespace host
