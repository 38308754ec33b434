// Places, owners and namespaces in words. All of it is made printable here.
#pragma once

#include <string>

#include "model/diagnosis.h"

namespace render {

// "init", "blue", "blue (container web)"; without a name "nginx (pid 812, unit web.service)" by the
// process in it; "inode:4026532281" where none is known. -n takes the name, the pid, or the last.
[[nodiscard]] std::string netns_text(const model::Netns& netns);

// The same by its id; "" where that is not known.
[[nodiscard]] std::string netns_text(const model::Diagnosis& diagnosis, const model::Inode& netns);

// "udp *:53, device eth0, queue 3, CPU 0, namespace web"; "" where nothing is known.
[[nodiscard]] std::string place_text(const model::Diagnosis& diagnosis, const model::Place& place);

// "dnsd (pid 812), unit dnsd.service, container web, 11,980 packets".
[[nodiscard]] std::string hit_text(const model::Diagnosis& diagnosis, const model::Hit& hit,
                                   const model::Inode& at);

// "10.0.0.1:53", "[fe80::1]:53"; without port the address alone.
[[nodiscard]] std::string end_text(const std::string& address, std::uint16_t port);

// "1 packet", "11,980 packets".
[[nodiscard]] std::string packets_text(std::uint64_t packets);

}  // namespace render
