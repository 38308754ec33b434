// The interrupts of a device are those of the hardware behind it, which lists them in sysfs
// (msi_irqs); hardware is in sysfs whatever the namespace of its device. A virtio device asks the
// PCI device that it sits on. Before 5.14 the kernel does not tell the hardware: then the names
// that drivers give to their interrupts have to do.
#include "sources/interrupts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <string>

#include "base/text.h"

namespace sources {
namespace {

constexpr std::string_view kHostLabels = "shared";

// "CPU0", "CPU2": only those that are online have a column.
std::vector<std::string> columns_of(std::string_view heading) {
  std::vector<std::string> cpus;
  for (const auto word : base::words(heading)) {
    if (word.starts_with("CPU")) cpus.emplace_back(word.substr(3));
  }
  return cpus;
}

struct Line {
  std::string number;  // "38", "NMI"
  std::vector<std::uint64_t> counts;
  std::string name;
};

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const auto word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

// Between the counts and the name stand the controller and the kind of line: "1-edge", "Level",
// "524288-fasteoi" (kernel/irq/proc.c: show_interrupts).
bool is_kind_of_line(std::string_view word) {
  constexpr auto kKinds = std::to_array<std::string_view>({"edge", "level", "fasteoi"});
  std::string lower(word.substr(word.rfind('-') + 1));
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(kKinds, lower) != kKinds.end();
}

std::string name_of(std::span<const std::string_view> rest, bool numbered) {
  if (!numbered) return joined(rest);
  const auto kind = std::ranges::find_if(rest, is_kind_of_line);
  const auto skipped = kind == rest.end() ? std::min<std::size_t>(rest.size(), 2)
                                          : static_cast<std::size_t>(kind - rest.begin()) + 1;
  return joined(rest.subspan(skipped));
}

std::optional<Line> parse_line(std::string_view text, std::size_t cpus) {
  const auto words = base::words(text);
  if (words.size() < 2 || !words[0].ends_with(':')) return {};
  Line line{
      .number = std::string(words[0].substr(0, words[0].size() - 1)), .counts = {}, .name = {}};
  // A few lines ("ERR:") have one count for all CPUs.
  std::size_t at = 1;
  for (; at < words.size() && line.counts.size() < cpus; ++at) {
    const auto count = base::parse_number(words[at]);
    if (!count) break;
    line.counts.push_back(*count);
  }
  if (line.counts.empty()) return {};
  const bool numbered = base::parse_number(line.number).has_value();
  line.name = name_of(std::span(words).subspan(at), numbered);
  return line;
}

// "eth0" or "eth0-TxRx-0", not "eth01".
bool is_name_of(std::string_view interrupt, const std::string& device) {
  const auto at = interrupt.find(device);
  if (at == std::string_view::npos || device.empty()) return false;
  const auto is_part = [&](std::size_t place) {
    return place < interrupt.size() &&
           std::isalnum(static_cast<unsigned char>(interrupt[place])) != 0;
  };
  return !is_part(at + device.size()) && (at == 0 || !is_part(at - 1));
}

std::optional<DeviceInterrupt> device_of(const Line& line,
                                         const std::vector<DeviceInterrupt>& known,
                                         std::span<const model::Device> named) {
  std::optional<DeviceInterrupt> found;
  for (const auto& one : known) {
    if (one.number != line.number) continue;
    // Devices that share their hardware: the one whose name is in that of the interrupt.
    if (!found || is_name_of(line.name, one.device)) found = one;
  }
  if (found || !base::parse_number(line.number)) return found;
  for (const auto& device : named) {
    if (device.kind != "physical" || !is_name_of(line.name, device.name)) continue;
    return DeviceInterrupt{line.number, device.name, device.netns};
  }
  return {};
}

void tell_device(const Line& line, const std::vector<std::string>& cpus, const DeviceInterrupt& of,
                 Look& look) {
  const auto queue = queue_of_interrupt(line.name);
  for (std::size_t at = 0; at < std::min(cpus.size(), line.counts.size()); ++at) {
    const auto id = queue.empty() ? model::counter_id("interrupts.count", {{"cpu", cpus[at]},
                                                                           {"dev", of.device},
                                                                           {"irq", line.number},
                                                                           {"name", line.name},
                                                                           {"netns", of.netns}})
                                  : model::counter_id("interrupts.count", {{"cpu", cpus[at]},
                                                                           {"dev", of.device},
                                                                           {"irq", line.number},
                                                                           {"name", line.name},
                                                                           {"netns", of.netns},
                                                                           {"queue", queue}});
    look.counters[id] = line.counts[at];
  }
}

void tell_sum(const Line& line, Look& look) {
  std::uint64_t sum = 0;
  for (const auto count : line.counts) sum += count;
  const auto id = model::counter_id(
      "interrupts.total", {{"irq", line.number}, {"name", line.name}, {kHostLabels, "host"}});
  look.counters[id] = sum;
}

std::vector<DeviceInterrupt> interrupts_of_hardware(const Access& access) {
  std::vector<DeviceInterrupt> found;
  for (const auto& hardware : access.hardware) {
    const std::string place = "/sys/bus/" + hardware.bus + "/devices/" + hardware.parent;
    for (const auto& list : {place + "/msi_irqs", place + "/../msi_irqs"}) {
      const auto numbers = access.files.list(list);
      if (!numbers) continue;
      for (const auto& number : *numbers)
        found.push_back({number, hardware.device, hardware.netns});
      break;
    }
  }
  return found;
}

void read_affinity(const Access& access, const DeviceInterrupt& interrupt, Look& look) {
  const auto labels = model::counter_id(
      "", {{"dev", interrupt.device}, {"irq", interrupt.number}, {"netns", interrupt.netns}});
  const auto tell = [&](const std::string& setting, const std::string& file) {
    const auto text = access.files.read("/proc/irq/" + interrupt.number + "/" + file);
    if (text) look.settings[setting + labels] = base::trim(*text);
  };
  tell("interrupts.affinity", "smp_affinity_list");
  tell("interrupts.effective_affinity", "effective_affinity_list");
}

void read(const Access& access, Look& look) {
  const auto text = access.files.read("/proc/interrupts");
  if (!text) return tell_blind(look, "interrupts", text.error(), {model::Stage::kIrq});
  const auto of_devices =
      parse_interrupts(*text, interrupts_of_hardware(access), access.devices, look);
  for (const auto& interrupt : of_devices) read_affinity(access, interrupt, look);
  if (const auto soft = access.files.read("/proc/softirqs")) parse_softirqs(*soft, look);
}

}  // namespace

std::vector<DeviceInterrupt> parse_interrupts(std::string_view text,
                                              const std::vector<DeviceInterrupt>& devices,
                                              std::span<const model::Device> named, Look& look) {
  std::vector<DeviceInterrupt> found;
  const auto lines = base::lines(text);
  if (lines.empty()) return found;
  const auto cpus = columns_of(lines[0]);
  for (const auto row : lines) {
    const auto line = parse_line(row, cpus.size());
    if (!line) continue;
    if (const auto device = device_of(*line, devices, named)) {
      tell_device(*line, cpus, *device, look);
      found.push_back(*device);
    } else {
      tell_sum(*line, look);
    }
  }
  return found;
}

void parse_softirqs(std::string_view text, Look& look) {
  const auto lines = base::lines(text);
  if (lines.empty()) return;
  const auto cpus = columns_of(lines[0]);
  for (const auto row : lines) {
    const auto line = parse_line(row, cpus.size());
    if (!line || line->counts.size() != cpus.size()) continue;
    for (std::size_t at = 0; at < cpus.size(); ++at) {
      const auto id =
          model::counter_id("softirqs." + line->number, {{"cpu", cpus[at]}, {kHostLabels, "host"}});
      look.counters[id] = line->counts[at];
    }
  }
}

std::string queue_of_interrupt(std::string_view name) {
  struct Word {
    std::string_view text;
    std::string_view way;
  };
  // The longer first: "txrx" holds "rx".
  constexpr auto kWords = std::to_array<Word>({{"tx-rx", "rxtx"},
                                               {"txrx", "rxtx"},
                                               {"rxtx", "rxtx"},
                                               {"comp", "rxtx"},
                                               {"input", "rx"},
                                               {"output", "tx"},
                                               {"rx", "rx"},
                                               {"tx", "tx"}});
  std::string lower(name.substr(0, name.find('@')));
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const auto& [text, way] : kWords) {
    const auto at = lower.rfind(text);
    if (at == std::string::npos) continue;
    auto number = std::string_view(lower).substr(at + text.size());
    if (!number.empty() && std::string_view("-._").find(number[0]) != std::string_view::npos) {
      number.remove_prefix(1);
    }
    if (!base::parse_number(number)) return {};
    return std::string(way).append(1, '-').append(number);
  }
  return {};
}

extern const Source interrupts;
const Source interrupts = {
    .name = "interrupts", .scope = Scope::kHost, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
