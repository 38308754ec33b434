#include "probes/napi/napi.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "probes/napi/napi.wire.h"

namespace probes::napi {
namespace {

class BpfProbe : public Probe {
 public:
  BpfProbe(std::shared_ptr<void> object, int map) : object_(std::move(object)), map_(map) {}

  [[nodiscard]] base::Result<std::vector<Row>> read() const override {
    std::vector<Row> rows;
    Polled key{};
    const Polled* before = nullptr;
    while (bpf_map_get_next_key(map_, before, &key) == 0) {
      before = &key;
      Polls polls{};
      if (bpf_map_lookup_elem(map_, &key, &polls) != 0) break;
      rows.push_back({.netns = key.netns == 0 ? "" : std::to_string(key.netns),
                      .ifindex = key.ifindex,
                      .cpu = key.cpu,
                      .polls = polls.polls,
                      .packets = polls.packets,
                      .exhausted = polls.exhausted});
    }
    if (errno != ENOENT) return base::system_failure("read the counts of NAPI polls", errno);
    if (rows.size() >= kMaxPolled) {
      return base::failure(fmt::format("more than {} devices polled", kMaxPolled - 1));
    }
    return rows;
  }

 private:
  std::shared_ptr<void> object_;
  int map_;
};

}  // namespace

std::uint64_t map_bytes() {
  // kernel/bpf/hashtab.c: htab_elem, the key in eighths, the value; and a bucket.
  constexpr std::size_t kOfEntry = 48 + 16 + sizeof(Polls) + 16;
  return kMaxPolled * kOfEntry;
}

std::unique_ptr<Probe> read_polls_of(std::shared_ptr<void> object, int map) {
  return std::make_unique<BpfProbe>(std::move(object), map);
}

}  // namespace probes::napi
