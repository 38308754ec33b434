// The reasons are those of captured kernels; the BTF around them is made here.
#include "host/drop_reasons.h"

#include <gmock/gmock.h>
#include <linux/btf.h>

#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace host {
namespace {

using testing::HasSubstr;
using Values = std::vector<std::pair<std::string, std::uint32_t>>;

// Writes BTF: only what a test needs of it.
class BtfWriter {
 public:
  // A module's strings go on where those of vmlinux end.
  explicit BtfWriter(size_t base_string_bytes = 0) : base_string_bytes_(base_string_bytes) {
    if (base_string_bytes == 0) strings_.assign(1, '\0');
  }

  void add_enum(const std::string& name, const Values& values) {
    add_type(name, BTF_KIND_ENUM, values.size());
    for (const auto& [value_name, number] : values) {
      add(btf_enum{.name_off = text(value_name), .val = static_cast<__s32>(number)});
    }
  }

  // Kinds that stand between the enums of a real kernel.
  void add_clutter() {
    add_type("int", BTF_KIND_INT, 0);
    add(std::uint32_t{32});
    add_type("pair", BTF_KIND_STRUCT, 2);
    add(btf_member{});
    add(btf_member{});
    add_type("", BTF_KIND_FUNC_PROTO, 1);
    add(btf_param{});
    add_type("", BTF_KIND_PTR, 0);
    add_type("big", BTF_KIND_ENUM64, 1);
    add(btf_enum64{});
  }

  void add_type(const std::string& name, std::uint32_t kind, size_t members) {
    btf_type type{};
    type.name_off = text(name);
    type.info = kind << 24 | static_cast<std::uint32_t>(members);
    add(type);
  }

  [[nodiscard]] size_t string_bytes() const { return strings_.size(); }

  [[nodiscard]] std::string blob() const {
    btf_header header{};
    header.magic = BTF_MAGIC;
    header.version = BTF_VERSION;
    header.hdr_len = sizeof header;
    header.type_len = static_cast<__u32>(types_.size());
    header.str_off = header.type_len;
    header.str_len = static_cast<__u32>(strings_.size());
    std::string bytes(sizeof header, '\0');
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes + types_ + strings_;
  }

 private:
  std::uint32_t text(const std::string& name) {
    const auto at = static_cast<std::uint32_t>(base_string_bytes_ + strings_.size());
    strings_.append(name).push_back('\0');
    return at;
  }

  template <class T>
  void add(const T& part) {
    types_.append(reinterpret_cast<const char*>(&part), sizeof part);
  }

