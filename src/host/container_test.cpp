#include "host/container.h"

#include <gtest/gtest.h>

namespace host {
namespace {

// Ids of the test are synthetic; the shapes of the paths are those that the programs write.
const std::string kId = "3f4e8a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7";

TEST(CgroupPath, OfTheUnifiedTreeElseTheLongest) {
  EXPECT_EQ(cgroup_path("0::/system.slice/ssh.service\n"), "/system.slice/ssh.service");
  EXPECT_EQ(cgroup_path("12:cpu:/\n4:memory:/user.slice\n1:name=systemd:/user.slice/session.scope\n"
                        "0::/\n"),
            "/user.slice/session.scope");
  EXPECT_EQ(cgroup_path("3:cpu,cpuacct:/a:b\n"), "/a:b");
  EXPECT_EQ(cgroup_path("0::/\n"), "/");
  EXPECT_EQ(cgroup_path(""), "");
  EXPECT_EQ(cgroup_path("garbage\n1:\n"), "");
}

TEST(ContainerInPath, OfTheCommonRuntimes) {
  for (const auto& path :
       {"/docker/" + kId, "/system.slice/docker-" + kId + ".scope",
        "/machine.slice/libpod-" + kId + ".scope/container",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f2e.slice/"
        "cri-containerd-" +
            kId + ".scope",
        "/kubepods/besteffort/pod1f2e/" + kId, "/kubepods.slice/crio-" + kId + ".scope"}) {
    EXPECT_EQ(container_in_path(path), kId) << path;
  }
}

TEST(ContainerInPath, OfAnOrdinaryProcessIsNone) {
  for (const auto* path : {"/", "", "/system.slice/ssh.service", "/user.slice/user-0.slice",
                           "/system.slice/docker.service", "/docker/3f4e8a1b2c3d"}) {
    EXPECT_FALSE(container_in_path(path)) << path;
  }
}

TEST(UnitInPath, IsTheInnermostService) {
  EXPECT_EQ(unit_in_path("/system.slice/nginx.service"), "nginx.service");
  EXPECT_EQ(unit_in_path("/user.slice/user@1000.service/app.slice/web.service"), "web.service");
  EXPECT_FALSE(unit_in_path("/user.slice/session-3.scope"));
}

TEST(CgroupOfProcess, ReadsItsFile) {
  base::MemoryFiles files;
  files.put("/proc/42/cgroup", "0::/system.slice/docker-" + kId + ".scope\n");
  EXPECT_EQ(cgroup_of_process(files, 42), "/system.slice/docker-" + kId + ".scope");
  EXPECT_EQ(cgroup_of_process(files, 43), "");
}

TEST(ShortId, IsWhatPeopleType) {
  EXPECT_EQ(short_id(kId), "3f4e8a1b2c3d");
}

}  // namespace
}  // namespace host
