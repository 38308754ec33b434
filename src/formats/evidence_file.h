// whydrop.evidence/1: evidence as a JSON document, reading and writing side by side. No diagnosis
// is inside.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "model/evidence.h"

namespace formats {

// Ends in a newline. Equal evidence gives equal bytes.
[[nodiscard]] std::string write_evidence(const model::Evidence& evidence);

// Plain or packed by gzip. Error: not JSON, damaged, truncated, another schema, or a field of the
// wrong type ("evidence: devices[2].mtu is not a number"). Unknown fields are ignored; missing ones
// take their defaults.
[[nodiscard]] base::Result<model::Evidence> read_evidence(std::string_view text);

}  // namespace formats
