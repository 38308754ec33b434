// The lab's own traffic: senders and receivers that count what they did, so that a diagnosis can be
// checked against the truth without any tool beside this binary.
//
// Every one of them ends by itself: after its count or after its longest time, whichever is first,
// and on SIGTERM or SIGINT at once. When it ends it prints one line of JSON with its own counts.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"

namespace lab::traffic {

// What a sender or receiver counted. `unit` says of what: "datagrams", "requests", "connections",
// "SYNs", "bytes".
struct Counts {
  std::string name;  // which one it was: "sender", "reader"
  std::string unit = "datagrams";
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t errors = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
};

// {"name":"sender","unit":"datagrams","sent":20,"received":0,"errors":0}, with a newline.
[[nodiscard]] std::string counts_line(const Counts& counts);

// An IPv4 or IPv6 address with a port.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// "10.199.1.2:5001", "[fd00::2]:5001". Numbers only: no name is looked up.
[[nodiscard]] base::Result<Address> parse_address(std::string_view text);

// When to stop: after the longest time, or as soon as SIGTERM or SIGINT comes.
class Limit {
 public:
  // Takes the signals of the process from here on.
  explicit Limit(std::chrono::seconds longest);
  [[nodiscard]] bool reached() const;
  // Sleeps until `when`, at most until the limit is reached.
  void sleep_until(std::chrono::steady_clock::time_point when) const;

 private:
  std::chrono::steady_clock::time_point end_;
};

// What all of them take.
struct Common {
  std::string name;  // of the counts, and of the process
  std::chrono::seconds longest{30};
  // Receivers: where to write the process id. Once the socket is bound the receiver goes to the
  // background and the caller's process ends, so that a script needs not guess when it is ready.
  std::string pid_file;
};

// Names the process after `common.name`, as `ps` and a diagnosis show it; what it starts inherits
// the name.
void take_name(const Common& common);

// Goes to the background where a pid file is wanted: in the caller's process it does not return.
// Error: the file cannot be written.
[[nodiscard]] base::Status go_to_background(const Common& common);

// A socket whose calls wait at most 100 ms, so that the limit is heard.
[[nodiscard]] base::Result<base::Descriptor> open_socket(int family, int type, int protocol);

// Bound to `at`; TCP sockets listen too.
[[nodiscard]] base::Result<base::Descriptor> bound_socket(const Address& at, int type);

// True where a call only ran into its 100 ms, or was interrupted.
[[nodiscard]] bool try_again(int error_number);

}  // namespace lab::traffic
