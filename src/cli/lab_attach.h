// `whydrop lab attach`: hangs the lab's program on a device.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace cli {

// Adds `attach` below `lab`; where it was asked for it is put into `chosen`.
void add_lab_attach(CLI::App& lab, std::function<int()>& chosen);

}  // namespace cli
