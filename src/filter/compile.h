// A filter expression as tcpdump takes it, made into a program for the kernel.
//
//     auto program = TRY(filter::compile("udp dst port 53 and not host 10.0.0.1"));
//
// libpcap compiles it for Ethernet into classic BPF, translate.h makes eBPF of that, insertion.h
// puts it into one of our programs. docs/filter.md says what differs from tcpdump.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "filter/program.h"

namespace filter {

// Room for 200 addresses of IPv6, each with its `or host`. libpcap needs seconds for much less than
// it would take.
inline constexpr std::size_t kMostExpressionBytes = 12 << 10;
inline constexpr std::size_t kMostValues = 300;

// An empty expression matches everything. Error: libpcap's word on what is wrong, and where.
[[nodiscard]] base::Result<Program> compile(std::string_view expression);

// What the kernel would say of a packet, by libpcap's interpreter: for packets that come from a
// file. `captured` begins with an Ethernet header, `length` is the packet's on the wire.
[[nodiscard]] bool matches(const Program& program, std::span<const std::uint8_t> captured,
                           std::uint32_t length);

// The classic instructions as `tcpdump -d` prints them, a line each.
[[nodiscard]] std::vector<std::string> listing(const Program& program);

}  // namespace filter
