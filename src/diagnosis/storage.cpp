// Claims that are not bound, or that a pod cannot have.
#include <fmt/format.h>

#include "diagnosis/lookup.h"
#include "diagnosis/volumes.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

// Longer than a provisioner needs, as a rule.
constexpr std::int64_t kPatience = 120;

struct Claim {
  const json::value& object;
  Ref ref;
  std::int64_t age;
  bool names_class = false;
  std::string storage_class;
  std::string volume;
};

Claim claim_of(const json::value& object, std::int64_t now) {
  Claim out{object, ref_of("PersistentVolumeClaim", object),
            seconds_since(object, {"metadata", "creationTimestamp"}, now).value_or(0)};
  const json::value* named = find(object, "spec", "storageClassName");
  if (!named) named = find(object, "metadata", "annotations", "volume.beta.kubernetes.io/storage-class");
  out.names_class = named && named->is_string();
  if (out.names_class) out.storage_class = std::string_view(named->get_string());
  out.volume = text_at(object, {"spec", "volumeName"});
  return out;
}

std::string claim_text(const Claim& claim) { return "PersistentVolumeClaim " + claim.ref.ns + "/" + claim.ref.name; }

awaitable<std::vector<json::value>> pods_of(Trail trail, Ref claim) {
  std::vector<json::value> out;
  const ListSeen* pods = co_await trail.source.list(kinds::pods, claim.ns);
  for (const auto& pod : pods->items)
    if (!is_finished(pod) && uses_claim(pod, claim.name)) out.push_back(pod);
  co_return out;
}

// A volume that the claim itself names.
awaitable<void> explain_named_volume(Trail trail, Claim claim) {
  const ObjectSeen* volume = co_await look(trail, "PersistentVolume", "", claim.volume);
  Cause cause{.certainty = Certainty::proven, .at = claim.ref};
  if (volume->absent()) {
    cause.code = "volume_absent";
    cause.sentence =
        fmt::format("The {} names PersistentVolume {}, which does not exist", claim_text(claim), quoted(claim.volume));
    const auto names = co_await names_there(trail, "PersistentVolume", "");
    cause.evidence = {"list_pvs shows no " + claim.volume + near_names(claim.volume, names)};
    cause.next = "Make that volume, or make the claim anew without volumeName";
    trail.findings.add(std::move(cause));
    co_return;
  }
  if (!volume->seen()) co_return;
  const std::string why = why_not(volume->value, claim.object, claim.storage_class);
  if (why.empty()) co_return;
  cause.code = "volume_does_not_fit";
  cause.sentence = fmt::format("The {} names PersistentVolume {}, which it cannot have: {}", claim_text(claim),
                               quoted(claim.volume), why);
  cause.next =
      "get_pv name=" + claim.volume + " shows it; a Released volume is free again once its spec.claimRef is removed";
  trail.findings.add(std::move(cause));
}

// Volumes that were made by hand, of the claim's class.
awaitable<void> explain_static(Trail trail, Claim claim, std::string code, std::string because, std::string next) {
  const ListSeen* volumes = co_await trail.source.list(kinds::of("PersistentVolume"), "");
  if (!volumes->seen()) co_return;
  std::vector<std::string> misfits;
  std::size_t of_class = 0;
  for (const auto& volume : volumes->items) {
    if (text_at(volume, {"spec", "storageClassName"}) != claim.storage_class) continue;
    ++of_class;
    const std::string why = why_not(volume, claim.object, claim.storage_class);
    if (why.empty()) co_return;  // it will be bound
    misfits.push_back("PersistentVolume " + std::string(text_at(volume, {"metadata", "name"})) + ": " + why);
  }
  Cause cause{.code = std::move(code), .certainty = Certainty::proven, .at = claim.ref, .next = std::move(next)};
  cause.sentence = fmt::format("The {} {}", claim_text(claim), because);
  if (of_class > 0) {
    cause.code = "no_volume_fits";
    cause.sentence = fmt::format("The {} {}, and none of the {} PersistentVolumes of its class fits it",
                                 claim_text(claim), because, of_class);
    if (of_class == 1)
      cause.sentence = fmt::format("The {} {}, and the one PersistentVolume of its class does not fit it",
                                   claim_text(claim), because);
    cause.evidence = std::move(misfits);
    cause.next = "list_pvs shows the volumes; change the claim's size, modes or class, or make a volume that fits";
  }
  for (const auto& event : co_await events_about(trail, claim.ref))
    if (event.reason == "ProvisioningFailed" || event.reason == "FailedBinding") {
      cause.evidence.push_back(show(event, trail.now()));
      break;
    }
  trail.findings.add(std::move(cause));
}

