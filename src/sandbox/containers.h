// Running containers as processes in them see them: files, environment, user. What a container's processes write lasts
// until the container ends; what comes from the API (ConfigMaps, Secrets, the pod itself) is read again each time that
// a process starts. Not thread-safe: one loop.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/container_files.h"
#include "sandbox/objects.h"
#include "sandbox/recorded_log.h"
#include "sandbox/recorder.h"

namespace fairlead::sandbox {

struct MainInput;

struct Container {
  std::string namespace_name, pod_name, pod_uid, name;
  std::int64_t restarts = 0;
  std::int64_t started_at = 0;
  json::value pod, spec;  // the pod, and the container's part of its spec
  ContainerFiles files;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory = "/";  // where processes start
  std::int64_t user = 0, group = 0;
  std::shared_ptr<MainInput> input;  // of its main process (main_process.h), when that reads what clients attach
};

class Containers {
 public:
  explicit Containers(Objects& objects) : objects_(objects), recorder_(objects) {}

  // Null when it does not run.
  std::shared_ptr<Container> running(const Object& pod, std::string_view name);
  bool alive(const Container& container) const;
  // Its main process ended: the kubelet starts it again, or not, as the pod's restartPolicy says.
  void end(const Container& container, std::int64_t exit_code);
  RunLogs& logs() { return logs_; }

 private:
  Objects& objects_;
  Recorder recorder_;
  RunLogs logs_;
  std::map<std::string, std::shared_ptr<Container>>
      opened_;  // by the pod's uid and the container's name; those that a process was started in
};

// container_environment.cpp: the variables that kubelet and runtime give to the container's processes.
std::vector<std::pair<std::string, std::string>> container_environment(const Objects& objects, const json::value& pod,
                                                                       const json::value& container);
// A word of a command with $(NAME) replaced; names that are unknown stay as they are, and $$ is a dollar.
std::string expand_references(std::string_view text,
                              const std::vector<std::pair<std::string, std::string>>& environment);
// What spec.env's fieldRef names, of a pod; empty where there is none.
std::string pod_field(const json::value& pod, std::string_view path);
// container_mounts.cpp: places the image's files, the runtime's and the volumes.
void place_image(Container& container, std::int64_t now);
void place_mounts(const Objects& objects, Container& container, std::int64_t now);

// The names and bytes of a ConfigMap or Secret; nothing where there is none.
using KeyedBytes = std::map<std::string, std::string>;
std::optional<KeyedBytes> bytes_of_config(const Objects& objects, std::string_view plural,
                                          std::string_view namespace_name, std::string_view name);

}  // namespace fairlead::sandbox
