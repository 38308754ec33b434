#include "lab/world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "base/descriptor.h"
#include "base/text.h"

namespace lab {
namespace {

constexpr std::string_view kRuns = "/run/whydrop-lab";
constexpr std::string_view kNamedNetns = "/run/netns";
constexpr auto kPatience = std::chrono::seconds(3);
constexpr auto kPause = std::chrono::milliseconds(5);
constexpr size_t kLastWordsBytes = 500;
constexpr int kCannotMakeFault = 77;  // exit status of a script whose kernel lacks what it takes

std::string directory_of(pid_t run) {
  return fmt::format("{}/{}", kRuns, run);
}

std::string netns_path(std::string_view netns) {
  return fmt::format("{}/{}", kNamedNetns, netns);
}

// Runs begin, end and sweep one after the other, by a lock on a directory that always exists: a
// sweep must not take a run that is just being set up for a dead one. The lock goes with the
// process.
base::Descriptor take_turn() {
  base::Descriptor shared(open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (shared.is_open()) flock(shared.get(), LOCK_EX);
  return shared;
}

// Inode number of our process id namespace; 0 where it cannot be read.
std::uint64_t pid_namespace(const base::Files& files) {
  return files.inode("/proc/self/ns/pid").value_or(0);
}

std::vector<std::string> netns_of_run(const base::Files& files, pid_t run) {
  auto names = files.list(std::string(kNamedNetns)).value_or(std::vector<std::string>());
  std::erase_if(names, [&](const auto& name) { return run_of_netns(name) != run; });
  return names;
}

std::vector<pid_t> processes(const base::Files& files) {
  std::vector<pid_t> all;
  for (const auto& name : files.list("/proc").value_or(std::vector<std::string>())) {
    if (const auto pid = base::parse_number<pid_t>(name)) all.push_back(*pid);
  }
  return all;
}

// Whether the process is gone; a child of ours that has ended is taken leave of. A zombie is gone
// too: its parent, which may be slow to take leave, is none of ours.
bool is_gone(const base::Files& files, pid_t pid) {
  if (waitpid(pid, nullptr, WNOHANG) == pid) return true;
  const auto stat = files.read(fmt::format("/proc/{}/stat", pid));
  return !stat || stat->find(") Z ") != std::string::npos;
}

bool wait_until_gone(const base::Files& files, pid_t pid) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    if (is_gone(files, pid)) return true;
    std::this_thread::sleep_for(kPause);
  }
  return false;
}

// Only those inside: a process is in at most one of the namespaces, and those are ours.
void kill_inside(const base::Files& files, const std::vector<std::string>& namespaces) {
  std::set<unsigned long> inodes;
  for (const auto& name : namespaces) {
    if (const auto inode = files.inode(netns_path(name))) inodes.insert(*inode);
  }
  for (const pid_t pid : processes(files)) {
    const auto inode = files.inode(fmt::format("/proc/{}/ns/net", pid));
    if (!inode || !inodes.contains(*inode) || pid == getpid()) continue;
    kill(pid, SIGKILL);
    wait_until_gone(files, pid);
  }
}

// What `ip netns del` does: the name goes, and with the last process the namespace.
void remove_netns(const std::string& name) {
  const auto path = netns_path(name);
  umount2(path.c_str(), MNT_DETACH);
  unlink(path.c_str());
}

size_t clear(const base::Files& files, pid_t run) {
  const auto namespaces = netns_of_run(files, run);
  kill_inside(files, namespaces);
  for (const auto& name : namespaces) remove_netns(name);
  std::error_code ignored;
  std::filesystem::remove_all(directory_of(run), ignored);
  // Gone with the last run; another one may be using it.
  std::filesystem::remove(kRuns, ignored);
  return namespaces.size();
}

// The environment of a function: ours, and what the prelude promises.
std::vector<std::string> environment(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  for (const auto& [name, value] : changes) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// In the child, between fork and exec: only calls that are safe there. The shell dies with us, so
// that after a SIGKILL no script goes on making namespaces.
[[noreturn]] void become_shell(char* const* arguments, char* const* variables, int log,
                               pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  signal(SIGPIPE, SIG_DFL);
  if (getppid() == parent) execve("/bin/sh", arguments, variables);
  _exit(127);
}

}  // namespace

std::optional<pid_t> run_of_netns(std::string_view netns) {
  if (!netns.starts_with(kNetnsPrefix)) return {};
  netns.remove_prefix(kNetnsPrefix.size());
  const auto dash = netns.find('-');
  if (dash == std::string_view::npos) return {};
  return base::parse_number<pid_t>(netns.substr(0, dash));
}

std::optional<std::uint64_t> start_of_process(const base::Files& files, pid_t pid) {
  const auto stat = files.read(fmt::format("/proc/{}/stat", pid));
  if (!stat) return {};
  // The name in field 2 may hold blanks and brackets of its own.
  const auto after_name = stat->rfind(')');
  if (after_name == std::string::npos) return {};
  const auto fields = base::words(std::string_view(*stat).substr(after_name + 1));
  constexpr size_t kStart = 22 - 3;  // the first field after the name is number 3
  if (fields.size() <= kStart) return {};
  return base::parse_number(fields[kStart]);
}

bool is_alive(const base::Files& files, pid_t run) {
  const auto written = files.read(directory_of(run) + "/start");
  if (!written) return false;
  const auto words = base::words(base::trim(*written));
  if (words.empty()) return false;
  // Its number means another process here.
  if (words.size() > 1 && base::parse_number(words[1]) != pid_namespace(files)) return true;
  const auto start = start_of_process(files, run);
  return start && base::parse_number(words[0]) == start;
}

size_t sweep(const base::Files& files) {
  const auto turn = take_turn();
  std::set<pid_t> runs;
  for (const auto& name :
       files.list(std::string(kNamedNetns)).value_or(std::vector<std::string>())) {
    if (const auto run = run_of_netns(name)) runs.insert(*run);
  }
  for (const auto& name : files.list(std::string(kRuns)).value_or(std::vector<std::string>())) {
    if (const auto run = base::parse_number<pid_t>(name)) runs.insert(*run);
  }
  size_t removed = 0;
  for (const pid_t run : runs) {
    if (!is_alive(files, run)) removed += clear(files, run);
  }
  return removed;
}

base::Result<World> World::create(const base::Files& files, std::string_view script) {
  const auto turn = take_turn();
  const pid_t self = getpid();
  const auto directory = directory_of(self);
  std::error_code trouble;
  // A directory of an earlier process of this number.
  std::filesystem::remove_all(directory, trouble);
  std::filesystem::create_directories(directory, trouble);
  if (trouble) return base::system_failure("make " + directory, trouble.value());
  const auto start = start_of_process(files, self);
  if (!start) return base::failure("read when this process started");
  const auto identity = fmt::format("{} {}\n", *start, pid_namespace(files));
  TRY(base::write_file_atomically(directory + "/start", identity, 0600));
  TRY(base::write_file_atomically(directory + "/scenario.sh", script, 0600));
  // Servers outlive the shell that starts them: they become our children, so that their end is
  // ours to see.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  return World(files, std::to_string(self), directory);
}

World::World(World&& other) noexcept
    : files_(other.files_),
      id_(std::move(other.id_)),
      directory_(std::exchange(other.directory_, "")),
      running_(std::exchange(other.running_, 0)),
      cannot_make_fault_(other.cannot_make_fault_) {}

World::~World() {
  if (directory_.empty()) return;
  if (running_ > 0) {
    kill(-running_, SIGKILL);
    wait_until_gone(*files_, running_);
  }
  const auto turn = take_turn();
  clear(*files_, getpid());
}

std::string World::netns_name(std::string_view name) const {
  return fmt::format("{}{}-{}", kNetnsPrefix, id_, name);
}

std::vector<std::string> World::namespaces() const {
  return netns_of_run(*files_, getpid());
}

base::Result<pid_t> World::start(const std::string& function,
                                 const std::map<std::string, std::string>& changes) {
  const base::Descriptor log(
      open((directory_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!log.is_open()) return base::system_failure("open " + directory_ + "/log", errno);
  auto variables = changes;
  variables["LAB_ID"] = id_;
  variables["LAB_DIR"] = directory_;
  variables["WHYDROP"] = TRY(files_->link_target("/proc/self/exe"));
  auto environment_texts = environment(variables);
  std::vector<std::string> arguments{"sh", "-eu", directory_ + "/scenario.sh", function};
  const auto argument_pointers = pointers(arguments);
  const auto variable_pointers = pointers(environment_texts);
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child < 0) return base::system_failure("start sh", errno);
  if (child == 0) {
    become_shell(argument_pointers.data(), variable_pointers.data(), log.get(), self);
  }
  setpgid(child, child);  // here too: whoever comes first
  running_ = child;
  return child;
}

base::Result<bool> World::has_ended(pid_t function) {
  int status = 0;
  const pid_t ended = waitpid(function, &status, WNOHANG);
  if (ended == 0) return false;
  if (ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return true;
  cannot_make_fault_ = WIFEXITED(status) && WEXITSTATUS(status) == kCannotMakeFault;
  return base::failure("the scenario's script failed: " + last_words());
}

base::Status World::run(const std::string& function,
                        const std::map<std::string, std::string>& changes) {
  const pid_t child = TRY(start(function, changes));
  while (!TRY(has_ended(child))) std::this_thread::sleep_for(kPause);
  return {};
}

std::string World::stop_servers() {
  const auto names = files_->list(directory_).value_or(std::vector<std::string>());
  for (const auto& name : names) {
    if (!name.starts_with("server-")) continue;
    const auto path = directory_ + "/" + name;
    const auto text = files_->read(path);
    unlink(path.c_str());
    const auto pid = text ? base::parse_number<pid_t>(base::trim(*text)) : std::nullopt;
    if (!pid) continue;
    kill(*pid, SIGTERM);
    if (!wait_until_gone(*files_, *pid)) kill(*pid, SIGKILL);
  }
  const auto counts = files_->read(directory_ + "/counts");
  unlink((directory_ + "/counts").c_str());
  return counts.value_or("");
}

std::string World::last_words() const {
  auto log = files_->read(directory_ + "/log").value_or("");
  if (log.size() > kLastWordsBytes) log = log.substr(log.size() - kLastWordsBytes);
  return std::string(base::trim(log));
}

std::string World::last_line() const {
  const auto words = last_words();
  return words.substr(words.rfind('\n') + 1);  // npos + 1 is 0: the only line
}

}  // namespace lab
