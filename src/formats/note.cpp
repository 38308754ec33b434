#include "formats/note.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"

namespace formats {
namespace {

constexpr std::string_view kMark = "whydrop";
constexpr std::string_view kKeyLetters = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
// No note of ours has a fifth of it; a list from a file is looked through for each key.
constexpr size_t kMostFields = 256;

bool is_key(std::string_view key) {
  return !key.empty() && key.find_first_not_of(kKeyLetters) == std::string_view::npos;
}

// Backslashes are doubled before printable() makes new ones, so that its \xNN stay apart from
// those that stood in the value.
std::string escaped(std::string_view value) {
  std::string doubled;
  for (const char letter : value) {
    if (letter == '"' || letter == '\\') doubled += '\\';
    doubled += letter;
  }
  return base::printable(doubled);
}

// Most values are plain letters: they are looked at once.
bool is_plain(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char letter) {
    return letter > ' ' && letter < 0x7f && letter != '"' && letter != '\\' && letter != '=';
  });
}

void append_value(std::string& line, std::string_view value) {
  if (is_plain(value)) {
    line += value;
    return;
  }
  const std::string inner = escaped(value);
  const bool is_bare =
      !value.empty() && inner == value && value.find_first_of(" =") == std::string_view::npos;
  line += is_bare ? inner : '"' + inner + '"';
}

// Takes one escape from behind its backslash.
std::optional<char> take_escape(std::string_view& rest) {
  if (rest.empty()) return {};
  const char kind = rest.front();
  rest.remove_prefix(1);
  if (kind == '"' || kind == '\\') return kind;
  if (kind != 'x' || rest.size() < 2) return {};
  const auto byte = base::parse_number<unsigned>(rest.substr(0, 2), 16);
  rest.remove_prefix(2);
  if (!byte) return {};
  return static_cast<char>(*byte);
}

// Takes a value up to the blank behind it, or the end.
std::optional<std::string> take_value(std::string_view& rest) {
  std::string value;
  if (!rest.starts_with('"')) {
    const size_t end = std::min(rest.find(' '), rest.size());
    value = rest.substr(0, end);
    rest.remove_prefix(end);
    const bool sound = !value.empty() && value.find_first_of("\"\\=") == std::string::npos;
    return sound ? std::optional(value) : std::nullopt;
  }
  rest.remove_prefix(1);
  while (!rest.empty()) {
    const char letter = rest.front();
    rest.remove_prefix(1);
    if (letter == '"')
      return rest.empty() || rest.front() == ' ' ? std::optional(value) : std::nullopt;
    if (letter != '\\') {
      value += letter;
      continue;
    }
    const auto meant = take_escape(rest);
    if (!meant) return {};
    value += *meant;
  }
  return {};
}

}  // namespace

Note& Note::set(std::string_view key, std::string_view value) {
  assert(is_key(key));
  const auto found = std::ranges::find(fields_, key, &Field::key);
  if (found != fields_.end()) {
    found->value = value;
  } else {
    fields_.push_back({std::string(key), std::string(value)});
  }
  return *this;
}

Note& Note::set(std::string_view key, std::uint64_t value) {
  return set(key, std::to_string(value));
}

std::optional<std::string_view> Note::find(std::string_view key) const {
  const auto found = std::ranges::find(fields_, key, &Field::key);
  if (found == fields_.end()) return {};
  return found->value;
}

std::string Note::text() const {
  std::string line(kMark);
  for (const auto& [key, value] : fields_) {
    line += ' ';
    line += key;
    line += '=';
    append_value(line, value);
  }
  return line;
}

std::optional<Note> Note::parse(std::string_view text) {
  // Somebody may have written under it, in Wireshark.
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  if (!line.starts_with(kMark)) return {};
  line.remove_prefix(kMark.size());
  Note note;
  while (!line.empty()) {
    if (line.front() != ' ' || note.fields_.size() >= kMostFields) return {};
    line.remove_prefix(1);
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos || !is_key(line.substr(0, equals))) return {};
    const auto key = line.substr(0, equals);
    line.remove_prefix(equals + 1);
    const auto value = take_value(line);
    if (!value) return {};
    note.set(key, *value);
  }
  return note;
}

std::optional<Note> Note::among(const std::vector<std::string>& comments) {
  for (const auto& comment : comments) {
    if (auto note = parse(comment)) return note;
  }
  return {};
}

}  // namespace formats
