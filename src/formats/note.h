// One line of facts that both people and programs read, as it stands in the comment of a packet:
//
//   whydrop reason=SOCKET_RCVBUFF at=udp_queue_rcv_one_skb+0x437 dev=eth0 comm="Web Content" n=37
//
// Fields keep their order. A value stands bare where it can; with a blank, '=', '"', '\' or
// anything that base::printable() would change, or empty, it stands in quotes, in which \" \\ and
// \xNN are escapes. So any bytes come back as they were, and the line is UTF-8 that no terminal
// obeys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace formats {

class Note {
 public:
  struct Field {
    std::string key;
    std::string value;
    friend bool operator==(const Field&, const Field&) = default;
  };

  // `key` is of a-z, 0-9, '_', '-' and '.'. A key that is already there gets the new value.
  Note& set(std::string_view key, std::string_view value);
  Note& set(std::string_view key, std::uint64_t value);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const;
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }

  // The line, without a newline.
  [[nodiscard]] std::string text() const;

  // Nothing where the first line of `text` is no note, or a damaged one. Of a key that stands there
  // twice, the last value holds.
  [[nodiscard]] static std::optional<Note> parse(std::string_view text);
  // The first of `comments` that is a note.
  [[nodiscard]] static std::optional<Note> among(const std::vector<std::string>& comments);

  friend bool operator==(const Note&, const Note&) = default;

 private:
  std::vector<Field> fields_;
};

}  // namespace formats
