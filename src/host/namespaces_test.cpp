#include "host/namespaces.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// pid 1 and 7 in the initial namespace, 42 and 43 in a container's, and a name without a process.
base::MemoryFiles small_host() {
  base::MemoryFiles files;
  files.put_link("/proc/1/ns/net", "net:[4026531840]");
  files.put_link("/proc/7/ns/net", "net:[4026531840]");
  files.put_link("/proc/42/ns/net", "net:[4026532500]");
  files.put_link("/proc/43/ns/net", "net:[4026532500]");
  files.put("/proc/42/cgroup",
            "0::/system.slice/docker-"
            "3f4e8a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7.scope\n");
  files.put("/proc/42/comm", "nginx\n");
  files.put("/proc/meminfo", "");
  files.put_inode("/run/netns/blue", 4026532400);
  return files;
}

std::vector<std::string> ids(const NamespaceList& list) {
  std::vector<std::string> all;
  for (const auto& place : list.namespaces) all.push_back(place.id);
  return all;
}

TEST(ListNamespaces, TheInitialOneComesFirstThenById) {
  const auto list = list_namespaces(small_host());
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->complete);
  ASSERT_THAT(ids(*list), ElementsAre("4026531840", "4026532400", "4026532500"));
  const auto& initial = list->namespaces[0];
  EXPECT_TRUE(initial.is_init);
  EXPECT_EQ(initial.name, "init");
  EXPECT_EQ(initial.pid, 1U);
  const auto& named = list->namespaces[1];
  EXPECT_EQ(named.name, "blue");
  EXPECT_EQ(named.enter_path, "/run/netns/blue");
  EXPECT_EQ(named.pid, 0U);
  const auto& container = list->namespaces[2];
  EXPECT_EQ(container.name, "");
  EXPECT_EQ(container.enter_path, "/proc/42/ns/net");
  EXPECT_EQ(container.pid, 42U);
  EXPECT_EQ(container.container, "3f4e8a1b2c3d");
  EXPECT_EQ(container.comm, "nginx");
  EXPECT_FALSE(container.container_name) << "no runtime's files are there";
}

TEST(ListNamespaces, AreNamedByTheUnitOrTheContainerOfTheirFirstProcess) {
  auto files = small_host();
  files.put(
      "/var/lib/docker/containers/"
      "3f4e8a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7/config.v2.json",
      R"({"Name":"/shop"})");
  files.put_link("/proc/50/ns/net", "net:[4026532600]");
  files.put("/proc/50/comm", "dnsd\n");
  files.put("/proc/50/cgroup", "0::/system.slice/dns.service\n");
  const auto list = list_namespaces(files);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->namespaces.size(), 4U);
  EXPECT_EQ(list->namespaces[2].container_name, "shop");
  EXPECT_EQ(list->namespaces[3].comm, "dnsd");
  EXPECT_EQ(list->namespaces[3].unit, "dns.service");
  EXPECT_EQ(list->namespaces[0].comm, "") << "init needs no other name";
}

TEST(ListNamespaces, ANameAndAProcessAreOneNamespace) {
  auto files = small_host();
  files.put_inode("/run/netns/shop", 4026532500);
  const auto list = list_namespaces(files);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->namespaces.size(), 3U);
  EXPECT_EQ(list->namespaces[2].name, "shop");
  EXPECT_EQ(list->namespaces[2].enter_path, "/run/netns/shop") << "a process may end, a name stays";
  EXPECT_EQ(list->namespaces[2].pid, 42U);
}

TEST(ListNamespaces, ANameThatWasLeftBehindIsNoNamespace) {
  auto files = small_host();
  files.put_inode("/run/netns/stale", 1733);  // a plain file on the tmpfs of /run
  const auto list = list_namespaces(files);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->namespaces.size(), 3U);
}

