#include "sources/pci.h"

#include <gmock/gmock.h>

namespace sources {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

Look look_at(const base::Files& files, const Hardware& hardware) {
  Look look;
  const base::MemoryNetlink netlink;
  read_pci({.files = files, .netlink = netlink, .netns = "", .hardware = std::span(&hardware, 1)},
           "/bus", look);
  return look;
}

TEST(Pci, LinkAndErrorsOfACard) {
  const std::string card = "/bus/pci/devices/0000:03:00.0/";
  base::MemoryFiles files;
  files.put(card + "current_link_speed", "5.0 GT/s PCIe\n");
  files.put(card + "max_link_speed", "8.0 GT/s PCIe\n");
  files.put(card + "current_link_width", "4\n");
  files.put(card + "numa_node", "1\n");
  files.put(card + "aer_dev_correctable", "RxErr 2\nBadTLP 1\nTOTAL_ERR_COR 3\n");
  files.put(card + "aer_dev_fatal", "TOTAL_ERR_FATAL 0\n");
  const auto look = look_at(files, {"7", "eth0", "pci", "0000:03:00.0"});
  const std::string labels = "{dev=\"eth0\",netns=\"7\"}";
  EXPECT_THAT(look.settings,
              UnorderedElementsAre(Pair("pci.link_speed" + labels, "5.0 GT/s PCIe"),
                                   Pair("pci.link_speed_max" + labels, "8.0 GT/s PCIe"),
                                   Pair("pci.link_width" + labels, "4"),
                                   Pair("pci.numa_node" + labels, "1")));
  EXPECT_THAT(look.counters, ElementsAre(Pair("pci.aer_correctable" + labels, 3),
                                         Pair("pci.aer_fatal" + labels, 0)));
}

TEST(Pci, WhatVirtioSitsOn) {
  base::MemoryFiles files;
  files.put("/bus/virtio/devices/virtio2/../numa_node", "0\n");
  EXPECT_EQ(look_at(files, {"7", "eth0", "virtio", "virtio2"}).settings.size(), 1U);
}

TEST(Pci, AMachineThatDoesNotSayIsNotTold) {
  base::MemoryFiles files;
  files.put("/bus/pci/devices/0000:03:00.0/numa_node", "-1\n");
  EXPECT_THAT(look_at(files, {"7", "eth0", "pci", "0000:03:00.0"}).settings, IsEmpty());
}

}  // namespace
}  // namespace sources
