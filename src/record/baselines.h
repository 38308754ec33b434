// Baselines: windows of normal, kept under names of the user's choice.
//
// A baseline is the evidence of a window and nothing else: it is judged anew each time it is looked
// at. On disk it is one file of whydrop.evidence/1, packed by gzip, whose checksum tells damage.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"

namespace record {

class Baselines {
 public:
  // `folder` need not exist.
  explicit Baselines(std::string folder) : folder_(std::move(folder)) {}

  // Whether a baseline can be saved under this name: what save() would only find out after the
  // window. Makes the folder (mode 0700). Error: not a name (letters, digits and ._-, starting with
  // a letter or digit, up to 64), taken, or the folder cannot be written.
  [[nodiscard]] base::Status prepare(std::string_view name, bool may_replace) const;

  // Writes it beside the old one and renames: after a crash there is the one or the other. Mode
  // 0600: evidence holds addresses and names of processes. Error: as prepare(), or a full disk.
  [[nodiscard]] base::Status save(std::string_view name, const model::Evidence& evidence,
                                  bool may_replace) const;

  // Error: there is none of this name, or its file is damaged, cut short or of another version.
  [[nodiscard]] base::Result<model::Evidence> load(std::string_view name) const;

  [[nodiscard]] bool has(std::string_view name) const;

  // Sorted. None where there is no folder. Error: the folder cannot be read.
  [[nodiscard]] base::Result<std::vector<std::string>> names() const;

  // Error: there is none of this name, or it cannot be removed.
  [[nodiscard]] base::Status remove(std::string_view name) const;

  [[nodiscard]] std::string path_of(std::string_view name) const;

 private:
  std::string folder_;
};

[[nodiscard]] bool is_baseline_name(std::string_view name);

// Those that this host keeps (state_folder.h).
[[nodiscard]] Baselines kept_baselines();

}  // namespace record
