#include "formats/json_parse.h"

#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"

namespace formats {
namespace {

// Looked at before parsing: destroying and printing a value need stack for each level.
bool is_nested_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char letter = text[at];
    if (in_string) {
      if (letter == '\\') ++at;
      in_string = letter != '"';
    } else if (letter == '"') {
      in_string = true;
    } else if (letter == '[' || letter == '{') {
      if (++depth > kMaximumDepth) return true;
    } else if (letter == ']' || letter == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

base::Result<nlohmann::json> parse_json(std::string_view text) {
  if (base::trim(text).empty()) return base::failure("the file is empty");
  if (is_nested_too_deep(text)) {
    return base::failure("nested deeper than " + std::to_string(kMaximumDepth) + " levels");
  }
  // The library says where the text is broken only by an exception; it stops here.
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const bool cut_off = error.byte >= text.size();
    return base::failure((cut_off ? "cut off at byte " : "not JSON at byte ") +
                         std::to_string(error.byte));
  } catch (const nlohmann::json::exception&) {
    return base::failure("holds a number that no program can");  // out_of_range: 1e999
  }
}

}  // namespace formats
