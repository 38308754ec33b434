#include "host/identity.h"

#include <sys/utsname.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <thread>

#include "base/hash.h"
#include "base/text.h"

namespace host {
namespace {

std::string trimmed(const base::Files& files, const std::string& path) {
  const auto text = files.read(path);
  return text ? std::string(base::trim(*text)) : std::string();
}

std::string hashed(std::string_view secret) {
  if (secret.empty()) return {};
  const auto hash = base::Fnv1a().add("whydrop").add(secret).value();
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

// PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" -> the part between the quotes.
std::string os_name(std::string_view os_release) {
  constexpr std::string_view kKey = "PRETTY_NAME=";
  for (auto line : base::lines(os_release)) {
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    if (line.size() >= 2 && line.front() == '"' && line.back() == '"') {
      line = line.substr(1, line.size() - 2);
    }
    return std::string(line);
  }
  return {};
}

// What the firmware calls itself tells which hypervisor runs us.
std::string virtualization(const base::Files& files) {
  const auto cpuinfo = files.read("/proc/cpuinfo");
  const bool guest = cpuinfo && cpuinfo->find(" hypervisor") != std::string::npos;
  // Only x86 has "flags" and among them that of a guest; elsewhere the firmware alone decides.
  const bool told_by_cpu = cpuinfo && cpuinfo->find("flags\t") != std::string::npos;
  const auto xen = trimmed(files, "/sys/hypervisor/type");
  if (!xen.empty()) return xen;
  if (told_by_cpu && !guest) return "none";
  const auto vendor = trimmed(files, "/sys/class/dmi/id/sys_vendor") + " " +
                      trimmed(files, "/sys/class/dmi/id/product_name");
  struct Known {
    std::string_view firmware;
    std::string_view name;
  };
  constexpr Known kKnown[] = {
      {"VMware", "vmware"}, {"Microsoft", "hyperv"}, {"innotek", "virtualbox"}, {"Xen", "xen"},
      {"KVM", "kvm"},       {"QEMU", "qemu"},        {"Amazon EC2", "kvm"},     {"Google", "kvm"}};
  for (const auto& known : kKnown) {
    if (vendor.find(known.firmware) != std::string::npos) return std::string(known.name);
  }
  // Guests of arm64 may have a device tree and no DMI: QEMU, Firecracker, kvmtool.
  if (trimmed(files, "/proc/device-tree/compatible").starts_with("linux,dummy-virt")) return "kvm";
  return guest ? "unknown hypervisor" : "none";
}

// "MemTotal:       24678912 kB" -> bytes.
std::uint64_t memory_bytes(std::string_view meminfo) {
  for (const auto line : base::lines(meminfo)) {
    const auto words = base::words(line);
    if (words.size() < 2 || words[0] != "MemTotal:") continue;
    return base::parse_number(words[1]).value_or(0) * 1024;
  }
  return 0;
}

}  // namespace

std::string host_id(std::string_view machine_id) {
  return hashed(machine_id);
}

model::Host read_identity(const base::Files& files) {
  auto host = read_identity_files(files);
  utsname names{};
  if (uname(&names) == 0) {
    host.name = names.nodename;
    host.arch = names.machine;
    host.kernel = names.release;
  }
  host.cpus = static_cast<int>(std::thread::hardware_concurrency());
  return host;
}

model::Host read_identity_files(const base::Files& files) {
  model::Host host;
  host.id = host_id(trimmed(files, "/etc/machine-id"));
  if (const auto text = files.read("/etc/os-release")) host.os = os_name(*text);
  host.virt = virtualization(files);
  host.boot_id = trimmed(files, "/proc/sys/kernel/random/boot_id");
  const auto uptime = trimmed(files, "/proc/uptime");
  host.uptime_s = base::parse_number(uptime.substr(0, uptime.find('.'))).value_or(0);
  if (const auto text = files.read("/proc/meminfo")) host.memory_bytes = memory_bytes(*text);
  return host;
}

}  // namespace host