  size_t base_string_bytes_;
  std::string types_;
  std::string strings_;
};

// tests/captures: "enum NAME", then lines of "NUMBER NAME".
BtfWriter captured(const std::string& kernel) {
  std::ifstream file(std::string(WHYDROP_CAPTURES) + "/" + kernel + "/drop_reasons");
  BtfWriter writer;
  std::string line;
  std::string name;
  Values values;
  const auto flush = [&] {
    if (!name.empty()) writer.add_enum(name, values);
    writer.add_clutter();
    values.clear();
  };
  while (std::getline(file, line)) {
    const auto words = base::words(line);
    if (words[0] == "enum") {
      flush();
      name = words[1];
    } else {
      values.emplace_back(words[1], base::parse_number<std::uint32_t>(words[0]).value_or(0));
    }
  }
  flush();
  return writer;
}

DropReasons read(const std::string& vmlinux, const std::string& module = "") {
  base::MemoryFiles files;
  files.put("/sys/kernel/btf/vmlinux", vmlinux);
  if (!module.empty()) files.put("/sys/kernel/btf/openvswitch", module);
  auto reasons = DropReasons::read(files);
  EXPECT_TRUE(reasons);
  return reasons ? *reasons : DropReasons{};
}

TEST(DropReasons, NumbersAreThoseOfTheKernelThatIsAsked) {
  const DropReasons old_kernel = read(captured("6.1").blob());
  const DropReasons new_kernel = read(captured("6.18").blob());
  EXPECT_EQ(old_kernel.name(1), "NOT_SPECIFIED");
  EXPECT_EQ(new_kernel.name(1), "CONSUMED");
  EXPECT_EQ(new_kernel.name(2), "NOT_SPECIFIED");
  EXPECT_EQ(new_kernel.name(6), "SOCKET_RCVBUFF");
}

TEST(DropReasons, BoundsAreNoReasons) {
  const DropReasons reasons = read(captured("6.18").blob());
  for (const auto& [number, name] : reasons.names()) {
    EXPECT_NE(name, "MAX");
    EXPECT_NE(name, "SUBSYS_MASK");
  }
}

TEST(DropReasons, ANumberWithoutNameIsShownAsNumber) {
  EXPECT_EQ(read(captured("6.18").blob()).name(99999), "reason-99999");
}

TEST(DropReasons, OfASubsystemComeFromItsModule) {
  const BtfWriter vmlinux = captured("6.12");
  BtfWriter module(vmlinux.string_bytes());
  module.add_clutter();
  module.add_enum("ovs_drop_reason",
                  {{"__OVS_DROP_REASON", 3 << 16}, {"OVS_DROP_LAST_ACTION", (3 << 16) + 1}});
  const DropReasons reasons = read(vmlinux.blob(), module.blob());
  EXPECT_EQ(reasons.name((3 << 16) + 1), "OVS_DROP_LAST_ACTION");
  EXPECT_EQ(reasons.name(3 << 16), "reason-196608");
}

TEST(DropReasons, AnEnumOfSmallNumbersIsNoSubsystem) {
  BtfWriter vmlinux = captured("6.18");
  vmlinux.add_enum("other_drop_reason", {{"OTHER_DROP", 6}, {"OTHER_MORE", 999}});
  const DropReasons reasons = read(vmlinux.blob());
  EXPECT_EQ(reasons.name(6), "SOCKET_RCVBUFF");
  EXPECT_EQ(reasons.name(999), "reason-999");
}

TEST(DropReasons, AKernelBeforeThemHasNone) {
  BtfWriter vmlinux;
  vmlinux.add_clutter();
  const DropReasons reasons = read(vmlinux.blob());
  EXPECT_FALSE(reasons.kernel_has_reasons());
  EXPECT_EQ(reasons.name(2), "");
}

TEST(DropReasons, WithoutBtfTheErrorNamesTheKernelOption) {
  base::MemoryFiles files;
  files.put("/sys/kernel/notes", "");
  const auto reasons = DropReasons::read(files);
  ASSERT_FALSE(reasons);
  EXPECT_THAT(reasons.error().hint, HasSubstr("CONFIG_DEBUG_INFO_BTF"));
}

TEST(DropReasons, WithoutSysfsNothingIsSaidOfTheKernel) {
  base::MemoryFiles files;
  const auto no_directory = DropReasons::read(files);
  ASSERT_FALSE(no_directory);
  EXPECT_THAT(no_directory.error().hint, HasSubstr("mkdir /sys"));
  files.put("/sys/placeholder", "");  // an empty directory, as far as MemoryFiles has one
  const auto not_mounted = DropReasons::read(files);
  ASSERT_FALSE(not_mounted);
  EXPECT_THAT(not_mounted.error().hint, HasSubstr("mount -t sysfs"));
}

TEST(DropReasons, ForeignBytesAreRefused) {
  base::MemoryFiles files;
  files.put("/sys/kernel/btf/vmlinux", std::string(64, 'x'));
  EXPECT_FALSE(DropReasons::read(files));
}

// Every cut of the blob is either refused or read as far as it goes.
TEST(DropReasons, ACutBlobIsNotReadPastItsEnd) {
  const std::string blob = captured("6.1").blob();
  const size_t all = read(blob).names().size();
  for (size_t length = 0; length < blob.size(); length += 7) {
    base::MemoryFiles files;
    files.put("/sys/kernel/btf/vmlinux", blob.substr(0, length));
    const auto reasons = DropReasons::read(files);
    EXPECT_LE(reasons ? reasons->names().size() : 0, all);
  }
}

TEST(DropReasons, AKindThatIsNotKnownEndsTheSearch) {
  BtfWriter vmlinux = captured("6.18");
  vmlinux.add_type("future", 31, 3);
  vmlinux.add_enum("late_drop_reason", {{"LATE", 1 << 20}});
  const DropReasons reasons = read(vmlinux.blob());
  EXPECT_EQ(reasons.name(6), "SOCKET_RCVBUFF");
  EXPECT_EQ(reasons.name(1 << 20), "reason-1048576");
}

}  // namespace
}  // namespace host