// What the provisioner says of it.
awaitable<bool> explain_provisioning(Trail trail, Claim claim, std::string provisioner) {
  for (const auto& event : co_await events_about(trail, claim.ref)) {
    Cause cause{.certainty = Certainty::told, .at = claim.ref, .evidence = {show(event, trail.now())}};
    if (event.reason == "ProvisioningFailed") {
      cause.code = "provisioning_failed";
      cause.sentence =
          fmt::format("No volume can be made for the {}: {}", claim_text(claim), clipped(event.message, 200));
      cause.next = fmt::format("get_storageclass name={} shows its provisioner {} and parameters", claim.storage_class,
                               provisioner);
    } else if (event.reason == "ExternalProvisioning" && claim.age > kPatience) {
      cause.code = "provisioner_silent";
      cause.sentence = fmt::format("The {} has waited {} for the provisioner {} to make its volume", claim_text(claim),
                                   span(claim.age), quoted(provisioner));
      cause.next =
          "Look whether that provisioner runs (list_pods in its namespace, get_pod_logs) and what it says of the claim";
    } else {
      continue;
    }
    trail.findings.add(std::move(cause));
    co_return true;
  }
  co_return false;
}

// A class that waits for a pod: without one that is as it should be.
awaitable<void> explain_waiting(Trail trail, Claim claim) {
  for (const auto& pod : co_await pods_of(trail, claim.ref)) {
    const Ref ref = ref_of("Pod", pod);
    if (!text_at(pod, {"spec", "nodeName"}).empty() || trail.path.contains(ref)) continue;
    const ObjectSeen* whole = co_await trail.source.get(kinds::pods, ref.ns, ref.name);
    if (!whole->seen()) continue;
    Findings reasons;
    co_await explain_pod(trail.behind(reasons), whole->value);
    trail.findings.add_reasons(reasons, claim.ref, "its volume is made once " + ref.text() + " has a node");
  }
}

awaitable<void> explain_with_class(Trail trail, Claim claim, const json::value& storage_class) {
  const std::string provisioner(text_at(storage_class, {"provisioner"}));
  const bool waits = text_at(storage_class, {"volumeBindingMode"}) == "WaitForFirstConsumer";
  if (co_await explain_provisioning(trail, claim, provisioner)) co_return;
  bool wanted = !waits;
  if (waits) {
    const auto pods = co_await pods_of(trail, claim.ref);
    wanted = !pods.empty();
    co_await explain_waiting(trail, claim);
  }
  if (!wanted || provisioner != "kubernetes.io/no-provisioner") co_return;
  co_await explain_static(
      trail, claim, "no_volume_of_class",
      fmt::format("asks for StorageClass {}, for which volumes are made by hand, and there is none",
                  quoted(claim.storage_class)),
      "Make a PersistentVolume of that class, or use a class with a provisioner: list_storageclasses");
}

