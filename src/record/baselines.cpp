#include "record/baselines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "base/files.h"
#include "base/gzip.h"
#include "base/text.h"
#include "formats/evidence_file.h"
#include "record/state_folder.h"

namespace record {
namespace {

constexpr std::string_view kEnding = ".json.gz";
constexpr std::size_t kLongestName = 64;
constexpr unsigned kOwnersFolder = 0700;
constexpr unsigned kOwnersFile = 0600;

bool is_letter_or_digit(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

base::Status check_name(std::string_view name) {
  if (is_baseline_name(name)) return {};
  return base::failure(fmt::format("'{}' is no name for a baseline", base::printable(name)),
                       "letters, digits, dots, dashes and underscores; first a letter or digit");
}

// With all folders above it.
base::Status make_folder(const std::string& path) {
  for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const auto part = path.substr(0, slash);
    if (mkdir(part.c_str(), kOwnersFolder) != 0 && errno != EEXIST) {
      return base::system_failure("make the folder " + part, errno);
    }
    if (slash == std::string::npos) return {};
  }
}

bool exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

}  // namespace

bool is_baseline_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName || !is_letter_or_digit(name.front())) return false;
  return std::ranges::all_of(name, [](char letter) {
    return is_letter_or_digit(letter) || letter == '.' || letter == '_' || letter == '-';
  });
}

std::string Baselines::path_of(std::string_view name) const {
  return fmt::format("{}/{}{}", folder_, name, kEnding);
}

base::Status Baselines::prepare(std::string_view name, bool may_replace) const {
  TRY(check_name(name));
  if (!may_replace && exists(path_of(name))) {
    return base::failure(fmt::format("there is a baseline '{}' already", name),
                         "--replace, or another name");
  }
  TRY(make_folder(folder_));
  if (access(folder_.c_str(), W_OK) != 0) return base::system_failure("write to " + folder_, errno);
  return {};
}

base::Status Baselines::save(std::string_view name, const model::Evidence& evidence,
                             bool may_replace) const {
  TRY(prepare(name, may_replace));
  const auto packed = TRY(base::gzip(formats::write_evidence(evidence)));
  return base::write_file_atomically(path_of(name), packed, kOwnersFile);
}

base::Result<model::Evidence> Baselines::load(std::string_view name) const {
  TRY(check_name(name));
  const auto path = path_of(name);
  if (!exists(path)) {
    return base::failure(fmt::format("there is no baseline '{}'", name),
                         "`whydrop baseline list` shows those that there are");
  }
  const auto packed = TRY(base::system_files()->read(path));
  auto evidence = formats::read_evidence(packed);
  if (!evidence) {
    return base::failure(fmt::format("baseline '{}' ({}): {}", name, path, evidence.error().what),
                         evidence.error().hint);
  }
  return evidence;
}

bool Baselines::has(std::string_view name) const {
  return is_baseline_name(name) && exists(path_of(name));
}

base::Result<std::vector<std::string>> Baselines::names() const {
  if (!exists(folder_)) return std::vector<std::string>();
  std::vector<std::string> found;
  for (const auto& file : TRY(base::system_files()->list(folder_))) {
    if (!file.ends_with(kEnding)) continue;
    const auto name = file.substr(0, file.size() - kEnding.size());
    if (is_baseline_name(name)) found.push_back(name);
  }
  return found;
}

base::Status Baselines::remove(std::string_view name) const {
  TRY(check_name(name));
  if (unlink(path_of(name).c_str()) == 0) return {};
  if (errno == ENOENT) {
    return base::failure(fmt::format("there is no baseline '{}'", name),
                         "`whydrop baseline list` shows those that there are");
  }
  return base::system_failure("remove " + path_of(name), errno);
}

Baselines kept_baselines() {
  return Baselines(state_folder() + "/baselines");
}

}  // namespace record
