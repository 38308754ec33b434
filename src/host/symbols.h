// Kernel addresses to symbols, from /proc/kallsyms.
#pragma once

#include <cstdint>
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

  // The symbol that holds `address`; name "0x…" where none does.
  [[nodiscard]] Symbol at(std::uint64_t address) const;

 private:
  struct Entry {
    std::uint64_t address;
    std::uint32_t name;    // offset into text_
    std::uint32_t module;  // offset into text_
  };
  std::vector<Entry> entries_;  // sorted by address
  std::string text_;            // NUL-terminated names, one after the other
};

// "symbol+0x1a2", "symbol+0x1a2 [module]".
[[nodiscard]] std::string location_text(const Symbol& symbol);

}  // namespace host
