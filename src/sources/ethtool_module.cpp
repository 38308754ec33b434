// Two requests a device: what kind of module, and its memory. Where the numbers stand is laid down
// in SFF-8472 (SFP) and SFF-8636 (QSFP); modules of CMIS (QSFP-DD, OSFP) are told by name only, for
// the kernel gives their measurements by another way (ETHTOOL_MSG_MODULE_EEPROM_GET).
#include "sources/ethtool_module.h"

#include <linux/ethtool.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/netlink.h"
#include "base/text.h"
#include "host/ethtool.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kLanes = 4;

// Units of the two standards.
constexpr double kDegree = 1.0 / 256;
constexpr double kVolt = 1e-4;
constexpr double kMilliampere = 2e-3;
constexpr double kMilliwatt = 1e-4;

// Where SFF-8472 has what: A0h, and A2h behind it.
constexpr std::size_t kSfpMonitoring = 92;
constexpr std::size_t kSfpSecond = 256;
constexpr std::size_t kSfpHighAlarm = kSfpSecond + 32;  // of the received light; low behind it
constexpr std::size_t kSfpMeasured = kSfpSecond + 96;
constexpr unsigned kIsMonitored = 0x40;
constexpr unsigned kIsCalibrated = 0x20;

// And SFF-8636, on its lower page.
constexpr std::size_t kQsfpNoSignal = 3;
constexpr std::size_t kQsfpFault = 4;
constexpr std::size_t kQsfpTemperature = 22;
constexpr std::size_t kQsfpSupply = 26;
constexpr std::size_t kQsfpReceived = 34;
constexpr std::size_t kQsfpBias = 42;
constexpr std::size_t kQsfpSent = 50;
constexpr std::size_t kQsfpMonitoring = 220;
constexpr unsigned kTellsSent = 0x04;

unsigned byte_at(Bytes memory, std::size_t at) {
  return at < memory.size() ? std::to_integer<unsigned>(memory[at]) : 0;
}

// Big-endian.
unsigned word_at(Bytes memory, std::size_t at) {
  return byte_at(memory, at) << 8 | byte_at(memory, at + 1);
}

std::string text_at(Bytes memory, std::size_t at, std::size_t length) {
  if (memory.size() < at + length) return {};
  const auto part = memory.subspan(at, length);
  const std::string_view text(reinterpret_cast<const char*>(part.data()), part.size());
  return std::string(base::trim(text.substr(0, text.find('\0'))));
}

// "none" without any light.
std::string power_text(unsigned word) {
  if (word == 0) return "none";
  return fmt::format("{:.2f}", 10 * std::log10(word * kMilliwatt));
}

class Module {
 public:
  Module(Bytes memory, const std::string& device, const model::Inode& netns, Look& look)
      : memory_(memory), device_(device), netns_(netns), look_(look) {}

  void tell_sfp() {
    tell_names(20, 40, 68);
    const auto monitoring = byte_at(memory_, kSfpMonitoring);
    // One that leaves the calibration to its reader is not told.
    if ((monitoring & kIsMonitored) == 0 || (monitoring & kIsCalibrated) == 0) return;
    if (memory_.size() < kSfpMeasured + 10) return;
    tell_measured(kSfpMeasured, kSfpMeasured + 2);
    set("tx_bias_ma", fmt::format("{:.3f}", word_at(memory_, kSfpMeasured + 4) * kMilliampere));
    set("tx_power_dbm", power_text(word_at(memory_, kSfpMeasured + 6)));
    set("rx_power_dbm", power_text(word_at(memory_, kSfpMeasured + 8)));
    set("rx_power_high_alarm_dbm", power_text(word_at(memory_, kSfpHighAlarm)));
    set("rx_power_low_alarm_dbm", power_text(word_at(memory_, kSfpHighAlarm + 2)));
  }

