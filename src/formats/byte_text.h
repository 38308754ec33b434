// Any bytes as valid UTF-8 and back, so that a name with broken UTF-8 survives a JSON file.
//
// The kernel takes any byte in the name of a process, a device or a namespace; JSON takes only
// UTF-8. A byte 0x80..0xff that is not part of well-formed UTF-8 is written as the private code
// point U+F780..U+F7FF; text that holds such a code point already has its three bytes written so.
// Hence text_of_bytes() is one to one and bytes_of_text() is its inverse.
#pragma once

#include <string>
#include <string_view>

namespace formats {

[[nodiscard]] std::string text_of_bytes(std::string_view bytes);
[[nodiscard]] std::string bytes_of_text(std::string_view text);

}  // namespace formats
