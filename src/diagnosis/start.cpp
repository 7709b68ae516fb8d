// Containers that cannot be started: images, configuration, commands, volumes, the pod's sandbox.
#include <fmt/format.h>
#include <re2/re2.h>

#include "base/text.h"
#include "diagnosis/containers.h"
#include "diagnosis/lookup.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

bool has(std::string_view text, std::initializer_list<std::string_view> words) {
  for (auto word : words)
    if (text.find(word) != std::string_view::npos) return true;
  return false;
}

struct ImageFault {
  std::string_view code, words, next;
};
// What the runtime's message says is wrong.
ImageFault image_fault(const std::string& message) {
  if (has(message, {"invalidimagename", "couldn't parse image", "invalid reference format"}))
    return {"image_name_invalid", "its name is not valid", "Correct the image's name"};
  if (has(message, {"x509", "certificate"}))
    return {"image_registry_untrusted", "the registry's certificate is not trusted by the node",
            "Let the node trust the registry's authority"};
  if (has(message, {"toomanyrequests", "rate limit", "429"}))
    return {"image_rate_limited", "the registry limits how often images may be pulled",
            "Pull with an account (imagePullSecrets) or from a mirror"};
  if (has(message, {"no such host", "server misbehaving", "name resolution"}))
    return {"image_registry_unknown", "the registry's name does not resolve",
            "Correct the registry in the image's name, or the node's DNS"};
  if (has(message, {"connection refused", "i/o timeout", "no route to host", "network is unreachable",
                    "deadline exceeded", "client.timeout", "dial tcp"}))
    return {"image_registry_unreachable", "the node does not reach the registry",
            "Check the registry and the way to it from the node"};
  if (has(message, {"no matching manifest", "no match for platform", "exec format"}))
    return {"image_wrong_platform", "it does not exist for the node's platform",
            "Use an image of the node's architecture (describe_node shows it)"};
  // Registries answer alike for what is not there and for what may not be seen.
  if (has(message, {"unauthorized", "authentication required", "denied", "forbidden", "401", "403", "no basic auth"}))
    return {"image_access_denied",
            "the registry does not give it to the node: it does not exist there, or needs credentials",
            "Check the image's name, and that imagePullSecrets names a Secret with credentials for that registry"};
  if (has(message, {"not found", "manifest unknown", "not exist", "404"}))
    return {"image_not_found", "it does not exist in its registry", "Correct the image's name or tag"};
  if (has(message, {"errimageneverpull", "never"}))
    return {"image_not_present", "it is not on the node, and its pull policy is Never",
            "Load it onto the node, or set imagePullPolicy to IfNotPresent"};
  return {"image_not_pulled", "", "Look at the runtime's message"};
}

awaitable<void> explain_image(Trail trail, const json::value& pod, const ContainerSeen& container) {
  const Ref ref = ref_of("Pod", pod);
  const std::string image(text_at(*container.spec, {"image"}));
  std::string message(container.waiting_message());
  std::vector<std::string> evidence{
      fmt::format("{} of {} waits: {}", container.who(), ref.text(), container.waiting())};
  const auto events = co_await events_about(trail, ref, "");
  for (const auto& event : events) {
    if (event.reason != "Failed" && event.reason != "InspectFailed" && event.reason != "ErrImageNeverPull") continue;
    if (!event.field_path.empty() && event.field_path.find("{" + container.name + "}") == std::string::npos) continue;
    if (event.message.find(image) == std::string::npos && event.message.find("pull") == std::string::npos) continue;
    if (event.message.starts_with("Error: ")) continue;  // only names the state again
    message += " " + event.message;
    evidence.push_back(show(event, trail.now()));
    break;
  }
  if (evidence.size() == 1 && !container.waiting_message().empty()) evidence.emplace_back(container.waiting_message());
  const std::string all = lower(std::string(container.waiting()) + " " + message);
  const ImageFault fault = image_fault(all);
  std::string sentence = fmt::format("The image \"{}\" of {} cannot be pulled{}", image, container.who(),
                                     fault.words.empty() ? "" : ": " + std::string(fault.words));
  Certainty certainty = fault.code == "image_not_pulled" ? Certainty::symptom : Certainty::told;
  for (const auto& reference : array_at(pod, {"spec", "imagePullSecrets"})) {
    const std::string name(text_at(reference, {"name"})), ns = ref.ns;
    const ObjectSeen* secret = co_await trail.source.get(kinds::of("Secret"), ns, name);
    if (secret->absent()) {
      sentence += fmt::format("; the Secret {} that imagePullSecrets names does not exist in {}", name, ns);
      evidence.push_back("there is no Secret " + ns + "/" + name);
    } else if (secret->seen()) {
      const auto type = text_at(secret->value, {"type"});
      if (type != "kubernetes.io/dockerconfigjson" && type != "kubernetes.io/dockercfg")
        sentence += fmt::format(
            "; the Secret {} that imagePullSecrets names has the type {}, which holds no registry's credentials", name,
            type);
    }
  }
  trail.findings.add({.code = std::string(fault.code),
                      .certainty = certainty,
                      .sentence = std::move(sentence),
                      .at = workload_of(pod),
                      .evidence = std::move(evidence),
                      .next = std::string(fault.next),
                      .affects = {ref}});
}

