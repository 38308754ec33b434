// Builds tar archives in memory, also such as no program would write: for tests.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace formats {

class TarBuilder {
 public:
  struct Member {
    std::string name;
    std::string content;
    char type = '0';
    std::string target;
    std::string size;  // as it stands in the header; "" = that of the content, octal
    std::string prefix;
    std::uint64_t changed_s = 0;
  };

  TarBuilder& file(const std::string& name, const std::string& content) {
    return add({.name = name, .content = content});
  }

  TarBuilder& add(const Member& member) {
    std::string block(512, '\0');
    const auto put = [&](std::size_t at, std::string_view text, std::size_t most) {
      block.replace(at, std::min(text.size(), most), text.substr(0, most));
    };
    put(0, member.name, 100);
    put(100, "0000644", 8);
    put(124, member.size.empty() ? octal(member.content.size()) : member.size, 12);
    put(136, octal(member.changed_s), 12);
    block[156] = member.type;
    put(157, member.target, 100);
    put(257,
        std::string_view("ustar\0"
                         "00",
                         8),
        8);
    put(345, member.prefix, 155);
    put(148, checksum(block), 8);
    archive_ += block + member.content;
    archive_.resize((archive_.size() + 511) / 512 * 512);
    return *this;
  }

  // A member with a name, a size or a target of any length, by a pax record.
  TarBuilder& pax(std::string_view key, const std::string& value) {
    const std::string body = " " + std::string(key) + "=" + value + "\n";
    auto length = body.size() + 1;
    while (std::to_string(length).size() + body.size() != length) ++length;
    return add({.name = "PaxHeaders/x", .content = std::to_string(length) + body, .type = 'x'});
  }

  [[nodiscard]] std::string end() const { return archive_ + std::string(1024, '\0'); }
  [[nodiscard]] const std::string& without_end() const { return archive_; }

 private:
  static std::string octal(std::uint64_t number) {
    char text[24];
    std::snprintf(text, sizeof text, "%011llo", static_cast<unsigned long long>(number));
    return text;
  }

  static std::string checksum(const std::string& block) {
    unsigned sum = 8 * ' ';
    for (const char byte : block) sum += static_cast<unsigned char>(byte);
    char text[16];
    std::snprintf(text, sizeof text, "%06o", sum);
    return std::string(text) + std::string("\0 ", 2);
  }

  std::string archive_;
};

}  // namespace formats
