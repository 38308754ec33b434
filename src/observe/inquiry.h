// Answers the questions of the diagnosis while the window is open: owners of sockets, queues that
// are watched from then on, and whatever a source of Cadence::kWhenAsked can tell.
#pragma once

#include <set>
#include <vector>

#include "base/files.h"
#include "model/question.h"
#include "observe/looker.h"
#include "observe/socket_table.h"

namespace observe {

class Inquiry {
 public:
  // All three must outlive it.
  Inquiry(const base::Files& files, Looker& looker, SocketTable& sockets);

  // Puts into `evidence` what can be told at once and remembers what is to be watched. Blind spots
  // and messages are left in the result.
  [[nodiscard]] sources::Look answer(const model::Question& question, model::Evidence& evidence);

  // Reads the queues that are watched and notes them at this point of the timeline.
  void watch(std::uint32_t point, model::Timeline& timeline);
  // Notes them as the last look at the sockets saw them.
  void note_queues(std::uint32_t point, model::Timeline& timeline) const;
  // What moves within seconds may be asked again.
  void forget_neighbours(model::Evidence& evidence);
  // The TCP sockets that were asked for: once, since their counters grow over a connection's life.
  [[nodiscard]] std::vector<model::Socket> tcp_sockets() const;

  // The ends of the veth pairs whose peers could not be told by numbers alone.
  [[nodiscard]] std::vector<sources::VethEnds> ends_of_look_alikes(
      const std::vector<model::Device>& devices) const;

 private:
  [[nodiscard]] std::vector<sources::Look> looks_for(const model::Question& question) const;
  void look_at_udp_sockets(const model::Inode& netns);
  void look_at_listeners(const model::Inode& netns);

  const base::Files& files_;
  Looker& looker_;
  SocketTable& sockets_;
  std::set<model::Inode> udp_;
  std::set<model::Inode> listeners_;
  std::set<model::Inode> qdiscs_;
  std::set<model::Inode> tcp_;
  std::set<model::Question> answered_;
};

}  // namespace observe
