// Reads /proc/kallsyms: "ffffffff81000000 T _text\t[module]", a hundred thousand lines, so each is
// read in one pass without a copy.
#include "host/symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace host {
namespace {

// No function is longer: an address farther behind a symbol lies in memory that has no symbols
// (a module that was unloaded, a BPF program that was freed).
constexpr std::uint64_t kLongestFunction = 1 << 20;

// The number in hexadecimal digits that `text` starts with; they are removed from it.
std::uint64_t take_hexadecimal(std::string_view& text) {
  std::uint64_t number = 0;
  size_t length = 0;
  for (; length < text.size(); ++length) {
    const char digit = text[length];
    const int value = digit >= '0' && digit <= '9'   ? digit - '0'
                      : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                                     : -1;
    if (value < 0) break;
    number = number << 4 | static_cast<unsigned>(value);
  }
  text.remove_prefix(length);
  return number;
}

struct Line {
  std::uint64_t address = 0;
  std::string_view name;
  std::string_view module;
};

// Nothing where the line is malformed or names no code.
bool parse_line(std::string_view text, Line& line) {
  line.address = take_hexadecimal(text);
  constexpr size_t kNameAt = 3;  // " T name"
  if (text.size() <= kNameAt || text[0] != ' ' || text[2] != ' ') return false;
  const char kind = static_cast<char>(text[1] | 0x20);
  if (kind != 't' && kind != 'w') return false;
  text.remove_prefix(kNameAt);
  const size_t tab = text.find('\t');
  line.name = text.substr(0, tab);
  // arm64 marks where code and data begin in a module with "$x" and "$d". The file has them
  // (module_get_kallsym, seen in 6.1), the kernel's own look-up passes over them.
  if (line.name.starts_with('$')) return false;
  line.module = {};
  if (tab == std::string_view::npos) return true;
  text.remove_prefix(tab + 1);
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    line.module = text.substr(1, text.size() - 2);
  }
  return true;
}

Symbol nameless(std::uint64_t address) {
  return {.name = fmt::format("0x{:x}", address), .offset = 0, .module = ""};
}

// "ipt_do_table+0x2b/0x680 [ip_tables]".
std::optional<Symbol> parse_location(std::string_view text) {
  const size_t plus = text.find("+0x");
  if (plus == std::string_view::npos || plus == 0) return {};
  Symbol symbol{.name = std::string(text.substr(0, plus)), .offset = 0, .module = ""};
  text.remove_prefix(plus + 3);
  symbol.offset = take_hexadecimal(text);
  const size_t open = text.find('[');
  if (open != std::string_view::npos && text.ends_with(']')) {
    symbol.module = text.substr(open + 1, text.size() - open - 2);
  }
  return symbol;
}

}  // namespace

base::Result<Symbols> Symbols::read(const base::Files& files) {
  return parse(TRY(files.read("/proc/kallsyms")));
}

base::Result<Symbols> Symbols::parse(std::string_view kallsyms) {
  Symbols symbols;
  symbols.text_.assign(1, '\0');  // offset 0: no module
  std::string_view last_module;
  std::uint32_t last_module_at = 0;
  const auto keep = [&symbols](std::string_view name) {
    const auto at = static_cast<std::uint32_t>(symbols.text_.size());
    symbols.text_.append(name).push_back('\0');
    return at;
  };
  Line line;
  while (!kallsyms.empty()) {
    const size_t end = std::min(kallsyms.find('\n'), kallsyms.size());
    if (parse_line(kallsyms.substr(0, end), line) && line.address != 0) {
      if (line.module != last_module) {
        last_module = line.module;
        last_module_at = line.module.empty() ? 0 : keep(line.module);
      }
      symbols.entries_.push_back({line.address, keep(line.name), last_module_at});
    }
    kallsyms.remove_prefix(std::min(end + 1, kallsyms.size()));
  }
  if (symbols.entries_.empty()) {
    return base::failure("read /proc/kallsyms: it shows no addresses",
                         "CAP_SYSLOG, and kernel.kptr_restrict below 2");
  }
  // Of several names of one address the first in the file comes first, as the kernel's %pS has it.
  std::ranges::sort(symbols.entries_, {},
                    [](const Entry& entry) { return std::pair(entry.address, entry.name); });
  symbols.entries_.shrink_to_fit();
  return symbols;
}

Symbols Symbols::asking(std::function<std::string(std::uint64_t)> ask) {
  Symbols symbols;
  symbols.ask_ = std::move(ask);
  return symbols;
}

Symbol Symbols::at(std::uint64_t address) const {
  if (ask_) return parse_location(ask_(address)).value_or(nameless(address));
  const auto after = std::ranges::upper_bound(entries_, address, {}, &Entry::address);
  if (after == entries_.begin() || address - (after - 1)->address > kLongestFunction) {
    return nameless(address);
  }
  const auto first = std::ranges::lower_bound(entries_, (after - 1)->address, {}, &Entry::address);
  return {.name = text_.data() + first->name,
          .offset = address - first->address,
          .module = text_.data() + first->module};
}

std::string location_text(const Symbol& symbol) {
  std::string text = symbol.name;
  if (!text.starts_with("0x")) text += fmt::format("+0x{:x}", symbol.offset);
  if (!symbol.module.empty()) text += fmt::format(" [{}]", symbol.module);
  return text;
}

}  // namespace host
