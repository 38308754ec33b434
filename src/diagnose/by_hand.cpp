#include "diagnose/by_hand.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "diagnose/remedies.h"

namespace diagnose {
namespace {

enum class Tool : std::uint8_t {
  kPlain,   // in the namespace of the counter, by `ip netns exec` where that is another one
  kOfHost,  // the same everywhere
  kIp,      // arguments of ip, which has an option for the namespace
  kTc,      // likewise of tc
  kSysfs,   // reads /sys, which shows the devices of the namespace that it was mounted in
};

// What shows the values whose names start with `start`: the first one that fits. {LABEL} stands for
// the value of a label, {name} for what follows the source, {part} for that up to the next dot.
struct Recipe {
  std::string_view start;
  Tool tool = Tool::kPlain;
  std::string_view command;
};

constexpr auto kRecipes = std::to_array<Recipe>({
    // `nstat -az` shows also those of 0 and leaves its history alone.
    {"snmp.", Tool::kPlain, "nstat -asz {nstat}"},
    {"netstat.", Tool::kPlain, "nstat -asz {nstat}"},
    {"snmp6.", Tool::kPlain, "nstat -asz {nstat}"},
    {"sysctl.", Tool::kPlain, "sysctl {name}"},
    {"softnet.", Tool::kOfHost, "cat /proc/net/softnet_stat"},
    {"sockstat.", Tool::kPlain, "cat /proc/net/sockstat /proc/net/sockstat6"},
    {"sockets.accept_queue", Tool::kPlain, "ss -ltn"},
    {"sockets.", Tool::kPlain, "ss -uanm"},
    {"protocols.", Tool::kPlain, "cat /proc/net/protocols"},
    {"xfrm.", Tool::kPlain, "cat /proc/net/xfrm_stat"},
    {"fib.", Tool::kPlain, "cat /proc/net/fib_triestat"},
    {"fib6.", Tool::kPlain, "cat /proc/net/rt6_stats"},
    {"neighbour.", Tool::kIp, "neigh show dev {dev}"},
    {"conntrack.max_entries", Tool::kPlain, "sysctl net.netfilter.nf_conntrack_max"},
    {"conntrack.entries", Tool::kPlain, "conntrack -C"},
    {"conntrack.", Tool::kPlain, "conntrack -S"},
    {"lnstat.", Tool::kPlain, "lnstat -j -c 1 -f {part}"},
    {"nft.", Tool::kPlain, "nft -a list chain {family} {table} {chain}"},
    {"iptables.", Tool::kPlain, "{xtables} -t {table} -nvxL {chain} --line-numbers"},

    {"link.rx_", Tool::kIp, "-s -s link show dev {dev}"},
    {"link.carrier_changes", Tool::kIp, "-s -s link show dev {dev}"},
    {"link.carrier_up", Tool::kSysfs, "cat /sys/class/net/{dev}/carrier_up_count"},
    {"link.carrier_down", Tool::kSysfs, "cat /sys/class/net/{dev}/carrier_down_count"},
    {"link.tx_queues", Tool::kIp, "-d link show dev {dev}"},
    {"link.tx_", Tool::kIp, "-s -s link show dev {dev}"},
    {"link.multicast", Tool::kIp, "-s -s link show dev {dev}"},
    {"link.collisions", Tool::kIp, "-s -s link show dev {dev}"},
    {"link.", Tool::kIp, "-d link show dev {dev}"},
    {"bond.", Tool::kIp, "-d link show dev {dev}"},
    {"bond_port.", Tool::kIp, "-d link show dev {dev}"},
    {"bridge.", Tool::kIp, "-d link show dev {dev}"},
    {"bridge_port.", Tool::kIp, "-d link show dev {dev}"},
    {"macvlan.", Tool::kIp, "-d link show dev {dev}"},
    {"tun.", Tool::kIp, "-d link show dev {dev}"},
    {"vlan.", Tool::kIp, "-d link show dev {dev}"},
    {"vxlan.", Tool::kIp, "-d link show dev {dev}"},

    {"qdisc.class_", Tool::kTc, "class show dev {dev}"},
    {"qdisc.", Tool::kTc, "-s qdisc show dev {dev}"},
    {"class.", Tool::kTc, "-s class show dev {dev}"},
    {"tc_action.", Tool::kTc, "-s filter show dev {dev} {hook}"},
    {"path.program", Tool::kPlain, "bpftool net show dev {dev}"},

    {"ethtool.ring.", Tool::kPlain, "ethtool -g {dev}"},
    {"ethtool.channels.", Tool::kPlain, "ethtool -l {dev}"},
    {"ethtool.coalesce.", Tool::kPlain, "ethtool -c {dev}"},
    {"ethtool.pause.", Tool::kPlain, "ethtool -a {dev}"},
    {"ethtool.features", Tool::kPlain, "ethtool -k {dev}"},
    {"ethtool.link.", Tool::kPlain, "ethtool {dev}"},
    {"module.", Tool::kPlain, "ethtool -m {dev}"},
    {"ethtool.rss.hash_", Tool::kPlain, "ethtool -n {dev} rx-flow-hash {flow}"},
    {"ethtool.rss.", Tool::kPlain, "ethtool -x {dev}"},
    {"eth_", Tool::kPlain, "ethtool -S {dev} --all-groups"},
    {"rmon.", Tool::kPlain, "ethtool -S {dev} --all-groups"},
    {"pause.", Tool::kPlain, "ethtool -I -a {dev}"},
    {"fec.", Tool::kPlain, "ethtool -I --show-fec {dev}"},
    {"ethtool.", Tool::kPlain, "ethtool {driver_option} {dev}"},

    {"bql.", Tool::kSysfs, "grep -rs . /sys/class/net/{dev}/queues/{queue}/byte_queue_limits/"},
    {"queues.tx_", Tool::kSysfs, "grep -rs . /sys/class/net/{dev}/queues/{queue}/"},
    {"xps.", Tool::kSysfs, "grep -rs . /sys/class/net/{dev}/queues/{queue}/"},
    {"rps.", Tool::kSysfs, "grep -rs . /sys/class/net/{dev}/queues/{queue}/"},
    {"queues.", Tool::kPlain, "ynl --family netdev --dump queue-get"},
    {"napi_poll.exhausted", Tool::kOfHost,
     "bpftrace -e 'tracepoint:napi:napi_poll /args->work >= args->budget/ "
     "{ @[str(args->dev_name)] = count(); }'"},
    {"napi_poll.packets", Tool::kOfHost,
     "bpftrace -e 'tracepoint:napi:napi_poll { @[str(args->dev_name)] = sum(args->work); }'"},
    {"napi_poll.polls", Tool::kOfHost,
     "bpftrace -e 'tracepoint:napi:napi_poll { @[str(args->dev_name)] = count(); }'"},
    {"napi.", Tool::kPlain, "ynl --family netdev --dump napi-get"},
    {"qstats.", Tool::kPlain,
     "ynl --family netdev --dump qstats-get --json '{\"scope\": \"queue\"}'"},
    {"interrupts.affinity", Tool::kOfHost, "cat /proc/irq/{irq}/smp_affinity_list"},
    {"interrupts.effective_affinity", Tool::kOfHost, "cat /proc/irq/{irq}/effective_affinity_list"},
    {"interrupts.", Tool::kOfHost, "cat /proc/interrupts"},
    {"pci.", Tool::kSysfs,
     "grep -rs --include='aer_dev_*' --include='*_link_*' --include=numa_node . "
     "/sys/class/net/{dev}/device/"},
    {"devlink.trap", Tool::kPlain, "devlink -s trap show"},
    {"devlink.", Tool::kPlain, "devlink health show"},

    {"cpu.", Tool::kOfHost, "cat /proc/stat"},
    {"softirqs.", Tool::kOfHost, "cat /proc/softirqs"},
    {"ksoftirqd.", Tool::kOfHost, "cat /proc/$(pgrep -x ksoftirqd/{cpu})/schedstat"},
    {"vmstat.", Tool::kOfHost, "cat /proc/vmstat"},
    {"meminfo.", Tool::kOfHost, "cat /proc/meminfo"},
    {"buddyinfo.", Tool::kOfHost, "cat /proc/buddyinfo"},
    {"pressure.", Tool::kOfHost, "cat /proc/pressure/{part}"},
    {"cgroup.programs", Tool::kOfHost, "bpftool cgroup tree"},
    {"cgroup.memory.", Tool::kOfHost, "find /sys/fs/cgroup -path '*'{path}'/memory.*'"},
    {"cgroup.", Tool::kOfHost, "find /sys/fs/cgroup -path '*'{path}/cpu.stat"},
    {"bpf.holders", Tool::kOfHost, "grep -l '^prog_id:.{id}$' /proc/[0-9]*/fdinfo/*"},
    {"bpf.links", Tool::kOfHost, "bpftool link"},
    {"bpf.", Tool::kOfHost, "bpftool prog show id {id}"},
});

// A name that the labels do not hold, or the label.
std::string value_of(std::string_view what, const model::CounterId& id) {
  const auto name = model::counter_name(id);
  const auto rest = name.substr(std::min(name.find('.'), name.size() - 1) + 1);
  if (what == "name") return std::string(rest);
  if (what == "part") return std::string(rest.substr(0, rest.find('.')));
  if (what == "nstat") {
    std::string plain(rest);
    std::erase(plain, '.');
    return plain;
  }
  if (what == "flow") return std::string(rest.substr(rest.rfind('_') + 1));
  if (what == "xtables")
    return model::counter_label(id, "family") == "ip6" ? "ip6tables" : "iptables";
  if (what == "driver_option") {
    const bool of_driver =
        rest == "driver" || rest == "driver_version" || rest == "firmware" || rest == "bus";
    return of_driver ? "-i" : "-S";
  }
  if (what == "hook") {
    const auto hook = model::counter_label(id, "hook");
    if (hook == "tc-ingress") return "ingress";
    if (hook == "tc-egress") return "egress";
    return "parent " + hook;
  }
  return model::counter_label(id, what);
}

// {LABEL} is lower case and stands alone; any other brace is the command's own.
std::string filled(std::string_view command, const model::CounterId& id) {
  std::string text;
  while (!command.empty()) {
    const auto open = command.find('{');
    const auto close = command.find('}', open);
    text += command.substr(0, open);
    if (open == std::string_view::npos || close == std::string_view::npos) break;
    const auto what = command.substr(open + 1, close - open - 1);
    const bool is_label =
        std::ranges::all_of(what, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    if (is_label) {
      const auto value = value_of(what, id);
      text += what == "hook" ? value : base::shell_quoted(value);
      command.remove_prefix(close + 1);
    } else {
      text += '{';
      command.remove_prefix(open + 1);
    }
  }
  return text;
}

}  // namespace

std::string command_by_hand(const model::Evidence& evidence, const model::CounterId& id) {
  const auto recipe = std::ranges::find_if(
      kRecipes, [&](const Recipe& one) { return model::counter_name(id).starts_with(one.start); });
  if (recipe == kRecipes.end()) return "";
  const auto command = filled(recipe->command, id);
  const auto netns = model::counter_label(id, "netns");
  if (recipe->tool == Tool::kIp) return iproute_in(evidence, netns, "ip", command);
  if (recipe->tool == Tool::kTc) return iproute_in(evidence, netns, "tc", command);
  if (recipe->tool == Tool::kOfHost || netns.empty()) return command;
  if (recipe->tool == Tool::kSysfs) return reading_sysfs_in(evidence, netns, command);
  return command_in(evidence, netns, command);
}

}  // namespace diagnose
