#include "host/capabilities.h"

#include <bpf/bpf.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace host {
namespace {

constexpr int kBits = 64;
constexpr auto kPath = "/proc/thread-self/status";

// "CapEff:\t000001ffffffffff" -> the number.
std::optional<std::uint64_t> parse_set(std::string_view status, std::string_view set) {
  for (const auto line : base::lines(status)) {
    const auto words = base::words(line);
    if (words.size() == 2 && words[0] == set) return base::parse_number(words[1], 16);
  }
  return {};
}

// "CAP_BPF"; "CAP_63" for one that is newer than the library.
std::string name_of(int bit) {
  std::string name;
  if (char* text = cap_to_name(bit)) {
    name = text;
    cap_free(text);
  }
  if (!name.starts_with("cap_")) name = "cap_" + std::to_string(bit);
  for (char& letter : name) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return name;
}

// The first two are for attaching only. Without CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE /proc/PID/fd
// stays closed, without CAP_SYS_ADMIN setns(2), without CAP_NET_ADMIN nf_tables and tcx, without
// CAP_SYSLOG /dev/kmsg.
constexpr size_t kForAttaching = 2;
constexpr std::array<std::string_view, 7> kUsed = {
    "CAP_BPF",       "CAP_PERFMON", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH",
    "CAP_NET_ADMIN", "CAP_SYSLOG"};

struct FreeSets {
  void operator()(cap_t sets) const { cap_free(sets); }
};
using Sets = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeSets>;

base::Result<std::vector<cap_value_t>> numbers_of(std::span<const std::string_view> names) {
  std::vector<cap_value_t> numbers;
  for (const auto name : names) {
    cap_value_t number = 0;
    if (cap_from_name(std::string(name).c_str(), &number) != 0) {
      return base::failure("find capability " + std::string(name) + ": no such capability");
    }
    numbers.push_back(number);
  }
  return numbers;
}

// Sets permitted and effective set to what `keep` and the permitted one have in common.
base::Status keep_only(const std::vector<cap_value_t>& keep) {
  const Sets held(cap_get_proc());
  const Sets wanted(cap_init());
  if (!held || !wanted) return base::system_failure("read our capabilities", errno);
  for (const auto number : keep) {
    cap_flag_value_t is_held = CAP_CLEAR;
    if (cap_get_flag(held.get(), number, CAP_PERMITTED, &is_held) != 0) continue;  // newer than us
    cap_set_flag(wanted.get(), CAP_PERMITTED, 1, &number, is_held);
    cap_set_flag(wanted.get(), CAP_EFFECTIVE, 1, &number, is_held);
  }
  if (cap_set_proc(wanted.get()) != 0) return base::system_failure("set our capabilities", errno);
  return {};
}

void drop_from_bounding_set(const std::vector<cap_value_t>& keep) {
  for (cap_value_t number = 0; number < kBits; ++number) {
    const bool is_kept = std::ranges::find(keep, number) != keep.end();
    if (!is_kept && cap_get_bound(number) == 1) (void)cap_drop_bound(number);
  }
}

}  // namespace

std::string Capabilities::missing_of(std::span<const std::string_view> wanted) const {
  std::string text;
  for (const auto name : wanted) {
    if (has(name)) continue;
    if (!text.empty()) text += " and ";
    text += name;
  }
  return text;
}

std::span<const std::string_view> used_capabilities() {
  return kUsed;
}

std::span<const std::string_view> kept_after_attaching() {
  return used_capabilities().subspan(kForAttaching);
}

bool maps_need_cap_bpf() {
  constexpr cap_value_t kBpf = CAP_BPF;
  const Sets held(cap_get_proc());
  const Sets without(cap_get_proc());
  if (!held || !without) return true;
  cap_set_flag(without.get(), CAP_EFFECTIVE, 1, &kBpf, CAP_CLEAR);
  if (cap_set_proc(without.get()) != 0) return true;
  // Where the call is allowed, a descriptor that is none is what is wrong.
  bpf_map_info info{};
  __u32 length = sizeof info;
  const bool refused = bpf_obj_get_info_by_fd(-1, &info, &length) == -EPERM;
  return cap_set_proc(held.get()) != 0 || refused;
}

base::Status give_up_capabilities(const base::Files& files,
                                  std::span<const std::string_view> keep) {
  if (TRY(files.list("/proc/self/task")).size() != 1) {
    return base::failure("give up capabilities: other threads would keep theirs");
  }
  const auto numbers = TRY(numbers_of(keep));
  drop_from_bounding_set(numbers);  // while CAP_SETPCAP is held
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return base::system_failure("clear our ambient capabilities", errno);
  }
  TRY(keep_only(numbers));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return base::system_failure("set no_new_privs", errno);
  }
  return {};
}

base::Result<Capabilities> Capabilities::read(const base::Files& files) {
  return read_set(files, "CapEff:");
}

base::Result<Capabilities> Capabilities::read_bounding(const base::Files& files) {
  return read_set(files, "CapBnd:");
}

base::Result<Capabilities> Capabilities::read_set(const base::Files& files, std::string_view set) {
  const auto status = TRY(files.read(kPath));
  const auto bits = parse_set(status, set);
  if (!bits) return base::failure(fmt::format("parse {}: no {} in it", kPath, set));
  Capabilities held;
  for (int bit = 0; bit < kBits; ++bit) {
    if ((*bits >> bit & 1) != 0) held.names_.insert(name_of(bit));
  }
  return held;
}

}  // namespace host
