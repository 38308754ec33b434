// An archive is a row of blocks of 512 bytes: a header, then the content, filled up with zeros. Two
// blocks of zeros end it. Long names and the like come in members of their own before the member
// that they are about: GNU's L and K hold just the name, pax's x has records "LENGTH KEY=VALUE\n".
// (POSIX.1-2001 "pax", section EXTENDED DESCRIPTION; GNU tar manual, "Basic Tar Format".)
#include "formats/tar.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/text.h"

namespace formats {

// The fields as they stand in the block. Texts end at their first NUL or at the field's end.
struct TarReader::Header {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char changed[12];
  char checksum[8];
  char type;
  char target[100];
  char magic[8];
  char user[32];
  char group[32];
  char device_major[8];
  char device_minor[8];
  char prefix[155];
  char rest[12];
};

namespace {

constexpr std::size_t kBlock = 512;
// No name and no set of pax records is longer.
constexpr std::uint64_t kMostExtension = std::uint64_t{1} << 20;
// Sizes beyond are made up; adding to them must not overflow.
constexpr std::uint64_t kMostSize = std::uint64_t{1} << 62;
// Of an old sparse file: whether another block of its map follows.
constexpr std::size_t kFirstMapGoesOn = 482;
constexpr std::size_t kLaterMapGoesOn = 504;

std::unexpected<base::Error> cut_short() {
  return base::failure("the archive is cut short");
}

std::unexpected<base::Error> damaged() {
  return base::failure("the archive is damaged");
}

template <std::size_t N>
std::string_view text_of(const char (&field)[N]) {
  const std::string_view all(field, N);
  return all.substr(0, all.find('\0'));
}

// Octal digits, blanks around them; or, with the top bit set, the bytes of the number itself.
template <std::size_t N>
std::optional<std::uint64_t> number_of(const char (&field)[N]) {
  const auto first = static_cast<unsigned char>(field[0]);
  std::uint64_t number = 0;
  if ((first & 0x80U) != 0) {
    if (first != 0x80U) return {};  // negative, or more than 2^64
    for (std::size_t at = 1; at < N; ++at) {
      if (number >> 56U != 0) return {};
      number = number << 8U | static_cast<unsigned char>(field[at]);
    }
    return number;
  }
  const auto digits = base::trim(text_of(field));
  if (digits.empty()) return 0;
  return base::parse_number<std::uint64_t>(digits, 8);
}

// The sum of the header's bytes with blanks for the checksum. Some old programs took them for
// signed.
bool has_its_checksum(const char* block, std::size_t checksum_at, std::uint64_t told) {
  std::uint64_t plain = 0;
  std::int64_t with_sign = 0;
  for (std::size_t at = 0; at < kBlock; ++at) {
    const bool own = at >= checksum_at && at < checksum_at + 8;
    const char byte = own ? ' ' : block[at];
    plain += static_cast<unsigned char>(byte);
    with_sign += static_cast<signed char>(byte);
  }
  return told == plain || static_cast<std::int64_t>(told) == with_sign;
}

std::uint64_t filled_up(std::uint64_t size) {
  return (size + kBlock - 1) / kBlock * kBlock;
}

struct Cleaned {
  std::string path;
  bool leads_out = false;
};

Cleaned cleaned(std::string_view name) {
  Cleaned result;
  for (const auto part : base::split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return {"", true};
    if (!result.path.empty()) result.path += '/';
    result.path += part;
  }
  return result;
}

TarKind kind_of(char type) {
  switch (type) {
    case '\0':
    case '0':
    case '7':
      return TarKind::kFile;
    case '1':
      return TarKind::kHardLink;
    case '2':
      return TarKind::kLink;
    case '5':
      return TarKind::kFolder;
    case 'S':
      return TarKind::kSparse;
    default:
      return TarKind::kOther;
  }
}

bool has_content(char type) {
  return type != '1' && type != '2' && type != '3' && type != '4' && type != '5' && type != '6';
}

}  // namespace

// False at the end of the archive.
base::Result<bool> TarReader::read_header(Header& header) {
  static_assert(sizeof(Header) == kBlock);
  std::array<char, kBlock> block{};
  const auto got = TRY(base::read_fully(bytes_, block));
  if (got == 0 && has_begun_) return false;
  const bool is_end = got == kBlock && std::ranges::all_of(block, [](char c) { return c == 0; });
  if (is_end && has_begun_) return false;
  std::memcpy(&header, block.data(), kBlock);
  const auto told = number_of(header.checksum);
  const bool fits = got == kBlock && !is_end && told &&
                    has_its_checksum(block.data(), offsetof(Header, checksum), *told);
  if (!fits && !has_begun_) return base::failure("it is no tar archive");
  if (got < kBlock) return cut_short();
  if (!fits) return damaged();
  has_begun_ = true;
  return true;
}

base::Status TarReader::pass_over(std::uint64_t size) {
  std::array<char, 32 * kBlock> unwanted{};
  while (size > 0) {
    const auto piece = std::span(unwanted).first(std::min<std::uint64_t>(size, unwanted.size()));
    const auto got = TRY(bytes_.read(piece));
    if (got == 0) return cut_short();
    size -= got;
  }
  return {};
}

base::Status TarReader::pass_over_sparse_map(const Header& header) {
  std::array<char, kBlock> block{};
  std::memcpy(block.data(), &header, kBlock);
  bool goes_on = block[kFirstMapGoesOn] != 0;
  while (goes_on) {
    if (TRY(base::read_fully(bytes_, block)) < kBlock) return cut_short();
    goes_on = block[kLaterMapGoesOn] != 0;
  }
  return {};
}

// The content of an extension header, whose size is in size_.
base::Result<std::string> TarReader::extension() {
  if (size_ > kMostExtension) return damaged();
  auto text = TRY(content(kMostExtension));
  return std::move(*text);
}

base::Status TarReader::take_extension(char type) {
  const auto text = TRY(extension());
  if (type == 'L') extended_.path = text.substr(0, text.find('\0'));
  if (type == 'K') extended_.target = text.substr(0, text.find('\0'));
  if (type == 'x') return take_pax(text);
  return {};
}

base::Status TarReader::take_pax(const std::string& records) {
  std::string_view rest = records;
  while (!rest.empty() && rest.front() != '\0') {
    const auto blank = rest.find(' ');
    if (blank == std::string_view::npos) return damaged();
    const auto length = base::parse_number<std::size_t>(rest.substr(0, blank));
    if (!length || *length <= blank + 1 || *length > rest.size()) return damaged();
    auto record = rest.substr(blank + 1, *length - blank - 1);
    rest.remove_prefix(*length);
    if (!record.ends_with('\n')) return damaged();
    record.remove_suffix(1);
    const auto equals = record.find('=');
    if (equals == std::string_view::npos) return damaged();
    const auto key = record.substr(0, equals);
    const auto value = record.substr(equals + 1);
    if (key == "path") extended_.path = std::string(value.substr(0, value.find('\0')));
    if (key == "linkpath") extended_.target = std::string(value.substr(0, value.find('\0')));
    if (key == "mtime") {
      extended_.changed_s = base::parse_number<std::int64_t>(value.substr(0, value.find('.')));
    }
    if (key.starts_with("GNU.sparse.")) extended_.is_sparse = true;
    if (key != "size") continue;
    extended_.size = base::parse_number(value);
    if (!extended_.size) return damaged();
  }
  return {};
}

TarMember TarReader::member(const Header& header) {
  TarMember member;
  std::string name(text_of(header.name));
  // GNU's own older format has other fields in the place of the prefix, and "ustar  ".
  const bool has_prefix = std::string_view(header.magic, 6) == std::string_view("ustar\0", 6);
  const auto prefix = text_of(header.prefix);
  if (has_prefix && !prefix.empty()) name = std::string(prefix) + '/' + name;
  auto path = cleaned(extended_.path.value_or(name));
  member.path = std::move(path.path);
  member.leads_out = path.leads_out;
  member.kind = extended_.is_sparse ? TarKind::kSparse : kind_of(header.type);
  // Before POSIX, a folder was a file with "/" at the end of its name.
  if (member.kind == TarKind::kFile && name.ends_with('/')) member.kind = TarKind::kFolder;
  member.size = size_;
  const auto changed = number_of(header.changed);
  const bool is_time =
      changed && *changed <= std::uint64_t{std::numeric_limits<std::int32_t>::max()} * 4;
  member.changed_s =
      extended_.changed_s.value_or(is_time ? static_cast<std::int64_t>(*changed) : 0);
  member.target = extended_.target.value_or(std::string(text_of(header.target)));
  if (member.kind == TarKind::kHardLink) {
    auto target = cleaned(member.target);
    member.target = std::move(target.path);
    member.leads_out = member.leads_out || target.leads_out;
  }
  return member;
}

base::Result<std::optional<TarMember>> TarReader::next() {
  if (has_ended_) return std::nullopt;
  extended_ = {};
  while (true) {
    TRY(pass_over(left_));
    left_ = size_ = 0;
    Header header{};
    if (!TRY(read_header(header))) {
      has_ended_ = true;
      return std::nullopt;
    }
    const bool is_extension = header.type == 'L' || header.type == 'K' || header.type == 'x' ||
                              header.type == 'g' || header.type == 'X';
    auto size = number_of(header.size);
    if (!is_extension && extended_.size) size = extended_.size;
    if (!size || *size > kMostSize) return damaged();
    if (header.type == 'S') TRY(pass_over_sparse_map(header));
    size_ = has_content(header.type) ? *size : 0;
    left_ = filled_up(size_);
    if (!is_extension) return member(header);
    TRY(take_extension(header.type));
  }
}

base::Result<std::optional<std::string>> TarReader::content(std::size_t most_bytes) {
  if (size_ > most_bytes) return std::nullopt;
  // As it comes, not as the header says: a short archive must not make us set aside what it claims.
  std::string text;
  while (text.size() < size_) {
    const auto filled = text.size();
    text.resize(filled + std::min<std::uint64_t>(size_ - filled, std::size_t{1} << 20));
    const auto got = TRY(base::read_fully(bytes_, std::span(text).subspan(filled)));
    if (filled + got < text.size()) return cut_short();
  }
  left_ -= size_;
  size_ = 0;
  return text;
}

}  // namespace formats