  void tell_qsfp() {
    tell_names(148, 168, 196);
    if (memory_.size() <= kQsfpMonitoring) return;
    // A cable of copper has nothing to measure.
    if (word_at(memory_, kQsfpTemperature) == 0 && word_at(memory_, kQsfpSupply) == 0) return;
    tell_measured(kQsfpTemperature, kQsfpSupply);
    const bool tells_sent = (byte_at(memory_, kQsfpMonitoring) & kTellsSent) != 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const auto word = [&](std::size_t first) { return word_at(memory_, first + 2 * lane); };
      const bool no_signal = (byte_at(memory_, kQsfpNoSignal) >> lane & 1) != 0;
      const bool fault = (byte_at(memory_, kQsfpFault) >> lane & 1) != 0;
      lane_ = std::to_string(lane + 1);
      set("rx_power_dbm", power_text(word(kQsfpReceived)));
      set("tx_bias_ma", fmt::format("{:.3f}", word(kQsfpBias) * kMilliampere));
      if (tells_sent) set("tx_power_dbm", power_text(word(kQsfpSent)));
      set("rx_los", no_signal ? "on" : "off");
      set("tx_fault", fault ? "on" : "off");
    }
  }

 private:
  void tell_names(std::size_t vendor, std::size_t part, std::size_t serial) {
    constexpr std::size_t kLength = 16;
    set("vendor", text_at(memory_, vendor, kLength));
    set("part", text_at(memory_, part, kLength));
    set("serial", text_at(memory_, serial, kLength));
  }

  void tell_measured(std::size_t temperature, std::size_t supply) {
    const auto degrees = static_cast<std::int16_t>(word_at(memory_, temperature));
    set("temperature_c", fmt::format("{:.1f}", degrees * kDegree));
    set("supply_v", fmt::format("{:.2f}", word_at(memory_, supply) * kVolt));
  }

  void set(std::string_view name, const std::string& text) {
    if (text.empty()) return;
    const auto full = std::string("module.").append(name);
    const auto id =
        lane_.empty()
            ? model::counter_id(full, {{"dev", device_}, {"netns", netns_}})
            : model::counter_id(full, {{"dev", device_}, {"lane", lane_}, {"netns", netns_}});
    look_.settings[id] = text;
  }

  Bytes memory_;
  const std::string& device_;
  const model::Inode& netns_;
  Look& look_;
  std::string lane_;
};

// The first `length` bytes of a module's memory; empty where it does not answer.
std::vector<std::byte> memory_of(const host::Ethtool& drivers, const std::string& device,
                                 std::uint32_t length) {
  ethtool_eeprom head{};
  head.cmd = ETHTOOL_GMODULEEEPROM;
  head.len = length;
  std::vector<std::byte> answer(sizeof head + length);
  std::memcpy(answer.data(), &head, sizeof head);
  if (!drivers.ask(device, answer.data())) return {};
  answer.erase(answer.begin(), answer.begin() + sizeof head);
  return answer;
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink || access.hardware.empty()) return;
  const auto drivers = host::Ethtool::open();
  if (!drivers) return;
  for (const auto& hardware : access.hardware) {
    ethtool_modinfo info{};
    info.cmd = ETHTOOL_GMODULEINFO;
    if (!drivers->ask(hardware.device, &info) || info.eeprom_len == 0) continue;
    const auto length = std::min<std::uint32_t>(info.eeprom_len, ETH_MODULE_SFF_8472_LEN);
    const auto memory = memory_of(*drivers, hardware.device, length);
    if (!memory.empty()) parse_module(info.type, memory, hardware.device, access.netns, look);
  }
}

}  // namespace

void parse_module(std::uint32_t kind, Bytes memory, const std::string& device,
                  const model::Inode& netns, Look& look) {
  Module module(memory, device, netns, look);
  if (kind == ETH_MODULE_SFF_8079 || kind == ETH_MODULE_SFF_8472) module.tell_sfp();
  if (kind == ETH_MODULE_SFF_8436 || kind == ETH_MODULE_SFF_8636) module.tell_qsfp();
}

extern const Source ethtool_module;
const Source ethtool_module = {
    .name = "ethtool_module", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
