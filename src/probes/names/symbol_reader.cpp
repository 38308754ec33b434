#include "probes/names/symbol_reader.h"

#include <utility>

#include "probes/names/names.h"

namespace probes::names {

void SymbolReader::ask_kernel() {
  if (auto asked = symbols_from_kernel()) spare_ = std::move(*asked);
}

void SymbolReader::start(const base::Files& files) {
  reading_ = std::async(std::launch::async, [&files] { return host::Symbols::read(files); });
}

const host::Symbols* SymbolReader::get() {
  if (reading_.valid()) {
    auto read = reading_.get();
    if (read) {
      symbols_ = std::make_unique<host::Symbols>(std::move(*read));
    } else if (spare_) {
      symbols_ = std::make_unique<host::Symbols>(std::move(*spare_));
    }
  }
  return symbols_.get();
}

}  // namespace probes::names
