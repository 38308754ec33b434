#include "host/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace host {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string virt_of(std::string cpuinfo, std::string vendor, std::string product) {
  base::MemoryFiles files;
  files.put("/proc/cpuinfo", std::move(cpuinfo));
  files.put("/sys/class/dmi/id/sys_vendor", std::move(vendor));
  files.put("/sys/class/dmi/id/product_name", std::move(product));
  return read_identity(files).virt;
}

TEST(Identity, ReadsWhatTheHostSays) {
  base::MemoryFiles files;
  files.put("/etc/os-release", "NAME=Debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  files.put("/proc/sys/kernel/random/boot_id", "2b1a5f0e-4c7d-4f5e-9a51-3c2f1c8f7e10\n");
  files.put("/proc/uptime", "5842.17 10250.55\n");
  files.put("/proc/meminfo", "MemTotal:       24678912 kB\nMemFree:  1 kB\n");
  const auto host = read_identity(files);
  EXPECT_EQ(host.os, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(host.boot_id, "2b1a5f0e-4c7d-4f5e-9a51-3c2f1c8f7e10");
  EXPECT_EQ(host.uptime_s, 5842U);
  EXPECT_EQ(host.memory_bytes, 24678912ULL * 1024);
  EXPECT_GT(host.cpus, 0);
  EXPECT_NE(host.kernel, "");
  EXPECT_NE(host.arch, "");
}

TEST(Identity, OfAnUnquotedSystem) {
  base::MemoryFiles files;
  files.put("/etc/os-release", "PRETTY_NAME=Alpine\n");
  EXPECT_EQ(read_identity(files).os, "Alpine");
}

TEST(Identity, TheIdIsStableAndHidesTheMachineId) {
  const std::string secret = "0123456789abcdef0123456789abcdef";
  base::MemoryFiles files;
  files.put("/etc/machine-id", secret + "\n");
  const auto id = read_identity(files).id;
  EXPECT_EQ(id, read_identity(files).id);
  EXPECT_EQ(id.size(), 16U);
  EXPECT_THAT(secret, Not(HasSubstr(id)));
  files.put("/etc/machine-id", "1123456789abcdef0123456789abcdef\n");
  EXPECT_NE(read_identity(files).id, id);
}

TEST(Identity, WhatCannotBeReadStaysEmpty) {
  const auto host = read_identity(base::MemoryFiles{});
  EXPECT_EQ(host.id, "");
  EXPECT_EQ(host.os, "");
  EXPECT_EQ(host.uptime_s, 0U);
  EXPECT_EQ(host.memory_bytes, 0U);
  EXPECT_EQ(host.virt, "none");
}

TEST(Identity, TellsTheHypervisor) {
  const std::string guest = "flags\t\t: fpu sse2 hypervisor lahf_lm\n";
  EXPECT_EQ(virt_of(guest, "VMware, Inc.\n", "VMware7,1\n"), "vmware");
  EXPECT_EQ(virt_of(guest, "Microsoft Corporation\n", "Virtual Machine\n"), "hyperv");
  EXPECT_EQ(virt_of(guest, "QEMU\n", "Standard PC (Q35 + ICH9, 2009)\n"), "qemu");
  EXPECT_EQ(virt_of(guest, "Amazon EC2\n", "m5.large\n"), "kvm");
  EXPECT_EQ(virt_of(guest, "\n", "\n"), "unknown hypervisor");
}

TEST(Identity, BareMetalOfAVendorOfHypervisorsIsNoGuest) {
  EXPECT_EQ(virt_of("flags\t\t: fpu sse2 lahf_lm\n", "Microsoft Corporation\n", "Surface\n"),
            "none");
}

// /proc/cpuinfo of arm64 has "Features" and never says that it is a guest.
TEST(Identity, WithoutAFlagTheFirmwareDecides) {
  EXPECT_EQ(virt_of("Features\t: fp asimd\n", "QEMU\n", "KVM Virtual Machine\n"), "kvm");
  EXPECT_EQ(virt_of("Features\t: fp asimd\n", "Ampere\n", "Altra\n"), "none");
}

// The first was read in qemu -M virt, the other is what Linux's bcm2711-rpi-4-b.dts says.
TEST(Identity, WithoutDmiTheDeviceTreeDecides) {
  base::MemoryFiles files;
  files.put("/proc/cpuinfo", "Features\t: fp asimd\n");
  files.put("/proc/device-tree/compatible", std::string("linux,dummy-virt\0", 17));
  EXPECT_EQ(read_identity(files).virt, "kvm");
  files.put("/proc/device-tree/compatible",
            std::string("raspberrypi,4-model-b\0brcm,bcm2711\0", 36));
  EXPECT_EQ(read_identity(files).virt, "none");
}

TEST(Identity, XenSaysSoItself) {
  base::MemoryFiles files;
  files.put("/proc/cpuinfo", "flags\t\t: fpu hypervisor\n");
  files.put("/sys/hypervisor/type", "xen\n");
  EXPECT_EQ(read_identity(files).virt, "xen");
}

}  // namespace
}  // namespace host
