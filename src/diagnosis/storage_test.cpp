#include "diagnosis/testing.h"
#include "diagnosis/volumes.h"

namespace fairlead::diagnosis {
namespace {

using namespace testing;

constexpr auto kFast =
    "{kind: StorageClass, metadata: {name: fast}, provisioner: disk.example.com, volumeBindingMode: Immediate}";
constexpr auto kLazy =
    "{kind: StorageClass, metadata: {name: lazy}, provisioner: disk.example.com, volumeBindingMode: "
    "WaitForFirstConsumer}";

std::string claim(std::string_view spec, std::string_view status = "{phase: Pending}",
                  std::string_view created = "2025-12-31T23:50:00Z") {
  return "{kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop, uid: u1, creationTimestamp: '" +
         std::string(created) + "'}, spec: " + std::string(spec) + ", status: " + std::string(status) + "}";
}
std::string asking(std::string_view more) {
  return claim("{accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}" + std::string(more) + "}");
}
std::string volume(std::string_view name, std::string_view spec, std::string_view phase = "Available") {
  return "{kind: PersistentVolume, metadata: {name: " + std::string(name) +
         "}, spec: {capacity: {storage: 20Gi}, accessModes: "
         "[ReadWriteOnce]" +
         std::string(spec) + "}, status: {phase: " + std::string(phase) + "}}";
}
std::string pod(std::string_view name, std::string_view node, std::string_view more = "") {
  std::string out = "{kind: Pod, metadata: {name: " + std::string(name) + ", namespace: shop}, spec: {";
  if (!node.empty()) out += "nodeName: " + std::string(node) + ", ";
  return out +
         "containers: [{name: app}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}, status: {phase: "
         "Pending" +
         std::string(more) + "}}";
}
std::string event(std::string_view kind, std::string_view name, std::string_view reason, std::string_view message) {
  json::object out{{"kind", "Event"},
                   {"type", reason == "ExternalProvisioning" ? "Normal" : "Warning"},
                   {"reason", reason},
                   {"message", message},
                   {"lastTimestamp", "2025-12-31T23:59:00Z"}};
  out["metadata"] = json::object{{"name", reason}, {"namespace", "shop"}};
  out["involvedObject"] = json::object{{"kind", kind}, {"name", name}, {"namespace", "shop"}};
  return compact(out);
}

std::vector<Cause> ask(std::string_view claim_text, std::vector<std::string> others,
                       std::set<std::string> hidden = {}) {
  FakeSource source;
  source.add(claim_text);
  for (const auto& text : others) source.add(text);
  source.hidden = std::move(hidden);
  const json::value object = manifest(claim_text);
  return diagnose(source, [&](Trail trail) { return explain_claim(trail, object); });
}

TEST(ExplainClaim, NamesAClassThatDoesNotExist) {
  const auto causes = ask(asking(", storageClassName: fastt"), {kFast, kLazy});
  EXPECT_EQ(first(causes),
            "storage_class_absent: The PersistentVolumeClaim shop/data asks for StorageClass \"fastt\", which does not "
            "exist");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  EXPECT_NE(causes[0].next.find("near it is \"fast\""), std::string::npos) << causes[0].next;
}

TEST(ExplainClaim, SaysNothingOfAClassThatMayNotBeSeen) {
  EXPECT_EQ(codes(ask(asking(", storageClassName: fastt"), {}, {"StorageClass"})), "");
}

TEST(ExplainClaim, AClassMayBeANameThatVolumesShare) {
  EXPECT_EQ(codes(ask(asking(", storageClassName: manual"), {volume("a", ", storageClassName: manual")})), "");
  const auto small = ask(
      asking(", storageClassName: manual"),
      {"{kind: PersistentVolume, metadata: {name: a}, spec: {capacity: {storage: 5Gi}, accessModes: [ReadWriteOnce], "
       "storageClassName: manual}, status: {phase: Available}}"});
  ASSERT_EQ(codes(small), "no_volume_fits");
  EXPECT_EQ(small[0].evidence[0], "PersistentVolume a: offers 5Gi of the 10Gi that are asked for");
}

TEST(ExplainClaim, HasNoClassAndThereIsNoDefault) {
  EXPECT_EQ(first(ask(asking(""), {kFast})),
            "no_default_storage_class: The PersistentVolumeClaim shop/data names no StorageClass, and the cluster has "
            "no default one");
  EXPECT_EQ(codes(ask(asking(", storageClassName: ''"), {kFast})), "no_volume_fits");
}

TEST(ExplainClaim, IsTheProvisionersTurn) {
  const auto refused =
      ask(asking(", storageClassName: fast"),
          {kFast, event("PersistentVolumeClaim", "data", "ProvisioningFailed", "quota of disks exceeded")});
  EXPECT_EQ(
      first(refused),
      "provisioning_failed: No volume can be made for the PersistentVolumeClaim shop/data: quota of disks exceeded");
  const std::string waiting =
      event("PersistentVolumeClaim", "data", "ExternalProvisioning", "waiting for a volume to be created");
  EXPECT_EQ(codes(ask(asking(", storageClassName: fast"), {kFast, waiting})), "provisioner_silent");
  // One that was just made is given time.
  const std::string young =
      claim("{accessModes: [ReadWriteOnce], storageClassName: fast}", "{phase: Pending}", "2025-12-31T23:59:30Z");
  EXPECT_EQ(codes(ask(young, {kFast, waiting})), "");
}

TEST(ExplainClaim, WaitsForAPodAsItShould) { EXPECT_EQ(codes(ask(asking(", storageClassName: lazy"), {kLazy})), ""); }

TEST(ExplainClaim, NamesAVolumeThatIsNotForIt) {
  EXPECT_EQ(codes(ask(asking(", storageClassName: '', volumeName: old"), {})), "volume_absent");
  const auto taken = ask(asking(", storageClassName: '', volumeName: old"),
                         {volume("old", ", claimRef: {namespace: shop, name: other}", "Bound")});
  EXPECT_EQ(first(taken),
            "volume_does_not_fit: The PersistentVolumeClaim shop/data names PersistentVolume \"old\", which it cannot "
            "have: is taken by "
            "the claim shop/other");
  const auto released = ask(asking(", storageClassName: '', volumeName: old"),
                            {volume("old", ", claimRef: {namespace: shop, name: data, uid: u0}", "Released")});
  EXPECT_NE(first(released).find("an earlier claim of the same name"), std::string::npos) << first(released);
}

TEST(ExplainClaim, IsLost) {
  const auto causes = ask(claim("{volumeName: gone}", "{phase: Lost}"), {});
  EXPECT_EQ(first(causes),
            "claim_lost: The PersistentVolumeClaim shop/data has lost its PersistentVolume \"gone\", which does not "
            "exist any more");
}

const std::string kBound = claim(
    "{accessModes: [ReadWriteOnce], volumeName: pv1, storageClassName: fast, resources: {requests: {storage: 20Gi}}}",
    "{phase: Bound, capacity: {storage: 20Gi}}");

TEST(ExplainClaim, IsHeldByAPodOnAnotherNode) {
  const std::string ready = ", conditions: [{type: Ready, status: 'True'}]";
  const std::vector<std::string> world{
      pod("a", "n1", ready), pod("b", "n2"), volume("pv1", "", "Bound"),
      "{kind: Node, metadata: {name: n1}, status: {conditions: [{type: Ready, status: 'True'}]}}"};
  EXPECT_EQ(codes(ask(kBound, world)), "");  // two pods are no fault by themselves
  std::vector<std::string> stuck = world;
  stuck.push_back(event("Pod", "b", "FailedAttachVolume",
                        "Multi-Attach error for volume \"pv1\" Volume is already used by pod(s) a"));
  const auto causes = ask(kBound, stuck);
  EXPECT_EQ(first(causes),
            "volume_multi_attach: The PersistentVolumeClaim shop/data (ReadWriteOnce) is held by Pod shop/a on node "
            "n1, so that Pod shop/b "
            "cannot start on node n2");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  const std::string of_no_mode = claim("{volumeName: pv1, storageClassName: fast}", "{phase: Bound}");
  EXPECT_EQ(codes(ask(of_no_mode, stuck)), "");
}

TEST(ExplainClaim, CannotBeGrown) {
  const std::string growing =
      claim("{accessModes: [ReadWriteOnce], volumeName: pv1, resources: {requests: {storage: 40Gi}}}",
            "{phase: Bound, capacity: {storage: 20Gi}}");
  EXPECT_EQ(codes(ask(growing, {})), "");
  EXPECT_EQ(first(ask(growing, {event("PersistentVolumeClaim", "data", "VolumeResizeFailed", "no space")})),
            "claim_resize_failed: The PersistentVolumeClaim shop/data cannot be grown from 20Gi to 40Gi: no space");
  const std::string failed = claim(
      "{volumeName: pv1, resources: {requests: {storage: 40Gi}}}",
      "{phase: Bound, capacity: {storage: 20Gi}, allocatedResourceStatuses: {storage: ControllerResizeInfeasible}}");
  EXPECT_EQ(codes(ask(failed, {})), "claim_resize_failed");
}

TEST(ExplainClaim, HasAVolumeThatFailed) {
  EXPECT_EQ(codes(ask(kBound, {volume("pv1", "", "Failed")})), "volume_failed");
  EXPECT_EQ(codes(ask(kBound, {volume("pv1", "", "Bound")})), "");
}

TEST(UsesClaim, EphemeralVolumesHaveOneNamedAfterThePod) {
  const auto ephemeral =
      manifest("{metadata: {name: web-0}, spec: {volumes: [{name: tmp, ephemeral: {volumeClaimTemplate: {}}}]}}");
  EXPECT_TRUE(uses_claim(ephemeral, "web-0-tmp"));
  EXPECT_FALSE(uses_claim(ephemeral, "tmp"));
}

}  // namespace
}  // namespace fairlead::diagnosis