// The volume that is mounted over a command's directory, or over one above it; empty: none.
std::string volume_over(const json::value& container, std::string_view command) {
  std::string out;
  std::size_t longest = 0;
  for (const auto& mount : array_at(container, {"volumeMounts"})) {
    std::string_view path = text_at(mount, {"mountPath"});
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    const bool below = command.starts_with(path) && (path == "/" || command.substr(path.size()).starts_with('/'));
    if (path.empty() || !below || path.size() < longest) continue;
    longest = path.size();
    out = text_at(mount, {"name"});
  }
  return out;
}

// Where a program is looked for that is named without a directory; empty: nothing is mounted over any of it.
std::string directory_covered(const json::value& container) {
  for (std::string_view path : {"/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin"})
    if (!volume_over(container, std::string(path) + "/x").empty()) return std::string(path);
  return "";
}

// A command that the runtime cannot run.
void explain_command(const Trail& trail, const json::value& pod, const ContainerSeen& container,
                     std::string_view message, std::string evidence) {
  std::string command;
  for (auto list : {"command", "args"})
    for (const auto& word : array_at(*container.spec, {list}))
      if (word.is_string() && command.empty()) command = std::string(word.as_string());
  const std::string said = lower(message);
  std::string code = "container_not_started", words = "cannot be started";
  std::string next = "Look at the runtime's message";
  static const RE2 quoted(
      R"re(exec:? "?([^":\s]+)"?: (?:executable file not found|stat |permission denied|no such file))re");
  std::string found;
  const bool of_command = RE2::PartialMatch(std::string(message), quoted, &found);
  if (of_command) command = found;
  if (has(said, {"executable file not found", "not found in $path"}) ||
      (of_command && has(said, {"no such file or directory"}))) {
    code = "command_absent";
    words = fmt::format("cannot be started: the command \"{}\" is not in the image", command);
    next = "Correct command or args, or use an image that has it";
    const bool whole = command.find('/') != std::string::npos;
    const std::string directory = whole ? command.substr(0, command.rfind('/')) : directory_covered(*container.spec);
    const std::string volume = volume_over(*container.spec, directory + "/x");
    if (!directory.empty() && !volume.empty()) {
      words = fmt::format(
          "cannot be started: the command \"{}\" is not there; the volume {} is mounted over {} and "
          "hides what the image has there",
          command, volume, directory);
      next = "Mount the volume elsewhere, or single files of it by subPath";
    }
  } else if (has(said, {"permission denied"})) {
    code = "command_not_executable";
    words = fmt::format("cannot be started: \"{}\" may not be executed", command);
    next = "Make the file executable in the image, or check mounts over it (noexec) and the security context";
  } else if (has(said, {"exec format error"})) {
    code = "image_wrong_platform";
    words = "cannot be started: its program is made for another architecture";
    next = "Use an image of the node's architecture";
  } else if (has(said, {"seccomp", "apparmor"})) {
    code = "security_profile";
    words = "cannot be started: its node does not have the security profile that it asks for: " + clipped(message, 160);
    next = "Bring the profile onto the nodes, or name another in its securityContext";
  } else if (has(said, {"mount"})) {
    code = "mount_failed";
    words = "cannot be started: a volume cannot be mounted into it";
  } else if (!message.empty()) {
    words = "cannot be started: " + clipped(message, 160);
  }
  trail.findings.add({.code = std::move(code),
                      .certainty = Certainty::told,
                      .sentence = fmt::format("The {} {}", container.who(), words),
                      .at = workload_of(pod),
                      .evidence = {std::move(evidence)},
                      .next = std::move(next),
                      .affects = {ref_of("Pod", pod)}});
}

void explain_configuration(const Trail& trail, const json::value& pod, const ContainerSeen& container) {
  const std::string message(container.waiting_message());
  const Ref ref = ref_of("Pod", pod);
  const std::string evidence =
      fmt::format("{} of {} waits: {}: {}", container.who(), ref.text(), container.waiting(), message);
  if (message.find("runAsNonRoot") != std::string::npos || message.find("non-numeric user") != std::string::npos) {
    trail.findings.add({.code = "runs_as_root",
                        .certainty = Certainty::told,
                        .sentence = fmt::format("The {} must not run as root (runAsNonRoot), but its image \"{}\" does",
                                                container.who(), text_at(*container.spec, {"image"})),
                        .at = workload_of(pod),
                        .evidence = {evidence},
                        .next = "Set runAsUser to a number other than 0, or use an image with such a USER",
                        .affects = {ref}});
    return;
  }
  trail.findings.add({.code = "container_configuration",
                      .certainty = Certainty::told,
                      .sentence = fmt::format("The {} cannot be configured: {}", container.who(), message),
                      .at = workload_of(pod),
                      .evidence = {evidence},
                      .next = "get_pod shows what it is made of",
                      .affects = {ref}});
}

// Volumes and the pod's own network, before any container is made.
awaitable<void> explain_setting_up(Trail trail, const json::value& pod) {
  const Ref ref = ref_of("Pod", pod);
  const auto created = ops::time_at(pod, {"metadata", "creationTimestamp"}).value_or(trail.now());
  const auto events = co_await events_about(trail, ref);
  std::set<std::string> seen;
  for (const auto& event : events) {
    Cause cause{
        .certainty = Certainty::told, .at = workload_of(pod), .evidence = {show(event, trail.now())}, .affects = {ref}};
    const std::string said = lower(event.message);
    if (event.reason == "FailedAttachVolume" || event.reason == "FailedMount") {
      cause.code = has(said, {"multi-attach"}) ? "volume_multi_attach" : "mount_failed";
      cause.sentence = has(said, {"multi-attach"})
                           ? "A volume that only one node may use is still in use by a pod on another one"
                           : "A volume of the pod cannot be mounted";
      cause.next = "The event says which volume and why; get_pvc and get_pv show what it is bound to";
    } else if (event.reason == "FailedCreatePodSandBox" || event.reason == "NetworkNotReady") {
      cause.code = "pod_network";
      cause.sentence = fmt::format("Node {} cannot set up the pod's sandbox: network or runtime fail there",
                                   text_at(pod, {"spec", "nodeName"}));
      cause.next = fmt::format("describe_node name={}; look at the network plugin's pods on that node",
                               text_at(pod, {"spec", "nodeName"}));
      if (has(said, {"runtimeclass", "runtime handler", "no runtime for"})) {
        cause.code = "runtime_class";
        cause.sentence = fmt::format("Node {} has no runtime for the pod's RuntimeClass {}",
                                     text_at(pod, {"spec", "nodeName"}), text_at(pod, {"spec", "runtimeClassName"}));
      }
    } else {
      continue;
    }
    if (seen.insert(cause.code).second) trail.findings.add(std::move(cause));
  }
  if (seen.empty() && created + 120 < trail.now())
    trail.findings.add({.code = "slow_start",
                        .certainty = Certainty::symptom,
                        .sentence = "Its containers are not created yet, and no event says why",
                        .at = ref,
                        .next = fmt::format("describe_node name={}", text_at(pod, {"spec", "nodeName"}))});
}

}  // namespace

awaitable<void> explain_start(Trail trail, const json::value& pod) {
  bool setting_up = false, started = false, explained = false;
  const auto containers = containers_of(pod);
  for (const auto& container : containers) {
    const auto reason = container.waiting();
    started = started || container.running() || container.ended();
    if (reason == "ContainerCreating" || reason == "PodInitializing") setting_up = true;
  }
  bool references = false;
  for (const auto& container : containers) {
    const auto reason = container.waiting();
    if (reason.empty()) continue;
    if (reason.find("Image") != std::string_view::npos || reason == "RegistryUnavailable") {
      co_await explain_image(trail, pod, container);
      explained = true;
    } else if (reason == "CreateContainerConfigError") {
      if (!references) {
        Findings missing;
        co_await explain_references(trail.behind(missing), pod);
        references = missing.explains();
        trail.findings.add_reasons(
            missing, ref_of("Pod", pod),
            fmt::format("{} waits: {}: {}", container.who(), reason, container.waiting_message()));
      }
      if (!references) explain_configuration(trail, pod, container);
      explained = true;
    } else if (reason == "CreateContainerError" || reason == "RunContainerError" || reason == "StartError") {
      explain_command(trail, pod, container, container.waiting_message(),
                      fmt::format("{} waits: {}: {}", container.who(), reason, container.waiting_message()));
      explained = true;
    }
  }
  // Ended before its program ran.
  for (const auto& container : containers) {
    const auto* ended = container.ended();
    if (!ended || explained) continue;
    const auto reason = text_at(*ended, {"reason"});
    if (reason != "StartError" && reason != "ContainerCannotRun") continue;
    explain_command(trail, pod, container, text_at(*ended, {"message"}),
                    fmt::format("{} ended: {}: {}", container.who(), reason, text_at(*ended, {"message"})));
    explained = true;
  }
  if (setting_up && !explained && !started) {
    Findings missing;
    co_await explain_references(trail.behind(missing), pod);
    if (missing.explains())
      trail.findings.add_reasons(missing, ref_of("Pod", pod), "its containers are not created yet");
    else
      co_await explain_setting_up(trail, pod);
  }
}

}  // namespace fairlead::diagnosis
