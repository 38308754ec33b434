// Whether this host can make a fault at all.

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "lab/run.h"

namespace lab {
namespace {

// Where a shell looks that was started without PATH.
constexpr const char* kUsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (const auto folder : base::split(path == nullptr ? kUsualPath : path, ':')) {
    if (access(fmt::format("{}/{}", folder, program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

// 0, or the errno with which the kernel refuses a network namespace. Tried in a child: the caller
// stays where it is.
int try_namespace() {
  const pid_t child = fork();
  if (child < 0) return errno;
  if (child == 0) _exit(unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 ? 0 : errno);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

}  // namespace

std::optional<std::string> obstacle(const Scenario& scenario, bool allow_shared) {
  if (scenario.touches == "host-wide" && !allow_shared) {
    return "it fills a queue that all of this host shares: run it in a virtual machine, or with "
           "--allow-shared";
  }
  if (geteuid() != 0) return "it takes root to make network namespaces";
  if (!is_installed("ip")) return "the program 'ip' (iproute2) is not installed";
  if (access("/bin/sh", X_OK) != 0) return "there is no /bin/sh to run the scenario's script";
  for (const auto& program : scenario.needs) {
    if (!is_installed(program)) return fmt::format("the program '{}' is not installed", program);
  }
  if (const int refused = try_namespace(); refused != 0) {
    return fmt::format("the kernel refuses a network namespace here: {}", std::strerror(refused));
  }
  return {};
}

}  // namespace lab
