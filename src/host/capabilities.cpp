#include "host/capabilities.h"

#include <sys/capability.h>

#include <cstdint>
#include <optional>

#include "base/text.h"

namespace host {
namespace {

constexpr int kBits = 64;
constexpr auto kPath = "/proc/thread-self/status";

// "CapEff:\t000001ffffffffff" -> the number.
std::optional<std::uint64_t> effective_set(std::string_view status) {
  for (const auto line : base::lines(status)) {
    const auto words = base::words(line);
    if (words.size() == 2 && words[0] == "CapEff:") return base::parse_number(words[1], 16);
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

}  // namespace

base::Result<Capabilities> Capabilities::read(const base::Files& files) {
  const auto status = TRY(files.read(kPath));
  const auto bits = effective_set(status);
  if (!bits) return base::failure(std::string("parse ") + kPath + ": no CapEff in it");
  Capabilities held;
  for (int bit = 0; bit < kBits; ++bit) {
    if ((*bits >> bit & 1) != 0) held.names_.insert(name_of(bit));
  }
  return held;
}

}  // namespace host
