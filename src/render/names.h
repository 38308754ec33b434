// Places, owners and namespaces in words. All of it is made printable here.
#pragma once

#include <string>

#include "model/diagnosis.h"

namespace render {

// "init", the namespace's name, or "inode:4026532281", as -n takes it; "" where it is not known.
[[nodiscard]] std::string netns_text(const model::Diagnosis& diagnosis, const model::Inode& netns);

// "udp *:53, device eth0, queue 3, CPU 0, namespace web"; "" where nothing is known.
[[nodiscard]] std::string place_text(const model::Diagnosis& diagnosis, const model::Place& place);

// "dnsd (pid 812), unit dnsd.service, container web, 11,980 packets".
[[nodiscard]] std::string hit_text(const model::Diagnosis& diagnosis, const model::Hit& hit,
                                   const model::Inode& at);

// "1 packet", "11,980 packets".
[[nodiscard]] std::string packets_text(std::uint64_t packets);

}  // namespace render