awaitable<void> explain_class(Trail trail, Claim claim) {
  const ListSeen* classes = co_await trail.source.list(kinds::of("StorageClass"), "");
  if (claim.names_class && claim.storage_class.empty()) {
    co_await explain_static(trail, claim, "no_volume_fits",
                            "asks for a volume without a class (storageClassName: \"\"), and there is none",
                            "Make a PersistentVolume without a class, or name a class: list_storageclasses");
    co_return;
  }
  if (!claim.names_class) {
    if (!classes->seen()) co_return;
    std::string usual;
    for (const auto& one : classes->items)
      for (auto key :
           {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"})
        if (text_at(one, {"metadata", "annotations", key}) == "true") usual = text_at(one, {"metadata", "name"});
    std::string because = "names no StorageClass, and the cluster has no default one";
    if (!usual.empty()) because = "was made without a StorageClass before " + quoted(usual) + " became the default one";
    co_await explain_static(trail, claim, "no_default_storage_class", because,
                            "Make the claim anew with a storageClassName" + near_or_all("", names_of(classes->items)) +
                                ", or mark one as default");
    co_return;
  }
  const ObjectSeen* seen = co_await look(trail, "StorageClass", "", claim.storage_class);
  if (seen->seen()) {
    co_await explain_with_class(trail, claim, seen->value);
  } else if (seen->absent()) {
    const std::string others = near_or_all(claim.storage_class, names_of(classes->items));
    co_await explain_static(trail, claim, "storage_class_absent",
                            fmt::format("asks for StorageClass {}, which does not exist", quoted(claim.storage_class)),
                            "list_storageclasses shows those that exist" + others +
                                "; a claim's class cannot be changed: make the claim anew, or make that class");
  }
}

awaitable<void> explain_unbound(Trail trail, Claim claim) {
  Findings found;
  const Trail inner = trail.behind(found);
  if (!claim.volume.empty()) co_await explain_named_volume(inner, claim);
  if (found.empty() && claim.volume.empty()) co_await explain_class(inner, claim);
  const bool explained = !found.empty();
  for (auto& cause : found.ranked()) trail.findings.add(std::move(cause));
  for (const auto& line : found.symptoms()) trail.findings.symptom(line);
  if (explained) {
    trail.findings.symptom(fmt::format("{} has been Pending for {}", claim_text(claim), span(claim.age)));
    co_return;
  }
  for (const auto& event : co_await events_about(trail, claim.ref)) {
    if (event.type != "Warning" && event.reason != "FailedBinding") continue;
    trail.findings.symptom(fmt::format("{} has been Pending for {}", claim_text(claim), span(claim.age)));
    trail.findings.add(
        {.code = "claim_unbound",
         .certainty = Certainty::told,
         .sentence = fmt::format("The {} is not bound: {}", claim_text(claim), clipped(event.message, 200)),
         .at = claim.ref,
         .evidence = {show(event, trail.now())},
         .next = "get_pvc and list_storageclasses show what it asks for and what there is"});
    co_return;
  }
}

awaitable<void> explain_lost(Trail trail, Claim claim) {
  const ObjectSeen* volume = co_await look(trail, "PersistentVolume", "", claim.volume);
  Cause cause{
      .code = "claim_lost",
      .certainty = Certainty::told,
      .sentence = fmt::format("The {} has lost its PersistentVolume {}", claim_text(claim), quoted(claim.volume)),
      .at = claim.ref,
      .evidence = {"its phase is Lost"},
      .next = "The data is gone or lies where the volume pointed: make the PersistentVolume anew, or the claim"};
  if (volume->absent()) {
    cause.certainty = Certainty::proven;
    cause.sentence += ", which does not exist any more";
  } else if (volume->seen()) {
    const std::string why = why_not(volume->value, claim.object, claim.storage_class);
    if (!why.empty()) cause.evidence.push_back("PersistentVolume " + claim.volume + " " + why);
  }
  trail.findings.symptom(claim_text(claim) + " is Lost");
  trail.findings.add(std::move(cause));
}

awaitable<void> explain_resize(Trail trail, Claim claim) {
  const std::string wanted(text_at(claim.object, {"spec", "resources", "requests", "storage"}));
  const std::string has(text_at(claim.object, {"status", "capacity", "storage"}));
  Cause cause{.code = "claim_resize_failed",
              .certainty = Certainty::told,
              .sentence = fmt::format("The {} cannot be grown from {} to {}", claim_text(claim), has, wanted),
              .at = claim.ref,
              .next = "get_storageclass shows whether its class allows it (allowVolumeExpansion)"};
  std::string state(text_at(claim.object, {"status", "allocatedResourceStatuses", "storage"}));
  if (state.empty()) state = text_at(claim.object, {"status", "resizeStatus"});
  const bool failed = state.find("Infeasible") != state.npos || state.find("Failed") != state.npos;
  if (failed) cause.evidence.push_back("its resize status is " + state);
  if (wanted != has)
    for (const auto& event : co_await events_about(trail, claim.ref))
      if (event.reason.ends_with("ResizeFailed") || (event.reason == "ExternalExpanding" && event.type == "Warning")) {
        cause.sentence += ": " + clipped(event.message, 200);
        cause.evidence.push_back(show(event, trail.now()));
        break;
      }
  if (!cause.evidence.empty()) {
    trail.findings.add(std::move(cause));
    co_return;
  }
  if (!condition_holds(claim.object, "FileSystemResizePending")) co_return;
  const auto pods = co_await pods_of(trail, claim.ref);
  if (!pods.empty()) co_return;  // its kubelet does it
  trail.findings.add(
      {.code = "claim_resize_waits",
       .certainty = Certainty::suspicious,
       .sentence = fmt::format("The {} grows from {} to {} only once a pod uses it", claim_text(claim), has, wanted),
       .at = claim.ref,
       .evidence = {"condition FileSystemResizePending"},
       .next = "Start a pod that mounts it"});
}

// A volume that one node at a time may have, held by a pod elsewhere.
awaitable<void> explain_multi_attach(Trail trail, Claim claim) {
  const auto modes = texts_of(array_at(claim.object, {"spec", "accessModes"}));
  for (const auto& mode : modes)
    if (mode != "ReadWriteOnce" && mode != "ReadWriteOncePod") co_return;
  if (modes.empty()) co_return;
  const auto pods = co_await pods_of(trail, claim.ref);
  for (const auto& pod : pods) {
    if (is_ready(pod)) continue;
    const Ref waiting = ref_of("Pod", pod);
    for (const auto& event : co_await events_about(trail, waiting, "FailedAttachVolume")) {
      if (event.message.find("Multi-Attach error") == event.message.npos) continue;
      if (!claim.volume.empty() && event.message.find(claim.volume) == event.message.npos) continue;
      Cause cause{.code = "volume_multi_attach",
                  .certainty = Certainty::told,
                  .at = claim.ref,
                  .evidence = {show(event, trail.now())},
                  .next =
                      "Stop the pod that has it, or run both on one node; a Deployment with such a claim needs "
                      "strategy Recreate",
                  .affects = {waiting}};
      cause.sentence =
          fmt::format("The {} is still attached to another node than that of {}", claim_text(claim), waiting.text());
      for (const auto& other : pods) {
        const std::string node(text_at(other, {"spec", "nodeName"}));
        if (node.empty() || node == text_at(pod, {"spec", "nodeName"})) continue;
        const Ref holder = ref_of("Pod", other);
        cause.certainty = Certainty::proven;
        cause.sentence =
            fmt::format("The {} ({}) is held by {} on node {}, so that {} cannot start on node {}", claim_text(claim),
                        modes.front(), holder.text(), node, waiting.text(), text_at(pod, {"spec", "nodeName"}));
        const ObjectSeen* seen = co_await trail.source.get(kinds::nodes, "", node);
        if (!seen->seen() || is_ready(seen->value)) continue;
        Findings reasons;
        co_await explain_node(trail.behind(reasons), seen->value);
        trail.findings.add_reasons(reasons, waiting, holder.text() + " on that node holds " + claim_text(claim));
      }
      trail.findings.add(std::move(cause));
      co_return;
    }
  }
}

awaitable<void> explain_volume(Trail trail, Claim claim) {
  const ObjectSeen* volume = co_await look(trail, "PersistentVolume", "", claim.volume);
  if (!volume->seen() || text_at(volume->value, {"status", "phase"}) != "Failed") co_return;
  trail.findings.add(
      {.code = "volume_failed",
       .certainty = Certainty::told,
       .sentence = fmt::format("PersistentVolume {} of the {} has failed: {}", quoted(claim.volume), claim_text(claim),
                               clipped(text_at(volume->value, {"status", "message"}))),
       .at = {"PersistentVolume", "", claim.volume},
       .next = "get_pv name=" + claim.volume,
       .affects = {claim.ref}});
}

}  // namespace

awaitable<void> explain_claim(Trail trail, const json::value& object) {
  const Claim claim = claim_of(object, trail.now());
  if (!trail.enter(claim.ref)) co_return;
  const std::string_view phase = text_at(object, {"status", "phase"});
  if (phase == "Lost") {
    co_await explain_lost(trail, claim);
  } else if (phase == "Bound") {
    co_await explain_volume(trail, claim);
    co_await explain_resize(trail, claim);
    co_await explain_multi_attach(trail, claim);
  } else {
    co_await explain_unbound(trail, claim);
  }
}

}  // namespace fairlead::diagnosis
