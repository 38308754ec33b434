#include "sources/interrupts.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using testing_support::capture;
using testing_support::with_damage;

// eth0 of that machine is virtio2, whose PCI device has these.
const std::vector<DeviceInterrupt> kOfEth0 = {
    {"37", "eth0", "1"}, {"38", "eth0", "1"}, {"39", "eth0", "1"}};

TEST(Interrupts, OfDevicesAreToldForEachCpu) {
  Look look;
  const auto found = parse_interrupts(capture("6.18", "interrupts"), kOfEth0, {}, look);
  EXPECT_THAT(found, SizeIs(3));
  const auto id = [](const char* cpu, const char* irq, const char* name, const char* queue) {
    return model::counter_id("interrupts.count", {{"cpu", cpu},
                                                  {"dev", "eth0"},
                                                  {"irq", irq},
                                                  {"name", name},
                                                  {"netns", "1"},
                                                  {"queue", queue}});
  };
  EXPECT_EQ(look.counters.at(id("1", "38", "virtio2-input.0", "rx-0")), 40516U);
  EXPECT_EQ(look.counters.at(id("0", "38", "virtio2-input.0", "rx-0")), 0U);
  EXPECT_EQ(look.counters.at(id("0", "39", "virtio2-output.0", "tx-0")), 30511U);
  // Without a queue in its name.
  EXPECT_THAT(look.counters,
              Contains(Key("interrupts.count{cpu=\"0\",dev=\"eth0\",irq=\"37\",name=\"virtio2-"
                           "config\",netns=\"1\"}")));
}

// An independent reading: every line but the heading is told, in sum or for both CPUs.
TEST(Interrupts, OfAllLinesAreTold) {
  const auto text = capture("6.18", "interrupts");
  Look look;
  (void)parse_interrupts(text, kOfEth0, {}, look);
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) - 1;
  EXPECT_EQ(look.counters.size(), lines - kOfEth0.size() + 2 * kOfEth0.size());
}

TEST(Interrupts, OthersAreSummed) {
  Look look;
  (void)parse_interrupts(
      "           CPU0       CPU2\n"
      " 24:          1          2  IO-APIC   5-edge      ACPI:Ged\n"
      "NMI:          3          4   Non-maskable interrupts\n"
      "ERR:          5\n",
      {}, {}, look);
  EXPECT_THAT(look.counters,
              ElementsAre(Pair("interrupts.total{irq=\"24\",name=\"ACPI:Ged\",shared=\"host\"}", 3),
                          Pair("interrupts.total{irq=\"ERR\",name=\"\",shared=\"host\"}", 5),
                          Pair("interrupts.total{irq=\"NMI\",name=\"Non-maskable "
                               "interrupts\",shared=\"host\"}",
                               7)));
}

// Kernels before 5.14 do not tell the hardware; the form is that of ixgbe, on arm64 of virtio.
TEST(Interrupts, AreOfTheDeviceThatTheyAreNamedAfter) {
  std::vector<model::Device> devices(3);
  devices[0] = {.netns = "1", .name = "eth1", .kind = "physical"};
  devices[1] = {.netns = "1", .name = "eth0", .kind = "physical"};
  devices[2] = {.netns = "1", .name = "veth", .kind = "veth"};
  Look look;
  const auto found = parse_interrupts(
      "      CPU0\n"
      " 70:    9  PCI-MSI 524289-edge      eth0-TxRx-1\n"
      " 71:    9  PCI-MSI 524290-edge      eth01-TxRx-1\n"
      " 72:    9  GICv3 33 Level     eth1\n"
      " 73:    9  PCI-MSI 524291-edge      veth\n",
      {}, devices, look);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].device, "eth0");
  EXPECT_EQ(found[1].device, "eth1");
  EXPECT_THAT(look.counters,
              Contains(Pair("interrupts.count{cpu=\"0\",dev=\"eth0\",irq=\"70\",name="
                            "\"eth0-TxRx-1\",netns=\"1\",queue=\"rxtx-1\"}",
                            9)));
}

TEST(Interrupts, NamesTellTheQueue) {
  EXPECT_EQ(queue_of_interrupt("virtio2-input.0"), "rx-0");
  EXPECT_EQ(queue_of_interrupt("virtio2-output.13"), "tx-13");
  EXPECT_EQ(queue_of_interrupt("eth0-TxRx-3"), "rxtx-3");
  EXPECT_EQ(queue_of_interrupt("ens5-Tx-Rx-0"), "rxtx-0");
  EXPECT_EQ(queue_of_interrupt("i40e-eth0-TxRx-7"), "rxtx-7");
  EXPECT_EQ(queue_of_interrupt("mlx5_comp3@pci:0000:03:00.0"), "rxtx-3");
  EXPECT_EQ(queue_of_interrupt("eth0-rx-2"), "rx-2");
  EXPECT_EQ(queue_of_interrupt("virtio2-config"), "");
  EXPECT_EQ(queue_of_interrupt("nvme0q1"), "");
  EXPECT_EQ(queue_of_interrupt(""), "");
}

TEST(Softirqs, OfEachCpu) {
  Look look;
  parse_softirqs(capture("6.18", "softirqs"), look);
  EXPECT_EQ(look.counters.size(), 10U * 2);
  EXPECT_EQ(look.counters.at("softirqs.NET_TX{cpu=\"1\",shared=\"host\"}"), 53163U);
}

TEST(Interrupts, DamagedTextDoesNoHarm) {
  with_damage(capture("6.18", "interrupts"), 300, [&](const std::string& damaged) {
    Look look;
    (void)parse_interrupts(damaged, kOfEth0, {}, look);
    parse_softirqs(damaged, look);
  });
  Look look;
  EXPECT_THAT(parse_interrupts("", kOfEth0, {}, look), IsEmpty());
  EXPECT_THAT(look.counters, IsEmpty());
}

}  // namespace
}  // namespace sources
