#include "filter/compile.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include <fmt/format.h>

#include "base/text.h"
#include "filter/translate.h"

namespace filter {
namespace {

// A packet is never longer than this; libpcap has it returned where a packet matches.
constexpr int kSnapshotBytes = 262144;
// The time that libpcap's optimizer takes grows with the cube of the branches: 1 s for 200 hosts,
// 78 s for 840.
constexpr std::size_t kMostBranches = 7000;
constexpr std::string_view kSyntaxError = "syntax error";

struct ClosePcap {
  void operator()(pcap_t* pcap) const { pcap_close(pcap); }
};
using Pcap = std::unique_ptr<pcap_t, ClosePcap>;

struct Compiled {
  Compiled() = default;
  ~Compiled() { pcap_freecode(&code); }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  bpf_program code{};
};

// Nothing where it compiled, else what libpcap says.
std::string fault_of(pcap_t* pcap, const std::string& expression, bool optimize,
                     Compiled& compiled) {
  pcap_freecode(&compiled.code);
  if (pcap_compile(pcap, &compiled.code, expression.c_str(), optimize ? 1 : 0,
                   PCAP_NETMASK_UNKNOWN) == 0) {
    return {};
  }
  const std::string_view said = pcap_geterr(pcap);
  return said.empty() ? "libpcap does not say why" : base::printable(said);
}

// Whether the parser is content with the beginning of an expression. What follows it here is an
// error of another kind, which is only come across where there was none before.
bool can_begin(pcap_t* pcap, const std::string& beginning) {
  Compiled ignored;
  return !fault_of(pcap, beginning + " 0:0:", false, ignored).ends_with(kSyntaxError);
}

// libpcap does not say where it stopped: the first word with which no expression can begin.
std::string place_of_fault(pcap_t* pcap, const std::string& expression) {
  const auto words = base::words(expression);
  const auto up_to = [&](std::size_t count) {
    const auto* end = words[count - 1].data() + words[count - 1].size();
    return expression.substr(0, static_cast<std::size_t>(end - expression.data()));
  };
  std::size_t good = 0;
  std::size_t bad = words.size() + 1;
  while (bad - good > 1) {
    const auto middle = good + (bad - good) / 2;
    (can_begin(pcap, up_to(middle)) ? good : bad) = middle;
  }
  if (bad > words.size()) return " at the end: something is missing";
  return fmt::format(" at '{}'", base::printable(words[bad - 1].substr(0, 40)));
}

std::string hint_of(std::string_view fault) {
  struct Hint {
    std::string_view about;
    std::string_view hint;
  };
  constexpr auto kHints = std::to_array<Hint>({
      {"unknown host", "names are not looked up: give the address"},
      {"unknown network", "names are not looked up: give the address, as in net 10.1.0.0/16"},
      {"unknown ether host", "names are not looked up: give the address"},
      {"unknown port", "few services are known by name: give the number"},
      {"netmask", "a drop may be of any device: give the broadcast address itself"},
      {"rejects all packets", "parts of it contradict each other"},
  });
  for (const auto& [about, hint] : kHints) {
    if (fault.find(about) != std::string_view::npos) return std::string(hint);
  }
  return "the language is that of tcpdump, see man pcap-filter; quote it for the shell";
}

// Addresses, ports and other numbers: as many tests, about, as the filter will make.
std::size_t values_in(std::string_view expression) {
  std::size_t values = 0;
  bool counted = false;
  for (const char letter : expression) {
    const bool of_word = std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                         std::string_view(".:_-").contains(letter);
    const bool of_value = std::isdigit(static_cast<unsigned char>(letter)) != 0 || letter == ':';
    if (!of_word) counted = false;
    if (of_value && !counted) ++values;
    counted = counted || of_value;
  }
  return values;
}

std::size_t branches_in(const bpf_program& code) {
  const std::span instructions(code.bf_insns, code.bf_len);
  return static_cast<std::size_t>(std::ranges::count_if(
      instructions, [](const auto& one) { return BPF_CLASS(one.code) == BPF_JMP; }));
}

std::unexpected<base::Error> too_long() {
  return base::failure("compile the filter: it is too long",
                       "net 10.0.0.0/8 instead of many hosts, portrange 1000-2000 of many ports");
}

std::vector<ClassicInstruction> classic_of(const bpf_program& code) {
  std::vector<ClassicInstruction> classic;
  classic.reserve(code.bf_len);
  for (unsigned at = 0; at < code.bf_len; ++at) {
    const auto& from = code.bf_insns[at];
    classic.push_back(
        {.code = from.code, .jump_true = from.jt, .jump_false = from.jf, .value = from.k});
  }
  return classic;
}

}  // namespace

base::Result<Program> compile(std::string_view expression) {
  if (expression.size() > kMostExpressionBytes || values_in(expression) > kMostValues) {
    return too_long();
  }
  if (expression.find('\0') != std::string_view::npos) {
    return base::failure("compile the filter: a byte of it is 0");
  }
  const Pcap pcap(pcap_open_dead(DLT_EN10MB, kSnapshotBytes));
  if (!pcap) return base::failure("compile the filter: out of memory");
  const std::string text(expression);
  Compiled compiled;
  auto fault = fault_of(pcap.get(), text, false, compiled);
  if (fault.empty()) {
    if (branches_in(compiled.code) > kMostBranches) return too_long();
    fault = fault_of(pcap.get(), text, true, compiled);
  }
  if (!fault.empty()) {
    if (fault.ends_with(kSyntaxError)) fault += place_of_fault(pcap.get(), text);
    return base::failure("compile the filter: " + fault, hint_of(fault));
  }
  Program program{.instructions = {}, .classic = classic_of(compiled.code)};
  program.instructions = TRY(translate(program.classic));
  return program;
}

bool matches(const Program& program, std::span<const std::uint8_t> captured, std::uint32_t length) {
  std::vector<bpf_insn> instructions;
  instructions.reserve(program.classic.size());
  for (const auto& [code, jump_true, jump_false, value] : program.classic) {
    instructions.push_back({.code = code, .jt = jump_true, .jf = jump_false, .k = value});
  }
  return bpf_filter(instructions.data(), captured.data(), length,
                    static_cast<u_int>(captured.size())) != 0;
}

std::vector<std::string> listing(const Program& program) {
  std::vector<std::string> lines;
  for (const auto& [code, jump_true, jump_false, value] : program.classic) {
    const bpf_insn instruction{.code = code, .jt = jump_true, .jf = jump_false, .k = value};
    lines.emplace_back(bpf_image(&instruction, static_cast<int>(lines.size())));
  }
  return lines;
}

}  // namespace filter
