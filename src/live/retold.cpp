#include "live/retold.h"

#include <fmt/format.h>

#include "formats/pcapng_file.h"
#include "live/captured.h"
#include "live/event_shares.h"
#include "live/place_sums.h"

namespace live {
namespace {

constexpr std::uint32_t kMostCpus = 8192;  // as Linux has; a file may say anything

class Retold {
 public:
  explicit Retold(const TraceRequest& request) : request_(request), selection_(request.selection) {
    selection_.filter = request.filter;
  }

  // False: enough.
  bool take(const model::CapturedPacket& packet) {
    auto event = told_again(packet);
    if (!event) {
      ++foreign_;
      return true;
    }
    if (!selection_.takes(*event)) return true;
    auto place = event->place;
    if (event->cpu < kMostCpus) {
      place.by_cpu.resize(std::size_t{event->cpu} + 1);
      place.by_cpu.back() = place.packets;
    }
    if (event->kind == model::EventKind::kDrop) {
      places_.add(place);
      shares_.add(*event);
    }
    if (summary_.events_told++ == 0) first_ns_ = event->at_wall_ns;
    summary_.duration_ns = event->at_wall_ns - first_ns_;
    if (request_.tell) {
      auto more = request_.tell(*event);
      if (!more) failed_ = more.error();
      if (!more || !*more) return false;
    }
    return !request_.most_events || summary_.events_told < *request_.most_events;
  }

  base::Result<model::TraceSummary> summary(const formats::PcapngEnd& end) {
    if (failed_) return std::unexpected(*failed_);
    summary_.rung = "file";
    summary_.packets = places_.packets();
    summary_.places = places_.rows();
    shares_.tell(summary_);
    if (foreign_ > 0) {
      summary_.blind_spots.push_back({.what = fmt::format("{} packets of the file", foreign_),
                                      .why = "they have no note of whydrop's",
                                      .enable = ""});
    }
    if (end.cut_off_at) {
      summary_.blind_spots.push_back(
          {.what = "what came after the last whole block",
           .why = fmt::format("the file ends inside the block at byte {}", *end.cut_off_at),
           .enable = ""});
    }
    return std::move(summary_);
  }

 private:
  const TraceRequest& request_;
  Selection selection_;
  PlaceSums places_;
  EventShares shares_;
  std::uint64_t foreign_ = 0;
  std::int64_t first_ns_ = 0;
  std::optional<base::Error> failed_;
  model::TraceSummary summary_;
};

}  // namespace

base::Result<model::TraceSummary> tell_file(const std::string& path, const TraceRequest& request) {
  Retold retold(request);
  formats::PcapngReader reader(
      [&](const model::CapturedPacket& packet) { return retold.take(packet); });
  const auto end = TRY(formats::read_pcapng_file(path, reader));
  return retold.summary(end);
}

}  // namespace live
