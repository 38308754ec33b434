#include "host/own_cost.h"

#include <sys/resource.h>

namespace host {

model::Cost own_cost() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto in_ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return {.cpu_ms = in_ms(usage.ru_utime) + in_ms(usage.ru_stime),
          .max_rss_kib = static_cast<std::uint64_t>(usage.ru_maxrss)};
}

}  // namespace host
