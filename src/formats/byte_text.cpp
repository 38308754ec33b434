#include "formats/byte_text.h"

#include <cstddef>

namespace formats {
namespace {

constexpr size_t kEscapeLength = 3;

unsigned char byte_at(std::string_view text, size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// True where `text` starts with U+F780..U+F7FF: ef 9e 80..bf or ef 9f 80..bf.
bool starts_with_escape(std::string_view text) {
  return text.size() >= kEscapeLength && byte_at(text, 0) == 0xef &&
         (byte_at(text, 1) == 0x9e || byte_at(text, 1) == 0x9f) &&
         (byte_at(text, 2) & 0xc0) == 0x80;
}

// Length of the well-formed sequence (RFC 3629) at the start of `text`, 0 if there is none.
size_t sequence_length(std::string_view text) {
  const unsigned char first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (text.size() < length) return 0;
  const unsigned char second = byte_at(text, 1);
  const unsigned char lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (size_t at = 2; at < length; ++at) {
    if ((byte_at(text, at) & 0xc0) != 0x80) return 0;
  }
  return length;
}

void append_escape(std::string& text, unsigned char byte) {
  text += '\xef';
  text += static_cast<char>(byte < 0xc0 ? 0x9e : 0x9f);
  text += static_cast<char>(0x80 | (byte & 0x3f));
}

}  // namespace

std::string text_of_bytes(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t length = starts_with_escape(bytes) ? 0 : sequence_length(bytes);
    if (length == 0) {
      append_escape(text, byte_at(bytes, 0));
      bytes.remove_prefix(1);
      continue;
    }
    text += bytes.substr(0, length);
    bytes.remove_prefix(length);
  }
  return text;
}

std::string bytes_of_text(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    if (starts_with_escape(text)) {
      const int half = byte_at(text, 1) == 0x9e ? 0x80 : 0xc0;
      bytes += static_cast<char>(half | (byte_at(text, 2) & 0x3f));
      text.remove_prefix(kEscapeLength);
      continue;
    }
    bytes += text.front();
    text.remove_prefix(1);
  }
  return bytes;
}

}  // namespace formats
