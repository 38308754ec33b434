#include "lab/traffic/traffic.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"

namespace lab::traffic {
namespace {

using std::chrono::steady_clock;

std::atomic<bool> stop_asked{false};

void on_stop(int /*signal*/) {
  stop_asked.store(true);
}

// Longer than the pause between two looks at the limit, shorter than anybody notices.
constexpr timeval kLongestWait{.tv_sec = 0, .tv_usec = 100'000};
constexpr auto kLongestSleep = std::chrono::milliseconds(100);
constexpr int kListenBacklog = 512;

Address address_of(const sockaddr_in& in) {
  Address address;
  *reinterpret_cast<sockaddr_in*>(&address.storage) = in;
  address.length = sizeof(in);
  return address;
}

Address address_of(const sockaddr_in6& in) {
  Address address;
  *reinterpret_cast<sockaddr_in6*>(&address.storage) = in;
  address.length = sizeof(in);
  return address;
}

}  // namespace

std::string counts_line(const Counts& counts) {
  return fmt::format(
      "{{\"name\":\"{}\",\"unit\":\"{}\",\"sent\":{},\"received\":{},\"errors\":{}}}\n",
      counts.name, counts.unit, counts.sent, counts.received, counts.errors);
}

base::Result<Address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto wrong = [&] {
    return base::failure(fmt::format("'{}' is not an address with a port", base::printable(text)),
                         "write 10.0.0.1:53 or [fd00::1]:53");
  };
  if (colon == std::string_view::npos) return wrong();
  const auto port = base::parse_number<std::uint16_t>(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (!port) return wrong();
  if (host.starts_with('[') && host.ends_with(']')) {
    sockaddr_in6 in{.sin6_family = AF_INET6, .sin6_port = htons(*port)};
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &in.sin6_addr) != 1) {
      return wrong();
    }
    return address_of(in);
  }
  sockaddr_in in{.sin_family = AF_INET, .sin_port = htons(*port)};
  if (inet_pton(AF_INET, host.c_str(), &in.sin_addr) != 1) return wrong();
  return address_of(in);
}

Limit::Limit(std::chrono::seconds longest) : end_(steady_clock::now() + longest) {
  struct sigaction action{};
  action.sa_handler = on_stop;  // without SA_RESTART: a waiting call is to be interrupted
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

bool Limit::reached() const {
  return stop_asked.load(std::memory_order_relaxed) || steady_clock::now() >= end_;
}

void Limit::sleep_until(steady_clock::time_point when) const {
  while (!reached()) {
    const auto now = steady_clock::now();
    if (now >= when) return;
    // One sleep of this libc goes on after a signal: short pieces, so that a stop is heard.
    std::this_thread::sleep_for(std::min<steady_clock::duration>(when - now, kLongestSleep));
  }
}

void take_name(const Common& common) {
  prctl(PR_SET_NAME, common.name.c_str());
}

base::Status go_to_background(const Common& common) {
  if (common.pid_file.empty()) return {};
  const pid_t child = fork();
  if (child < 0) return base::system_failure("start a process", errno);
  if (child == 0) return {};
  const auto written =
      base::write_file_atomically(common.pid_file, std::to_string(child) + "\n", 0600);
  if (!written) kill(child, SIGKILL);
  _exit(written ? 0 : 2);
}

base::Result<base::Descriptor> open_socket(int family, int type, int protocol) {
  base::Descriptor opened(socket(family, type | SOCK_CLOEXEC, protocol));
  if (!opened.is_open()) return base::system_failure("open a socket", errno);
  setsockopt(opened.get(), SOL_SOCKET, SO_RCVTIMEO, &kLongestWait, sizeof(kLongestWait));
  setsockopt(opened.get(), SOL_SOCKET, SO_SNDTIMEO, &kLongestWait, sizeof(kLongestWait));
  return opened;
}

base::Result<base::Descriptor> bound_socket(const Address& at, int type) {
  auto opened = TRY(open_socket(at.family(), type, 0));
  const int yes = 1;
  if (type == SOCK_STREAM) {
    setsockopt(opened.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  }
  if (bind(opened.get(), at.get(), at.length) != 0) {
    return base::system_failure("bind a socket", errno);
  }
  if (type == SOCK_STREAM && listen(opened.get(), kListenBacklog) != 0) {
    return base::system_failure("listen", errno);
  }
  return opened;
}

bool try_again(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR ||
         error_number == EINPROGRESS;
}

}  // namespace lab::traffic
