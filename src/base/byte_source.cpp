#include "base/byte_source.h"

#include <fcntl.h>
#include <lzma.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/descriptor.h"

namespace base {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;
// xz -9 asks for 65 MiB; a file may ask for 4 GiB.
constexpr std::uint64_t kMostXzMemory = std::uint64_t{128} << 20;
// "windowBits can also be greater than 15 for optional gzip" (zlib.h): 16 is added for gzip alone.
constexpr int kGzip = 15 + 16;

class TextBytes : public ByteSource {
 public:
  explicit TextBytes(std::string_view text) : rest_(text) {}
  Result<std::size_t> read(std::span<char> room) override {
    const auto taken = rest_.copy(room.data(), room.size());
    rest_.remove_prefix(taken);
    return taken;
  }

 private:
  std::string_view rest_;
};

class FileBytes : public ByteSource {
 public:
  FileBytes(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  Result<std::size_t> read(std::span<char> room) override {
    while (true) {
      const ssize_t got = ::read(file_.get(), room.data(), room.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return system_failure("read " + path_, errno);
    }
  }

 private:
  Descriptor file_;
  std::string path_;
};

// Gives back what was read to see how it starts, and then the rest.
class Reread : public ByteSource {
 public:
  Reread(std::string start, std::unique_ptr<ByteSource> rest)
      : start_(std::move(start)), rest_(std::move(rest)) {}
  Result<std::size_t> read(std::span<char> room) override {
    if (at_ == start_.size()) return rest_->read(room);
    const auto taken = std::string_view(start_).substr(at_).copy(room.data(), room.size());
    at_ += taken;
    return taken;
  }

 private:
  std::string start_;
  std::size_t at_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

// Ends with an error where more comes than may.
class Limited : public ByteSource {
 public:
  Limited(std::unique_ptr<ByteSource> source, std::uint64_t most)
      : source_(std::move(source)), left_(most) {}
  Result<std::size_t> read(std::span<char> room) override {
    const auto got = TRY(source_->read(room));
    if (got > left_) return failure("unpack: it holds more than whydrop would ever read");
    left_ -= got;
    return got;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::uint64_t left_;
};

// The input of an unpacker: a piece at a time.
class Input {
 public:
  explicit Input(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), buffer_(kPiece) {}
  // The next piece; empty at the end.
  Result<std::span<char>> next() {
    const auto got = TRY(source_->read(buffer_));
    return std::span(buffer_).first(got);
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
};

class Gunzipped : public ByteSource {
 public:
  explicit Gunzipped(std::unique_ptr<ByteSource> source) : input_(std::move(source)) {
    is_ready_ = inflateInit2(&stream_, kGzip) == Z_OK;
  }
  ~Gunzipped() override {
    if (is_ready_) inflateEnd(&stream_);
  }
  Gunzipped(const Gunzipped&) = delete;
  Gunzipped& operator=(const Gunzipped&) = delete;

  Result<std::size_t> read(std::span<char> room) override {
    if (!is_ready_) return failure("unpack: out of memory");
    const auto wanted = std::min(room.size(), kPiece);
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = static_cast<uInt>(wanted);
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0) {
        const auto piece = TRY(input_.next());
        if (piece.empty() && ended_) return std::size_t{0};
        if (piece.empty()) return failure("unpack: the file is cut short");
        stream_.next_in = reinterpret_cast<Bytef*>(piece.data());
        stream_.avail_in = static_cast<uInt>(piece.size());
      }
      // Another packed stream may follow (cat a.gz b.gz), and zeros up to the end of a block.
      if (ended_ && *stream_.next_in == 0) {
        stream_.avail_in = 0;
        continue;
      }
      if (ended_ && inflateReset(&stream_) != Z_OK) return failure("unpack: the file is damaged");
      const int state = inflate(&stream_, Z_NO_FLUSH);
      if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
        return failure("unpack: the file is damaged");
      }
      ended_ = state == Z_STREAM_END;
    }
    return wanted - stream_.avail_out;
  }

 private:
  Input input_;
  z_stream stream_{};
  bool is_ready_ = false;
  bool ended_ = false;
};

class Unxzed : public ByteSource {
 public:
  explicit Unxzed(std::unique_ptr<ByteSource> source) : input_(std::move(source)) {
    is_ready_ = lzma_stream_decoder(&stream_, kMostXzMemory, LZMA_CONCATENATED) == LZMA_OK;
  }
  ~Unxzed() override { lzma_end(&stream_); }
  Unxzed(const Unxzed&) = delete;
  Unxzed& operator=(const Unxzed&) = delete;

  Result<std::size_t> read(std::span<char> room) override {
    if (!is_ready_) return failure("unpack: out of memory");
    if (ended_) return std::size_t{0};
    stream_.next_out = reinterpret_cast<std::uint8_t*>(room.data());
    stream_.avail_out = room.size();
    while (stream_.avail_out == room.size() && !ended_) {
      if (stream_.avail_in == 0 && !is_last_) {
        const auto piece = TRY(input_.next());
        is_last_ = piece.empty();
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(piece.data());
        stream_.avail_in = piece.size();
      }
      const auto state = lzma_code(&stream_, is_last_ ? LZMA_FINISH : LZMA_RUN);
      if (state == LZMA_MEMLIMIT_ERROR) {
        return failure("unpack: it asks for more than 128 MiB of memory to be unpacked",
                       "unpack it with `xz -d` and name the result");
      }
      if (state == LZMA_BUF_ERROR) return failure("unpack: the file is cut short");
      if (state != LZMA_OK && state != LZMA_STREAM_END) {
        return failure("unpack: the file is damaged");
      }
      ended_ = state == LZMA_STREAM_END;
    }
    return room.size() - stream_.avail_out;
  }

 private:
  Input input_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool is_ready_ = false;
  bool is_last_ = false;
  bool ended_ = false;
};

struct Other {
  std::string_view start;
  std::string_view program;
};
constexpr auto kOthers = std::to_array<Other>({
    {"BZh", "bzip2"},
    {"\x28\xb5\x2f\xfd", "zstd"},
    {"\x04\x22\x4d\x18", "lz4"},
    {"PK\x03\x04", "zip"},
});

}  // namespace

std::unique_ptr<ByteSource> bytes_of(std::string_view text) {
  return std::make_unique<TextBytes>(text);
}

Result<std::unique_ptr<ByteSource>> open_bytes(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return system_failure("open " + path, errno);
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return system_failure("stat " + path, errno);
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
    return failure(path + " is neither a file nor a pipe");
  }
  return std::make_unique<FileBytes>(std::move(file), path);
}

Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> source,
                                             std::uint64_t most_bytes) {
  std::string start(6, '\0');
  start.resize(TRY(read_fully(*source, start)));
  for (const auto& other : kOthers) {
    if (!start.starts_with(other.start)) continue;
    return failure("it is packed by " + std::string(other.program),
                   "whydrop unpacks gzip and xz: unpack it first");
  }
  const bool gzip = start.starts_with("\x1f\x8b");
  const bool xz = start == std::string_view(
                               "\xfd"
                               "7zXZ\0",
                               6);
  std::unique_ptr<ByteSource> whole = std::make_unique<Reread>(start, std::move(source));
  if (gzip) whole = std::make_unique<Gunzipped>(std::move(whole));
  if (xz) whole = std::make_unique<Unxzed>(std::move(whole));
  return std::make_unique<Limited>(std::move(whole), most_bytes);
}

Result<std::size_t> read_fully(ByteSource& source, std::span<char> room) {
  std::size_t filled = 0;
  while (filled < room.size()) {
    const auto got = TRY(source.read(room.subspan(filled)));
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

}  // namespace base
