// What one look at everything costs, against the commands that show the same:
//   snapshot look changes|counters|all N
//                                       looks N times in one process, prints milliseconds of each:
//                                       reads all counters and tells those that changed, tells all,
//                                       or reads and tells the configuration, too
//   snapshot each-second SECONDS        looks at the changes once a second
//   snapshot sockets N                  reads the TCP connections of this namespace N times
//   snapshot namespaces N               lists the network namespaces N times
//   snapshot sources N                  reads each source N times in this namespace, prints its
//   mean
//                                       microseconds, the dearest first
//   snapshot run N < COMMANDS           runs the commands (one a line, words apart by blanks) N
//   times
// A line each time: "WALL_MS CPU_MS". The first is a warm-up, and not printed.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/netlink.h"
#include "base/text.h"
#include "observe/looker.h"
#include "sources/sockets.h"

namespace {

double wall_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// Of this process and of the children that it waited for.
double cpu_ms() {
  double total = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    getrusage(who, &used);
    for (const auto& part : {used.ru_utime, used.ru_stime}) {
      total += static_cast<double>(part.tv_sec) * 1e3 + static_cast<double>(part.tv_usec) / 1e3;
    }
  }
  return total;
}

void repeat(int times, const std::function<void()>& once) {
  once();
  for (int at = 0; at < times; ++at) {
    const double wall = wall_ms();
    const double cpu = cpu_ms();
    once();
    std::printf("%.4f %.4f\n", wall_ms() - wall, cpu_ms() - cpu);
  }
}

using Words = std::vector<std::string>;

void run(const Words& command) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    std::fprintf(stderr, "snapshot: %s: %s\n", arguments[0], std::strerror(failed));
    std::exit(2);
  }
  int status = 0;
  waitpid(child, &status, 0);
}

std::vector<Words> commands_of_input() {
  std::vector<Words> commands;
  std::string line;
  while (std::getline(std::cin, line)) {
    Words command;
    for (const auto word : base::words(line)) command.emplace_back(word);
    if (!command.empty()) commands.push_back(std::move(command));
  }
  return commands;
}

int namespaces(int times) {
  const auto files = base::system_files();
  repeat(times, [&] {
    if (!host::list_namespaces(*files)) std::exit(2);
  });
  return 0;
}

int look(int times, observe::Depth depth) {
  const auto files = base::system_files();
  observe::Looker looker(*files);
  std::size_t values = 0;
  repeat(times, [&] {
    if (!looker.refresh_namespaces()) std::exit(2);
    const auto found = looker.look(depth);
    values = found.all.counters.size() + found.all.gauges.size() + found.all.settings.size();
  });
  std::fprintf(stderr, "%zu values of %zu namespaces\n", values, looker.namespaces().size());
  return 0;
}

// As a recorder would: all counters, once a second.
int each_second(int seconds) {
  const auto files = base::system_files();
  observe::Looker looker(*files);
  for (int at = 0; at < seconds; ++at) {
    if (!looker.refresh_namespaces()) return 2;
    (void)looker.look(observe::Depth::kChanges);
    sleep(1);
  }
  return 0;
}

int sockets(int times) {
  const auto files = base::system_files();
  const auto netlink = base::system_netlink();
  std::size_t read = 0;
  repeat(times, [&] {
    sources::Look look;
    sources::read_tcp_established({.files = *files, .netlink = *netlink, .netns = "1"}, look);
    read = look.sockets.size();
  });
  std::fprintf(stderr, "%zu sockets\n", read);
  return 0;
}

int all_sources(int times) {
  const auto files = base::system_files();
  const auto netlink = base::system_netlink();
  sources::Look known;
  sources::Access access{.files = *files, .netlink = *netlink, .netns = "1"};
  for (const auto* source : sources::all_sources()) {
    if (source->name == "link") source->read(access, known);
  }
  access.devices = known.devices;
  access.hardware = known.hardware;
  std::vector<std::pair<double, std::string>> costs;
  for (const auto* source : sources::all_sources()) {
    if (source->cadence == sources::Cadence::kWhenAsked) continue;
    const double start = wall_ms();
    for (int at = 0; at < times; ++at) {
      sources::Look look;
      source->read(access, look);
    }
    costs.emplace_back((wall_ms() - start) * 1e3 / times, source->name);
  }
  std::ranges::sort(costs, std::greater<>());
  for (const auto& [microseconds, name] : costs) {
    std::printf("%8.1f %s\n", microseconds, name.c_str());
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.size() == 3 && words[0] == "look") {
    const auto depth = words[1] == "all"       ? observe::Depth::kInventory
                       : words[1] == "changes" ? observe::Depth::kChanges
                                               : observe::Depth::kCounters;
    return look(std::atoi(words[2].c_str()), depth);
  }
  if (words.size() == 2 && words[0] == "sockets") return sockets(std::atoi(words[1].c_str()));
  if (words.size() == 2 && words[0] == "namespaces") return namespaces(std::atoi(words[1].c_str()));
  if (words.size() == 2 && words[0] == "sources") return all_sources(std::atoi(words[1].c_str()));
  if (words.size() == 2 && words[0] == "each-second") {
    return each_second(std::atoi(words[1].c_str()));
  }
  if (words.size() == 2 && words[0] == "run") {
    const auto commands = commands_of_input();
    repeat(std::atoi(words[1].c_str()), [&] {
      for (const auto& command : commands) run(command);
    });
    return 0;
  }
  std::fprintf(stderr, "snapshot: see the head of bench/snapshot.cpp\n");
  return 2;
}
