// What people call a container, as the state files of its runtime tell: docker, containerd (and
// Kubernetes on it), podman and CRI-O. Reading them takes root's rights, and no daemon is asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"

namespace host {

class ContainerNames {
 public:
  explicit ContainerNames(const base::Files& files) : files_(files) {}

  // `id`: all 64 digits. "web", or of a pod's container "NAMESPACE/POD/CONTAINER" ("NAMESPACE/POD"
  // of the one that holds the pod's namespaces); nothing where no runtime knows it or its files may
  // not be read.
  [[nodiscard]] std::optional<std::string> of(const std::string& id);

 private:
  using NamesById = std::map<std::string, std::string, std::less<>>;
  [[nodiscard]] const NamesById& storage();

  const base::Files& files_;
  std::optional<NamesById> storage_;  // podman's and CRI-O's: one file for all containers
};

}  // namespace host
