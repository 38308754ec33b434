#include "formats/pcapng_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "formats/pcapng_codes.h"

namespace formats {
namespace {

constexpr size_t kBufferBytes = size_t{64} << 10;
constexpr size_t kReadBytes = size_t{256} << 10;
// Whoever has kept as many files has other worries than their names.
constexpr std::uint32_t kLastNumber = 9'999'999;
constexpr mode_t kOwnerOnly = 0600;  // packets hold what users said

bool is_regular(int fd) {
  struct stat about{};
  return fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

// Of the file at `path` itself, or, where that is empty, of what is open as `fd`.
std::optional<std::array<std::uint64_t, 5>> identity_of(int fd, const std::string& path) {
  struct statx about{};
  const int follow = path.empty() ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;
  if (statx(fd, path.c_str(), follow, STATX_INO | STATX_BTIME, &about) != 0) return {};
  // Where a file system keeps no time of birth, that is 0.
  return std::array<std::uint64_t, 5>{about.stx_dev_major, about.stx_dev_minor, about.stx_ino,
                                      static_cast<std::uint64_t>(about.stx_btime.tv_sec),
                                      about.stx_btime.tv_nsec};
}

// "a/drops.pcapng" -> "a/drops_00007.pcapng". A dot that begins the name begins no extension.
std::string numbered(const std::string& path, std::uint32_t number) {
  const auto slash = path.rfind('/');
  const size_t name = slash == std::string::npos ? 0 : slash + 1;
  auto dot = path.rfind('.');
  if (dot == std::string::npos || dot <= name) dot = path.size();
  char text[16];
  std::snprintf(text, sizeof text, "_%05u", number);
  return path.substr(0, dot) + text + path.substr(dot);
}

// Waits where a pipe is full and does not wait by itself. Returns the errno, or 0.
int write_some(int fd, std::string_view bytes, size_t& written) {
  while (written < bytes.size()) {
    const auto rest = bytes.substr(written);
    const ssize_t count = ::write(fd, rest.data(), rest.size());
    if (count >= 0) {
      written += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

PcapngFile::PcapngFile(Options options, std::int64_t start_ns)
    : options_(std::move(options)), writer_(options_.source, options_.snaplen, start_ns) {}

base::Result<PcapngFile> PcapngFile::create(Options options, std::int64_t start_ns) {
  if (options.file_bytes == 0 && options.files > 0) {
    return base::failure("keep " + std::to_string(options.files) +
                             " files: there is no size at which a new one begins",
                         "give a size, too");
  }
  if (options.file_bytes > 0 && options.path == "-") {
    return base::failure("write several files to standard output: it is one", "name a file");
  }
  PcapngFile file(std::move(options), start_ns);
  TRY(file.checked(file.begin(start_ns)));
  return file;
}

PcapngFile::~PcapngFile() {
  if (file_.is_open() && !failed_) static_cast<void>(write_out());
}

base::Status PcapngFile::checked(base::Status status) {
  if (!status) {
    failed_ = status.error();
    file_.reset();
  }
  return status;
}

base::Status PcapngFile::begin(std::int64_t start_ns) {
  if (options_.path == "-") {
    TRY(open_standard_output());
  } else if (options_.file_bytes == 0) {
    TRY(open_single());
  } else {
    TRY(remove_old());
    TRY(open_numbered());
  }
  writer_ = PcapngWriter(options_.source, options_.snaplen, start_ns);
  flushed_ = 0;
  in_file_ = 0;
  writer_.append_header(buffer_);
  // So that there is no moment at which the file is none.
  return write_out();
}

base::Status PcapngFile::open_standard_output() {
  path_ = "standard output";
  if (isatty(STDOUT_FILENO) == 1) {
    return base::failure("write packets to the terminal: they are no text",
                         "send them on, as in '-w - | tshark -r -'");
  }
  file_ = base::Descriptor(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!file_.is_open()) return base::system_failure("open standard output", errno);
  return {};
}

// Links are followed: -w /dev/fd/63 is how a shell hands over a pipe.
base::Status PcapngFile::open_single() {
  path_ = options_.path;
  file_ =
      base::Descriptor(open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly));
  if (!file_.is_open()) return base::system_failure("create " + path_, errno);
  // One that was there keeps its mode otherwise. Some file systems have no modes to change.
  if (is_regular(file_.get())) static_cast<void>(fchmod(file_.get(), kOwnerOnly));
  return {};
}

base::Status PcapngFile::open_numbered() {
  while (number_ < kLastNumber) {
    path_ = numbered(options_.path, ++number_);
    const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
    if (fd < 0 && errno == EEXIST) continue;
    if (fd < 0) return base::system_failure("create " + path_, errno);
    file_ = base::Descriptor(fd);
    const auto identity = identity_of(fd, {});
    if (!identity) return base::system_failure("look at " + path_, errno);
    kept_.push_back({path_, *identity});
    return {};
  }
  return base::failure("create another file after " + path_ + ": there are no more numbers");
}

// Makes room for one more. A file that somebody has moved away is his now, and so is another that
// has got its name.
base::Status PcapngFile::remove_old() {
  while (options_.files > 0 && kept_.size() >= options_.files) {
    const auto oldest = kept_.front();
    const bool is_ours = identity_of(AT_FDCWD, oldest.path) == oldest.identity;
    if (is_ours && unlink(oldest.path.c_str()) != 0 && errno != ENOENT) {
      return base::system_failure("remove " + oldest.path, errno);
    }
    kept_.pop_front();
  }
  return {};
}

base::Status PcapngFile::write(const model::CapturedPacket& packet) {
  if (failed_) return std::unexpected(*failed_);
  const auto length = flushed_ + buffer_.size() + writer_.statistics_bytes();
  if (options_.file_bytes > 0 && in_file_ > 0 &&
      length + writer_.bytes_of(packet) > options_.file_bytes) {
    TRY(checked(end(packet.time_ns)));
    TRY(checked(begin(packet.time_ns)));
  }
  writer_.append(packet, buffer_);
  ++in_file_;
  ++packets_;
  return buffer_.size() < kBufferBytes ? base::Status() : flush();
}

base::Status PcapngFile::add_left_out(const model::CaptureInterface& interface,
                                      std::uint64_t events) {
  if (failed_) return std::unexpected(*failed_);
  if (events > 0) writer_.add_left_out(interface, events, buffer_);
  return {};
}

base::Status PcapngFile::flush() {
  if (failed_) return std::unexpected(*failed_);
  return checked(write_out());
}

base::Status PcapngFile::close(std::int64_t end_ns) {
  if (failed_) return std::unexpected(*failed_);
  TRY(checked(end(end_ns)));
  failed_ = base::Error{"write " + path_ + ": it was closed before", {}, 0};
  return {};
}

base::Status PcapngFile::end(std::int64_t end_ns) {
  writer_.append_statistics(end_ns, buffer_);
  TRY(write_out());
  // Some file systems tell only now that there was no room.
  const int fd = file_.release();
  if (::close(fd) != 0 && errno != EINTR) return base::system_failure("write " + path_, errno);
  return {};
}

base::Status PcapngFile::write_out() {
  size_t written = 0;
  const int reason = write_some(file_.get(), buffer_, written);
  if (reason != 0) {
    cut_back(written);
    return base::system_failure("write " + path_, reason);
  }
  flushed_ += written;
  buffer_.clear();
  return {};
}

// A block of which only a part has found room is taken off again.
void PcapngFile::cut_back(size_t written) {
  if (!is_regular(file_.get())) return;
  size_t whole = 0;
  while (whole < buffer_.size()) {
    const auto length =
        pcapng::number_at<std::uint32_t>(buffer_, whole + 4, pcapng::ByteOrder::kLittle);
    if (whole + length > written) break;
    whole += length;
  }
  static_cast<void>(ftruncate(file_.get(), static_cast<off_t>(flushed_ + whole)));
}

base::Result<PcapngEnd> read_pcapng_file(const std::string& path, PcapngReader& reader) {
  const bool is_input = path == "-";
  const std::string name = is_input ? "standard input" : path;
  base::Descriptor file;
  if (!is_input) {
    file = base::Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return base::system_failure("open " + name, errno);
  }
  const auto told = [&](const base::Error& error) {
    return base::failure("read " + name + ": " + error.what, error.hint);
  };
  std::string buffer(kReadBytes, '\0');
  while (!reader.has_enough()) {
    const ssize_t count =
        ::read(is_input ? STDIN_FILENO : file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::system_failure("read " + name, errno);
    if (count == 0) break;
    const auto fed = reader.feed(std::string_view(buffer).substr(0, static_cast<size_t>(count)));
    if (!fed) return told(fed.error());
  }
  auto end = reader.finish();
  if (!end) return told(end.error());
  return end;
}

}  // namespace formats
