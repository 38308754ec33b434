#include "host/container_name.h"

#include <gtest/gtest.h>

namespace host {
namespace {

// The ids are synthetic, and so are the files, cut to what is read: their places and fields are
// those of moby's container/container.go, containerd's pkg/cri/annotations, and
// containers/storage's containers.go.
const std::string kId = "3f4e8a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7";
const std::string kTask = "/run/containerd/io.containerd.runtime.v2.task/";
const std::string kStorage = "/var/lib/containers/storage/overlay-containers/containers.json";

std::optional<std::string> name_in(const base::Files& files) {
  return ContainerNames(files).of(kId);
}

TEST(ContainerNames, OfDocker) {
  base::MemoryFiles files;
  files.put("/var/lib/docker/containers/" + kId + "/config.v2.json",
            R"({"State":{"Running":true,"Pid":812},"ID":"3f4e","Name":"/web"})");
  EXPECT_EQ(name_in(files), "web");
}

TEST(ContainerNames, OfAPodsContainerAndOfThePodItself) {
  base::MemoryFiles files;
  files.put(kTask + "moby/other/config.json", "{}");
  files.put(kTask + "k8s.io/" + kId + "/config.json",
            R"({"annotations":{"io.kubernetes.cri.container-name":"nginx",
                "io.kubernetes.cri.sandbox-name":"shop-7d4",
                "io.kubernetes.cri.sandbox-namespace":"prod"}})");
  EXPECT_EQ(name_in(files), "prod/shop-7d4/nginx");
  files.put(kTask + "k8s.io/" + kId + "/config.json",
            R"({"annotations":{"io.kubernetes.cri.sandbox-name":"shop-7d4",
                "io.kubernetes.cri.sandbox-namespace":"prod"}})");
  EXPECT_EQ(name_in(files), "prod/shop-7d4");
}

TEST(ContainerNames, OfNerdctl) {
  base::MemoryFiles files;
  files.put(kTask + "default/" + kId + "/config.json", R"({"annotations":{"nerdctl/name":"web"}})");
  EXPECT_EQ(name_in(files), "web");
}

TEST(ContainerNames, OfPodmanAndCriO) {
  base::MemoryFiles files;
  files.put(kStorage, R"([{"id":"00"},{"id":")" + kId + R"(","names":["web"],"image":"x"}])");
  EXPECT_EQ(name_in(files), "web");
}

TEST(ContainerNames, OfNobodyOrFromDamagedFilesAreNone) {
  base::MemoryFiles files;
  EXPECT_FALSE(name_in(files));
  files.put("/var/lib/docker/containers/" + kId + "/config.v2.json", R"({"Name":)");
  files.put(kTask + "k8s.io/" + kId + "/config.json", R"({"annotations":["no"]})");
  files.put(kStorage, R"({"id":"no list"})");
  EXPECT_FALSE(name_in(files));
  files.put(kStorage, R"([7,{"id":3,"names":"web"},{"id":")" + kId + R"(","names":[]}])");
  EXPECT_FALSE(name_in(files));
}

}  // namespace
}  // namespace host
