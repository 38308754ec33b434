// The ground on which a scenario stands: its directory, its namespaces and its processes, all of
// which go when it ends, and which the next run clears away where this one was killed.
//
// Everything carries the process id of the run in its name: namespaces wdlab-PID-NAME, directory
// /run/whydrop-lab/PID. The directory is made first and removed last, and holds the start time of
// the process: a pid that was given to somebody else since is not mistaken for a living run.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace lab {

inline constexpr std::string_view kNetnsPrefix = "wdlab-";

// The run that a namespace belongs to: "wdlab-812-server" -> 812.
[[nodiscard]] std::optional<pid_t> run_of_netns(std::string_view netns);

// When the process started, in clock ticks since boot: field 22 of /proc/PID/stat. Nothing where
// there is no such process.
[[nodiscard]] std::optional<std::uint64_t> start_of_process(const base::Files& files, pid_t pid);

// Whether the run with this pid still goes on, by what its directory says about its start. One from
// another process id namespace (a container that shares /run) counts as alive: its number means
// nothing here.
[[nodiscard]] bool is_alive(const base::Files& files, pid_t run);

// Clears away what dead runs left: processes inside their namespaces, the namespaces, the
// directories. Runs that go on are left alone. The number of namespaces removed.
size_t sweep(const base::Files& files);

// Invariant: while it lives, its directory exists; when it ends, nothing of it is left.
class World {
 public:
  // Error: /run cannot be written.
  [[nodiscard]] static base::Result<World> create(const base::Files& files,
                                                  std::string_view script);
  ~World();
  World(World&& other) noexcept;
  World& operator=(World&&) = delete;

  // "wdlab-812-server" of "server".
  [[nodiscard]] std::string netns_name(std::string_view name) const;
  // The namespaces that the script has made.
  [[nodiscard]] std::vector<std::string> namespaces() const;

  // Starts a function of the script; `changes` are further environment variables.
  [[nodiscard]] base::Result<pid_t> start(const std::string& function,
                                          const std::map<std::string, std::string>& changes = {});
  // True as soon as it has ended. Error: it failed; with the last words of the script.
  [[nodiscard]] base::Result<bool> has_ended(pid_t function);
  // Starts it and waits.
  [[nodiscard]] base::Status run(const std::string& function,
                                 const std::map<std::string, std::string>& changes = {});
  // Whether a function ended by saying that this kernel cannot make the fault.
  [[nodiscard]] bool cannot_make_fault() const { return cannot_make_fault_; }
  // The last line that the script printed.
  [[nodiscard]] std::string last_line() const;

  // Ends the servers and takes what all traffic counted since the last call, as they wrote it.
  [[nodiscard]] std::string stop_servers();

 private:
  World(const base::Files& files, std::string id, std::string directory)
      : files_(&files), id_(std::move(id)), directory_(std::move(directory)) {}
  [[nodiscard]] std::string last_words() const;

  const base::Files* files_;
  std::string id_;
  std::string directory_;
  pid_t running_ = 0;  // process group of the function that was started last
  bool cannot_make_fault_ = false;
};

}  // namespace lab
