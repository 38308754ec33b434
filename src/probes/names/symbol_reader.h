// Kernel symbols for whoever traces: they take longest to read and are needed last.
#pragma once

#include <future>
#include <memory>
#include <optional>

#include "base/files.h"
#include "host/symbols.h"

namespace probes::names {

class SymbolReader {
 public:
  // While the rights to load programs are there: the kernel's own names are the spare, for where
  // /proc/kallsyms shows no addresses. Makes no thread.
  void ask_kernel();
  // Reads /proc/kallsyms meanwhile, in a thread. `files` must outlive the reader.
  void start(const base::Files& files);
  // Waits for them; null where neither way gave any.
  [[nodiscard]] const host::Symbols* get();

 private:
  std::future<base::Result<host::Symbols>> reading_;
  std::optional<host::Symbols> spare_;
  std::unique_ptr<host::Symbols> symbols_;
};

}  // namespace probes::names
