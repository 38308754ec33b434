#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace base {
namespace {

// zlib counts in 32 bits: what is longer is handed over piece by piece.
constexpr std::size_t kPiece = std::size_t{1} << 20;
// "windowBits can also be greater than 15 for optional gzip" (zlib.h): 16 is added for gzip alone.
constexpr int kGzip = 15 + 16;
constexpr int kMemory = 8;

Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

// What is left of `input` and not yet handed over goes to the stream; true where that was the end.
bool feed(z_stream& stream, std::string_view& input) {
  if (stream.avail_in == 0) {
    const auto piece = std::min(input.size(), kPiece);
    stream.next_in = bytes_of(input);
    stream.avail_in = static_cast<uInt>(piece);
    input.remove_prefix(piece);
  }
  return input.empty();
}

// The next free piece at the end of `output`.
void make_room(z_stream& stream, std::string& output, std::size_t filled) {
  output.resize(filled + kPiece);
  stream.next_out = reinterpret_cast<Bytef*>(output.data() + filled);
  stream.avail_out = static_cast<uInt>(kPiece);
}

}  // namespace

Result<std::string> gzip(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return failure("compress: out of memory");
  }
  const std::unique_ptr<z_stream, decltype(&deflateEnd)> closer(&stream, &deflateEnd);
  std::string output;
  std::size_t filled = 0;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    const bool last = feed(stream, content);
    make_room(stream, output, filled);
    state = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
      return failure("compress: zlib refused");
    }
    filled += kPiece - stream.avail_out;
  }
  output.resize(filled);
  return output;
}

bool is_gzip(std::string_view bytes) {
  return bytes.starts_with("\x1f\x8b");
}

Result<std::string> gunzip(std::string_view bytes, std::size_t most_bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) return failure("unpack: out of memory");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> closer(&stream, &inflateEnd);
  std::string output;
  std::size_t filled = 0;
  while (true) {
    feed(stream, bytes);
    make_room(stream, output, filled);
    const int state = inflate(&stream, Z_NO_FLUSH);
    filled += kPiece - stream.avail_out;
    if (filled > most_bytes) return failure("unpack: larger than anything whydrop writes");
    if (state == Z_STREAM_END) break;
    if (state == Z_BUF_ERROR && bytes.empty()) return failure("unpack: the file is cut short");
    if (state != Z_OK && state != Z_BUF_ERROR) return failure("unpack: the file is damaged");
  }
  if (stream.avail_in != 0 || !bytes.empty()) return failure("unpack: the file is damaged");
  output.resize(filled);
  return output;
}

}  // namespace base
