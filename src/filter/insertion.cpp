#include "filter/insertion.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "base/text.h"
#include "filter/packet.wire.h"

namespace filter {
namespace {

// Every program of ours that a filter may go into has this licence.
constexpr const char* kLicence = "Dual BSD/GPL";
constexpr const char* kHint =
    "this is a fault of whydrop or a kernel too old for it: please report the filter";

struct Range {
  std::size_t begin;
  std::size_t end;
};

bool calls_subprogram(const Instruction& instruction) {
  return instruction.code == (BPF_JMP | BPF_CALL) && instruction.registers >> 4 == BPF_PSEUDO_CALL;
}

// A call counts from the instruction after it.
std::size_t target_of(std::size_t at, const Instruction& call) {
  return at + 1 + static_cast<std::size_t>(call.immediate);
}

bool is_mark(const Instruction& instruction) {
  const auto kind = BPF_CLASS(instruction.code);
  return (kind == BPF_ALU || kind == BPF_ALU64) && BPF_OP(instruction.code) == BPF_MOV &&
         BPF_SRC(instruction.code) == BPF_K && instruction.immediate == wire::kFilterStubMark;
}

// The subprogram that holds the mark: from one target of calls up to the next.
base::Result<Range> find_stub(std::span<const Instruction> whole) {
  const auto mark = std::ranges::find_if(whole, is_mark);
  if (mark == whole.end()) return base::failure("insert the filter: the program has no stub");
  const auto at = static_cast<std::size_t>(mark - whole.begin());
  Range stub{.begin = 0, .end = whole.size()};
  for (std::size_t index = 0; index < whole.size(); ++index) {
    if (!calls_subprogram(whole[index])) continue;
    const auto target = target_of(index, whole[index]);
    if (target <= at) stub.begin = std::max(stub.begin, target);
    if (target > at) stub.end = std::min(stub.end, target);
  }
  if (stub.begin == 0) return base::failure("insert the filter: its stub is no subprogram");
  return stub;
}

// The last lines of the verifier say what it refused.
std::string last_words(std::string_view log) {
  std::string said;
  for (const auto line : base::lines(log)) {
    if (!line.empty() && !line.starts_with("processed ")) said = base::printable(line);
  }
  return said;
}

struct Attempt {
  int descriptor;
  int error;
};

Attempt try_to_load(const bpf_program* loaded, std::span<const Instruction> instructions,
                    int attach_btf_id, std::string* log) {
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  options.expected_attach_type = bpf_program__expected_attach_type(loaded);
  options.attach_btf_id = static_cast<__u32>(attach_btf_id);
  options.prog_flags = bpf_program__flags(loaded);
  if (log != nullptr) {
    options.log_level = 1;
    options.log_buf = log->data();
    options.log_size = static_cast<__u32>(log->size());
  }
  const int descriptor = bpf_prog_load(
      bpf_program__type(loaded), bpf_program__name(loaded), kLicence,
      reinterpret_cast<const bpf_insn*>(instructions.data()), instructions.size(), &options);
  return {.descriptor = descriptor, .error = errno};
}

// "tp_btf/kfree_skb" -> the number of kfree_skb in the kernel's BTF; 0 for a program of another
// kind.
base::Result<int> attach_point(const bpf_program* loaded) {
  if (bpf_program__type(loaded) != BPF_PROG_TYPE_TRACING) return 0;
  const std::string_view section = bpf_program__section_name(loaded);
  const std::string name(section.substr(section.find('/') + 1));
  const int id =
      libbpf_find_vmlinux_btf_id(name.c_str(), bpf_program__expected_attach_type(loaded));
  if (id < 0) return base::system_failure("find " + name + " in the kernel's BTF", -id);
  return id;
}

}  // namespace

base::Result<std::vector<Instruction>> insert(std::span<const Instruction> whole,
                                              std::span<const Instruction> body) {
  const auto stub = TRY(find_stub(whole));
  // Where an instruction of the rest goes to.
  const auto moved = [&](std::size_t at) {
    return at < stub.end ? at : at - (stub.end - stub.begin) + body.size();
  };
  std::vector<Instruction> made(whole.begin(), whole.end());
  for (std::size_t at = 0; at < made.size(); ++at) {
    if (!calls_subprogram(made[at])) continue;
    const auto target = moved(target_of(at, made[at]));
    made[at].immediate = static_cast<std::int32_t>(target - moved(at) - 1);
  }
  const auto begin = made.begin() + static_cast<std::ptrdiff_t>(stub.begin);
  const auto after = made.erase(begin, made.begin() + static_cast<std::ptrdiff_t>(stub.end));
  made.insert(after, body.begin(), body.end());
  return made;
}

base::Result<base::Descriptor> load_filtered(const bpf_program* loaded, const Program& program) {
  constexpr std::size_t kLogBytes = 1 << 20;
  // The same bytes under another name: see the assertions of translate.cpp.
  std::vector<Instruction> whole(bpf_program__insn_cnt(loaded));
  std::memcpy(whole.data(), bpf_program__insns(loaded), whole.size() * sizeof(Instruction));
  const auto instructions = TRY(insert(whole, program.instructions));
  const int attach_btf_id = TRY(attach_point(loaded));
  const auto first = try_to_load(loaded, instructions, attach_btf_id, nullptr);
  if (first.descriptor >= 0) return base::Descriptor(first.descriptor);
  if (first.error == EPERM) return base::system_failure("load the filtered program", first.error);
  std::string log(kLogBytes, '\0');
  const auto second = try_to_load(loaded, instructions, attach_btf_id, &log);
  if (second.descriptor >= 0) return base::Descriptor(second.descriptor);
  auto said = last_words(std::string_view(log).substr(0, log.find('\0')));
  if (said.empty()) said = std::strerror(first.error);
  return base::failure("load the filtered program: " + said, kHint);
}

}  // namespace filter
