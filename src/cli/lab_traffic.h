// `whydrop lab send` and `whydrop lab receive`: the options of the built-in traffic.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace cli {

// Adds `send` and `receive` with all their kinds below `lab`; the one that was asked for is put
// into `chosen`.
void add_lab_traffic(CLI::App& lab, std::function<int()>& chosen);

}  // namespace cli
