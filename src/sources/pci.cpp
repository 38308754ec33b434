// The files are of the PCI device: of the hardware itself, or of what a virtio device sits on. A
// device without PCIe has no link, and one without AER no errors.
#include "sources/pci.h"

#include <array>
#include <optional>

#include "base/text.h"

namespace sources {
namespace {

struct File {
  std::string_view name;
  std::string_view id;
};

constexpr auto kSettings = std::to_array<File>({{"current_link_speed", "pci.link_speed"},
                                                {"current_link_width", "pci.link_width"},
                                                {"max_link_speed", "pci.link_speed_max"},
                                                {"max_link_width", "pci.link_width_max"},
                                                {"numa_node", "pci.numa_node"}});

// "NAME COUNT" a line, the last one the sum: "TOTAL_ERR_COR 3".
constexpr auto kErrors = std::to_array<File>({{"aer_dev_correctable", "pci.aer_correctable"},
                                              {"aer_dev_nonfatal", "pci.aer_nonfatal"},
                                              {"aer_dev_fatal", "pci.aer_fatal"}});

std::optional<std::uint64_t> total_of(std::string_view text) {
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    if (words.size() == 2 && words[0].starts_with("TOTAL_")) return base::parse_number(words[1]);
  }
  return {};
}

void read(const Access& access, Look& look) {
  read_pci(access, "/sys/bus", look);
}

}  // namespace

void read_pci(const Access& access, const std::string& bus, Look& look) {
  for (const auto& hardware : access.hardware) {
    auto place = bus;
    place.append(1, '/').append(hardware.bus).append("/devices/").append(hardware.parent);
    if (hardware.bus == "virtio") place += "/..";
    const auto labels =
        model::counter_id("", {{"dev", hardware.device}, {"netns", hardware.netns}});
    for (const auto& [name, id] : kSettings) {
      const auto text = access.files.read(std::string(place).append(1, '/').append(name));
      // -1: the machine does not say.
      if (!text || base::trim(*text) == "-1") continue;
      look.settings[std::string(id).append(labels)] = base::trim(*text);
    }
    for (const auto& [name, id] : kErrors) {
      const auto text = access.files.read(std::string(place).append(1, '/').append(name));
      const auto total = text ? total_of(*text) : std::nullopt;
      if (total) look.counters[std::string(id).append(labels)] = *total;
    }
  }
}

extern const Source pci;
const Source pci = {
    .name = "pci", .scope = Scope::kHost, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
