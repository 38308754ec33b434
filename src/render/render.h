// Diagnosis -> text. Pure: the same diagnosis gives the same bytes.
#pragma once

#include <string>

#include "model/diagnosis.h"

namespace render {

struct TerminalStyle {
  bool colour = false;
  int columns = 100;
  int verbosity = 0;  // -1 quiet (verdict line only), 0, 1 (-v: echoes, noise, all accounts)
};

// For a person: the verdict sentence, the journey, findings, the sum line, blind spots, cost. All
// text that came from outside is made printable.
[[nodiscard]] std::string terminal(const model::Diagnosis& diagnosis, const TerminalStyle& style);

// whydrop.diagnosis/1, one document, ending in a newline.
[[nodiscard]] std::string json(const model::Diagnosis& diagnosis);

}  // namespace render
