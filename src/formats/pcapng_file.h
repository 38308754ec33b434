// pcapng on disk, or in a pipe: a file or a ring of files that is written, and a file that is read.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "base/error.h"
#include "formats/pcapng_read.h"
#include "formats/pcapng_write.h"
#include "model/captured_packet.h"

namespace formats {

// What is written stays readable whatever happens: only whole blocks reach the file, and where the
// disk is full the file is cut back to its last whole block. Each file of a ring can be read
// without the others.
class PcapngFile {
 public:
  struct Options {
    std::string path;  // "-" = standard output
    PcapngSource source;
    std::uint32_t snaplen = 0;  // as PcapngWriter's
    // A packet that would make its file longer than this begins a new one; 0 = there is one file.
    std::uint64_t file_bytes = 0;
    std::uint32_t files = 0;  // of the files of this run, the newest so many are kept; 0 = all
  };

  // Makes the file, of mode 0600; one that is there is written anew. With `file_bytes`,
  // "drops.pcapng" becomes "drops_00001.pcapng", "drops_00002.pcapng" …, without the numbers that
  // are taken. Error: the file cannot be made, standard output is a terminal, or the options
  // contradict each other.
  [[nodiscard]] static base::Result<PcapngFile> create(Options options, std::int64_t start_ns);

  PcapngFile(PcapngFile&&) = default;
  PcapngFile& operator=(PcapngFile&&) = delete;
  // Writes what is left, without statistics: close() tells whether that was possible.
  ~PcapngFile();

  // It reaches the file with the next flush(), or when there is much of it. Error:
  // "write PATH: No space left on device"; nothing more is written then, and each call says so.
  [[nodiscard]] base::Status write(const model::CapturedPacket& packet);

  // Counts events that were left out after the last packet of the interface.
  [[nodiscard]] base::Status add_left_out(const model::CaptureInterface& interface,
                                          std::uint64_t events);

  // To be called at least each second, or a slow trace looks empty.
  [[nodiscard]] base::Status flush();

  // Adds each interface's statistics and closes the file. Error: as write().
  [[nodiscard]] base::Status close(std::int64_t end_ns);

  // The file that is being written; of a ring, the newest.
  [[nodiscard]] const std::string& path() const { return path_; }
  // Packets that were taken, those in files that a ring has removed included.
  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  // A file of this run: its name may be another's by the time it is to be removed.
  struct Written {
    std::string path;
    // Numbers of device and inode, and when it was born: a number of an inode is given again.
    std::array<std::uint64_t, 5> identity{};
  };

  PcapngFile(Options options, std::int64_t start_ns);

  base::Status begin(std::int64_t start_ns);
  base::Status end(std::int64_t end_ns);
  base::Status open_standard_output();
  base::Status open_single();
  base::Status open_numbered();
  base::Status remove_old();
  base::Status write_out();
  void cut_back(std::size_t written);
  // Remembers what went wrong.
  base::Status checked(base::Status status);

  Options options_;
  PcapngWriter writer_;
  base::Descriptor file_;
  std::string path_;
  std::uint32_t number_ = 0;
  std::deque<Written> kept_;
  std::string buffer_;         // whole blocks
  std::uint64_t flushed_ = 0;  // bytes of this file that are on disk
  std::uint64_t in_file_ = 0;  // packets of this file
  std::uint64_t packets_ = 0;
  std::optional<base::Error> failed_;
};

// Feeds the file to `reader` until it ends or the reader has enough. "-" = standard input. Error:
// "read PATH: …", as PcapngReader's, or it cannot be opened.
[[nodiscard]] base::Result<PcapngEnd> read_pcapng_file(const std::string& path,
                                                       PcapngReader& reader);

}  // namespace formats
