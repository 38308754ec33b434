// The thread that enters namespaces.

#include <fcntl.h>
#include <sched.h>

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

  base::Status visit(const Namespace& place, const std::function<void()>& inside) {
    std::unique_lock lock(mutex_);
    place_ = &place;
    inside_ = &inside;
    changed_.notify_all();
    changed_.wait(lock, [this] { return inside_ == nullptr; });
    return outcome_;
  }

 private:
  void serve() {
    // Held for the life of the thread: it is our own namespace, and the way back.
    const base::Descriptor home(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    const auto home_id = base::system_files()->inode("/proc/thread-self/ns/net");
    bool astray = false;
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ending_ || inside_ != nullptr; });
      if (ending_) return;
      const bool at_home = home_id && std::to_string(*home_id) == place_->id;
      if (!astray) outcome_ = at_home ? base::Status{} : enter(place_->enter_path);
      if (outcome_) (*inside_)();
      // A thread that cannot come home must not read for anybody else: this error stays.
      if (outcome_ && !at_home && setns(home.get(), CLONE_NEWNET) != 0) {
        outcome_ = base::system_failure("return to the own network namespace", errno);
        astray = true;
      }
      inside_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const Namespace* place_ = nullptr;
  const std::function<void()>* inside_ = nullptr;
  base::Status outcome_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

Visitor::Visitor() = default;
Visitor::~Visitor() = default;

base::Status Visitor::visit(const Namespace& place, const std::function<void()>& inside) {
  if (!thread_) thread_ = std::make_unique<Thread>();
  return thread_->visit(place, inside);
}

}  // namespace host
