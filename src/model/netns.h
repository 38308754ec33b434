// Network namespaces and the devices in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace model {

using Inode = std::string;  // decimal inode number of a network namespace; "" = not known

struct Netns {
  Inode id;
  // "init", the name under /run/netns or /run/docker/netns, or "". "pid:42": only the counters of
  // that process's namespace could be read, and the id is a number of ours.
  std::string name;
  std::string enter_path;  // "/run/netns/blue", "/proc/42/ns/net"; "" in files of older versions
  // The process with the lowest pid in it, and whose that is; 0 and "" where none is known, and of
  // the initial one.
  std::uint32_t pid = 0;
  std::string comm;
  std::optional<std::string> unit;
  std::optional<std::string> container;  // short id
  std::optional<std::string> container_name;
  bool selected = true;  // false: measured, but outside what the user asked about
  friend bool operator==(const Netns&, const Netns&) = default;
};

struct DevicePeer {
  Inode netns;
  std::string name;
  friend bool operator==(const DevicePeer&, const DevicePeer&) = default;
};

struct Device {
  Inode netns;
  std::uint32_t ifindex = 0;
  std::string name;
  std::string kind;  // rtnetlink's kind ("veth", "bridge"), "loopback" or "physical"
  std::string driver;
  std::uint32_t mtu = 0;
  std::uint32_t txqueuelen = 0;
  std::string operstate;
  std::string master;
  std::uint32_t xdp_program = 0;   // id; 0 = none
  std::uint32_t peer_ifindex = 0;  // of a veth's other end, where that is; 0 = none
  std::optional<DevicePeer> peer;
  std::vector<std::string> addresses;  // "10.0.0.1/24", "fe80::1/64"
  bool vanished = false;               // was there at the start, not at the end
  friend bool operator==(const Device&, const Device&) = default;
};

}  // namespace model