TEST(ListNamespaces, HiddenProcessesMakeItIncomplete) {
  base::MemoryFiles files;
  files.put_link("/proc/42/ns/net", "net:[4026532500]");
  files.put_link("/proc/self/ns/net", "net:[4026532500]");
  const auto list = list_namespaces(files);
  ASSERT_TRUE(list);
  EXPECT_FALSE(list->complete);
  ASSERT_EQ(list->namespaces.size(), 1U);
  EXPECT_TRUE(list->namespaces[0].is_init) << "what we stand in takes its place";
}

TEST(ListNamespaces, GarbageLinksAreSkipped) {
  auto files = small_host();
  files.put_link("/proc/50/ns/net", "net:[]");
  files.put_link("/proc/51/ns/net", "mnt:[4026532999]");
  files.put_link("/proc/52/ns/net", "net:[12x]");
  const auto list = list_namespaces(files);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->namespaces.size(), 3U);
}

base::Result<std::set<model::Inode>> selected(const base::Files& files,
                                              const std::vector<std::string>& selectors) {
  return resolve_selectors(files, list_namespaces(files).value().namespaces, selectors);
}

TEST(ResolveSelectors, NamesPidsAndInodes) {
  const auto files = small_host();
  EXPECT_THAT(selected(files, {}).value(), IsEmpty());
  EXPECT_THAT(selected(files, {"blue"}).value(), ElementsAre("4026532400"));
  EXPECT_THAT(selected(files, {"init"}).value(), ElementsAre("4026531840"));
  EXPECT_THAT(selected(files, {"43"}).value(), ElementsAre("4026532500"));
  EXPECT_THAT(selected(files, {"inode:4026532500", "7"}).value(),
              ElementsAre("4026531840", "4026532500"));
}

TEST(ResolveSelectors, UnknownOnesAreAnError) {
  const auto files = small_host();
  for (const auto* selector : {"red", "99", "inode:4026532999", "inode:", "", "-1"}) {
    const auto ids_or_error = selected(files, {"blue", selector});
    ASSERT_FALSE(ids_or_error) << selector;
    EXPECT_THAT(ids_or_error.error().what, HasSubstr(std::string("'") + selector + "'"));
    EXPECT_THAT(ids_or_error.error().hint, HasSubstr("ip netns list"));
  }
}

// /proc as an ordinary user sees it: 42 and 43 are somebody else's.
class OrdinaryFiles : public base::MemoryFiles {
 public:
  [[nodiscard]] base::Result<std::string> link_target(const std::string& path) const override {
    if (path.starts_with("/proc/4")) return base::system_failure("read " + path, EACCES);
    return base::MemoryFiles::link_target(path);
  }
};

OrdinaryFiles ordinary_host() {
  OrdinaryFiles files;
  files.put_link("/proc/1/ns/net", "net:[4026531840]");
  for (const auto* process : {"1", "thread-self"}) {
    files.put_inode("/proc/" + std::string(process) + "/net/dev", 4026532000);
  }
  for (const auto* process : {"42", "43"}) {
    files.put_link("/proc/" + std::string(process) + "/ns/net", "net:[4026532500]");
    files.put_inode("/proc/" + std::string(process) + "/net/dev", 4026532600);
  }
  return files;
}

TEST(ListNamespaces, OfProcessesThatMayNotBeLookedAtTheFilesTellThemApart) {
  const auto list = list_namespaces(ordinary_host());
  ASSERT_TRUE(list);
  EXPECT_THAT(ids(*list), ElementsAre("4026531840"));
  ASSERT_EQ(list->hidden.size(), 1U) << "42 and 43 have the same files";
  EXPECT_EQ(list->hidden[0].name, "pid:42");
  EXPECT_EQ(list->hidden[0].id, "4026532600");
  EXPECT_EQ(list->hidden[0].enter_path, "/proc/42/ns/net");
}

