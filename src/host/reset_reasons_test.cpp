// The BTF here is made by hand; tests of the probe read the running kernel's.
#include "host/reset_reasons.h"

#include <gtest/gtest.h>
#include <linux/btf.h>

#include <cstring>
#include <string>

namespace host {
namespace {

constexpr const char* kPath = "/sys/kernel/btf/vmlinux";

template <class T>
void append(std::string& bytes, const T& part) {
  bytes.append(reinterpret_cast<const char*>(&part), sizeof part);
}

// One enum of three values, named as said.
std::string blob(const std::string& enum_name) {
  std::string strings(1, '\0');
  const auto text = [&](const std::string& name) {
    const auto at = static_cast<__u32>(strings.size());
    strings.append(name).push_back('\0');
    return at;
  };
  std::string types;
  btf_type type{};
  type.name_off = text(enum_name);
  type.info = __u32{BTF_KIND_ENUM} << 24 | 3U;
  append(types, type);
  append(types, btf_enum{.name_off = text("SK_RST_REASON_NOT_SPECIFIED"), .val = 0});
  append(types, btf_enum{.name_off = text("SK_RST_REASON_NO_SOCKET"), .val = 7});
  append(types, btf_enum{.name_off = text("SK_RST_REASON_MAX"), .val = 8});
  btf_header header{};
  header.magic = BTF_MAGIC;
  header.version = BTF_VERSION;
  header.hdr_len = sizeof header;
  header.type_len = static_cast<__u32>(types.size());
  header.str_off = header.type_len;
  header.str_len = static_cast<__u32>(strings.size());
  std::string bytes;
  append(bytes, header);
  return bytes + types + strings;
}

TEST(ResetReasons, AreTheEnumWithoutItsPrefixAndItsEnd) {
  base::MemoryFiles files;
  files.put(kPath, blob("sk_rst_reason"));
  const auto reasons = read_reset_reasons(files);
  ASSERT_TRUE(reasons);
  EXPECT_EQ(*reasons, (ResetReasons{{0, "NOT_SPECIFIED"}, {7, "NO_SOCKET"}}));
}

TEST(ResetReasons, AnOlderKernelHasNone) {
  base::MemoryFiles files;
  files.put(kPath, blob("other_sk_rst_reason"));
  const auto reasons = read_reset_reasons(files);
  ASSERT_TRUE(reasons);
  EXPECT_TRUE(reasons->empty());
}

TEST(ResetReasons, WhatIsNoBtfIsAnError) {
  base::MemoryFiles files;
  EXPECT_FALSE(read_reset_reasons(files));
  files.put(kPath, "not BTF");
  EXPECT_FALSE(read_reset_reasons(files));
}

}  // namespace
}  // namespace host
