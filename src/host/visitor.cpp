
#include <fcntl.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/descriptor.h"
#include "base/files.h"
#include "host/namespaces.h"

namespace host {
namespace {

constexpr auto kRefusalHint = "CAP_SYS_ADMIN";

base::Status enter(const std::string& path) {
  const base::Descriptor space(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!space.is_open()) {
    const bool refused = errno == EACCES || errno == EPERM;
    return base::system_failure("open " + path, errno, refused ? kRefusalHint : "");
  }
  if (setns(space.get(), CLONE_NEWNET) != 0) {
    return base::system_failure("enter " + path, errno, errno == EPERM ? kRefusalHint : "");
  }
  return {};
}

}  // namespace

using Inside = std::function<void(const Namespace&, const base::Status&)>;

class Visitor::Thread {
 public:
  Thread() : thread_([this] { serve(); }) {}
  ~Thread() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void visit_each(std::span<const Namespace> places, const Inside& inside) {
    std::unique_lock lock(mutex_);
    places_ = places;
    inside_ = &inside;
    changed_.notify_all();
    changed_.wait(lock, [this] { return inside_ == nullptr; });
  }

 private:
  void serve() {
    // Held for the life of the thread: it is our own namespace, and the way back.
    const base::Descriptor home(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    base::Status at_home;
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ending_ || inside_ != nullptr; });
      if (ending_) return;
      for (const auto& place : places_) {
        (*inside_)(place, at_home ? enter(place.enter_path) : at_home);
      }
      // A thread that cannot come home must not read for anybody else: this error stays.
      if (at_home && setns(home.get(), CLONE_NEWNET) != 0) {
        at_home = base::system_failure("return to the own network namespace", errno);
      }
      inside_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::span<const Namespace> places_;
  const Inside* inside_ = nullptr;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

Visitor::Visitor() {
  const auto inode = base::system_files()->inode("/proc/thread-self/ns/net");
  if (inode) home_ = std::to_string(*inode);
}
Visitor::~Visitor() = default;

void Visitor::visit_each(std::span<const Namespace> places, const Inside& inside) {
  while (!places.empty()) {
    if (places.front().id == home_) {
      inside(places.front(), {});
      places = places.subspan(1);
      continue;
    }
    const auto own = std::ranges::find(places, home_, &Namespace::id);
    const auto foreign = places.first(static_cast<std::size_t>(own - places.begin()));
    if (!thread_) thread_ = std::make_unique<Thread>();
    thread_->visit_each(foreign, inside);
    places = places.subspan(foreign.size());
  }
}

base::Status Visitor::visit(const Namespace& place, const std::function<void()>& inside) {
  base::Status outcome;
  visit_each(std::span(&place, 1), [&](const Namespace&, const base::Status& entered) {
    outcome = entered;
    if (entered) inside();
  });
  return outcome;
}

}  // namespace host