TEST(ResolveSelectors, AProcessThatMayNotBeLookedAtIsNoMissingOne) {
  const auto refused = selected(ordinary_host(), {"42"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("may not be read"));
  EXPECT_EQ(refused.error().hint, "CAP_SYS_PTRACE");
  const auto files = ordinary_host();
  const auto hidden = list_namespaces(files)->hidden;
  EXPECT_THAT(resolve_selectors(files, hidden, {"pid:42"}).value(), ElementsAre("4026532600"));
}

model::Inode here() {
  return std::to_string(base::system_files()->inode("/proc/thread-self/ns/net").value_or(0));
}

size_t open_descriptors() {
  return base::system_files()->list("/proc/self/fd").value_or(std::vector<std::string>{}).size();
}

// A process in a network namespace of its own, which ends with this object.
class Stranger {
 public:
  Stranger() {
    int ready[2];
    if (pipe(ready) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      const char made = unshare(CLONE_NEWNET) == 0 ? 1 : 0;
      (void)!write(ready[1], &made, 1);
      while (true) pause();
    }
    char made = 0;
    made_ = read(ready[0], &made, 1) == 1 && made == 1;
    close(ready[0]);
    close(ready[1]);
  }
  ~Stranger() { end(); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] Namespace place() const {
    const auto path = "/proc/" + std::to_string(pid_) + "/ns/net";
    const auto inode = base::system_files()->inode(path).value_or(0);
    return {.id = std::to_string(inode),
            .name = "",
            .enter_path = path,
            .pid = static_cast<std::uint32_t>(pid_),
            .container = {}};
  }
  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  bool made_ = false;
};

TEST(Visitor, RunsInsideAndComesHomeWithEmptyHands) {
  const Stranger stranger;
  if (!stranger.made()) GTEST_SKIP() << "making a network namespace needs root";
  const auto place = stranger.place();
  const auto home = here();
  ASSERT_NE(place.id, home);
  Visitor visitor;
  model::Inode inside;
  size_t descriptors = 0;
  for (int visit = 0; visit < 3; ++visit) {
    ASSERT_TRUE(visitor.visit(place, [&] { inside = here(); }));
    EXPECT_EQ(inside, place.id);
    EXPECT_EQ(here(), home) << "the caller never moves";
    if (visit == 0) descriptors = open_descriptors();
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  const Namespace own{.id = home, .enter_path = "/nowhere"};
  ASSERT_TRUE(visitor.visit(own, [&] { inside = here(); })) << "home needs no entering";
  EXPECT_EQ(inside, home);
}

TEST(Visitor, ListedNamespacesCanBeVisited) {
  const Stranger stranger;
  if (!stranger.made()) GTEST_SKIP() << "making a network namespace needs root";
  const auto list = list_namespaces(*base::system_files());
  ASSERT_TRUE(list);
  const auto found = std::ranges::find(list->namespaces, stranger.place().id, &Namespace::id);
  ASSERT_NE(found, list->namespaces.end());
  Visitor visitor;
  model::Inode inside;
  ASSERT_TRUE(visitor.visit(*found, [&] { inside = here(); }));
  EXPECT_EQ(inside, stranger.place().id);
}

TEST(Visitor, AVanishedNamespaceIsNoRefusal) {
  Stranger stranger;
  const auto place = stranger.place();
  stranger.end();
  Visitor visitor;
  bool ran = false;
  const auto visited = visitor.visit(place, [&] { ran = true; });
  ASSERT_FALSE(visited);
  EXPECT_FALSE(base::is_refusal(visited.error())) << visited.error().what;
  EXPECT_FALSE(ran);
}

TEST(Visitor, WithoutTheRightIsARefusal) {
  const Stranger stranger;
  if (!stranger.made()) GTEST_SKIP() << "making a network namespace needs root";
  base::Status visited;
  bool ran = false;
  // Capabilities belong to a thread; one that it starts inherits the lack of them.
  std::thread([&] {
    cap_t none = cap_init();
    EXPECT_EQ(cap_set_proc(none), 0);
    cap_free(none);
    visited = Visitor().visit(stranger.place(), [&] { ran = true; });
  }).join();
  ASSERT_FALSE(visited);
  EXPECT_TRUE(base::is_refusal(visited.error())) << visited.error().what;
  EXPECT_THAT(visited.error().hint, HasSubstr("CAP_SYS_ADMIN"));
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace host
