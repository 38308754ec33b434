// docker: /var/lib/docker/containers/ID/config.v2.json. containerd: the OCI configuration of each
// task, whose annotations hold what Kubernetes (containerd: pkg/cri/annotations) or nerdctl calls
// it. podman and CRI-O share containers/storage, which lists all names in one file.
#include "host/container_name.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace host {
namespace {

using Json = nlohmann::json;

constexpr auto kDocker = "/var/lib/docker/containers/";
constexpr auto kContainerd = "/run/containerd/io.containerd.runtime.v2.task/";
constexpr auto kStorage = "/var/lib/containers/storage/";

// An object that holds nothing where the file is missing or damaged.
Json read_json(const base::Files& files, const std::string& path) {
  const auto text = files.read(path);
  if (!text) return Json::object();
  auto json = Json::parse(*text, nullptr, false);
  return json.is_discarded() ? Json::object() : json;
}

std::string text_at(const Json& object, const std::string& key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string docker_name(const base::Files& files, const std::string& id) {
  auto name = text_at(read_json(files, kDocker + id + "/config.v2.json"), "Name");
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

std::string name_in_annotations(const Json& annotations) {
  const auto pod = text_at(annotations, "io.kubernetes.cri.sandbox-name");
  if (pod.empty()) return text_at(annotations, "nerdctl/name");
  auto name = text_at(annotations, "io.kubernetes.cri.sandbox-namespace") + "/" + pod;
  const auto container = text_at(annotations, "io.kubernetes.cri.container-name");
  return container.empty() ? name : name + "/" + container;
}

// containerd keeps the tasks of each of its users (docker, Kubernetes) apart.
std::string containerd_name(const base::Files& files, const std::string& id) {
  for (const auto& user : files.list(kContainerd).value_or(std::vector<std::string>())) {
    const auto config = read_json(files, kContainerd + user + "/" + id + "/config.json");
    if (!config.contains("annotations")) continue;
    auto name = name_in_annotations(config["annotations"]);
    if (!name.empty()) return name;
  }
  return {};
}

}  // namespace

std::optional<std::string> ContainerNames::of(const std::string& id) {
  auto name = docker_name(files_, id);
  if (name.empty()) name = containerd_name(files_, id);
  if (!name.empty()) return name;
  const auto found = storage().find(id);
  return found == storage().end() ? std::nullopt : std::optional(found->second);
}

// A folder for each kind of storage: "overlay-containers", "vfs-containers".
const ContainerNames::NamesById& ContainerNames::storage() {
  if (storage_) return *storage_;
  storage_.emplace();
  for (const auto& folder : files_.list(kStorage).value_or(std::vector<std::string>())) {
    if (!folder.ends_with("-containers")) continue;
    const auto list = read_json(files_, kStorage + folder + "/containers.json");
    if (!list.is_array()) continue;
    for (const auto& container : list) {
      const auto names = container.find("names");
      const bool named = names != container.end() && names->is_array() && !names->empty() &&
                         names->front().is_string();
      if (named) storage_->insert_or_assign(text_at(container, "id"), names->front());
    }
  }
  return *storage_;
}

}  // namespace host
