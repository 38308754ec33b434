// Kernel addresses to symbols, from /proc/kallsyms or from whoever else can name them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace host {

struct Symbol {
  std::string name;  // "udp_queue_rcv_one_skb"
  std::uint64_t offset = 0;
  std::string module;  // "" for the kernel itself
};

class Symbols {
 public:
  // Reads /proc/kallsyms (text symbols only). Error where the file cannot be read or shows only
  // zeros (needs CAP_SYSLOG).
  [[nodiscard]] static base::Result<Symbols> read(const base::Files& files);
  [[nodiscard]] static base::Result<Symbols> parse(std::string_view kallsyms);

  // Each address is asked for. `ask` gives what the kernel's %pS says: "udp_rcv+0x17/0x2d0",
  // "ipt_do_table+0x2b/0x680 [ip_tables]", a bare number where the address has no name.
  [[nodiscard]] static Symbols asking(std::function<std::string(std::uint64_t)> ask);

  // The symbol that holds `address`; name "0x…" where none does.
  [[nodiscard]] Symbol at(std::uint64_t address) const;

 private:
  struct Entry {
    std::uint64_t address;
    std::uint32_t name;    // offset into text_
    std::uint32_t module;  // offset into text_
  };
  std::vector<Entry> entries_;  // sorted by address
  std::function<std::string(std::uint64_t)> ask_;
  std::string text_;  // NUL-terminated names, one after the other
};

// "symbol+0x1a2", "symbol+0x1a2 [module]".
[[nodiscard]] std::string location_text(const Symbol& symbol);

}  // namespace host
