#include "sandbox/structured_merge.h"

#include <gtest/gtest.h>

#include <random>

#include "sandbox/managed_fields.h"
#include "sandbox/patch.h"
#include "sandbox/stored_form.h"

namespace fairlead::sandbox {
namespace {

json::value parse(std::string_view text) { return *parse_json(text, "test"); }

const Message& deployment() { return *Schema::builtin().message("Deployment"); }
MergeType deployments() { return MergeType::of(&deployment()); }

std::string fields(std::string_view text) { return compact(fields_of(deployments(), parse(text)).fields_v1()); }

TEST(StructuredMerge, NamesTheFieldsOfAConfiguration) {
  EXPECT_EQ(fields(R"({"spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"}}}})"),
            R"({"f:spec":{"f:replicas":{},"f:selector":{}}})");
  EXPECT_EQ(fields(R"({"metadata":{"labels":{"a":"b"},"finalizers":["x/y"],"annotations":{}}})"),
            R"({"f:metadata":{"f:annotations":{},"f:finalizers":{"v:\"x/y\"":{}},"f:labels":{"f:a":{}}}})");
  EXPECT_EQ(
      fields(
          R"({"spec":{"template":{"spec":{"nodeSelector":{"a":"b"},"containers":[{"name":"c","ports":[{"containerPort":80}],"args":["x"]}]}}}})"),
      R"({"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:args":{},"f:name":{},)"
      R"("f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}},"f:nodeSelector":{}}}}})");
}

TEST(StructuredMerge, PrintsPathsAsConflictsDo) {
  EXPECT_EQ(path_text({"f:spec", "f:template", "f:spec", "f:containers", "k:{\"name\":\"web\"}", "f:image"}),
            R"(.spec.template.spec.containers[name="web"].image)");
  EXPECT_EQ(path_text({"f:ports", "k:{\"containerPort\":80,\"protocol\":\"TCP\"}"}),
            R"(.ports[containerPort=80,protocol="TCP"])");
  EXPECT_EQ(path_text({"f:metadata", "f:finalizers", "v:\"a\""}), R"(.metadata.finalizers[="a"])");
}

TEST(StructuredMerge, OrdersNumbersAsNumbers) {
  FieldSet set = *FieldSet::parse(parse(R"({"k:{\"port\":443}":{},"k:{\"port\":80}":{},"f:z":{},"f:a":{}})"));
  EXPECT_EQ(compact(set.fields_v1()), R"({"f:a":{},"f:z":{},"k:{\"port\":80}":{},"k:{\"port\":443}":{}})");
  for (const char* bad : {"5", R"({"f:a":5})", R"({"x":{}})", R"([])"})
    EXPECT_FALSE(FieldSet::parse(parse(bad))) << bad;
}

TEST(StructuredMerge, MergesListsByTheirKeys) {
  json::value base = parse(
      R"({"spec":{"template":{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"},{"name":"c"}]}}}})");
  json::value over = parse(
      R"({"spec":{"template":{"spec":{"containers":[{"name":"d"},{"name":"b","image":"2"},{"name":"a","args":["x"]}]}}}})");
  json::value merged = merge(deployments(), base, over);
  EXPECT_EQ(compact(*find(merged, "spec", "template", "spec", "containers")),
            R"([{"name":"d"},{"name":"b","image":"2"},{"name":"c"},{"name":"a","image":"1","args":["x"]}])");
}

TEST(StructuredMerge, SaysWhatDoesNotFit) {
  auto problem = [](std::string_view text) { return type_problem(deployments(), parse(text)); };
  EXPECT_EQ(problem(R"({"spec":{"foo":1}})"), ".spec.foo: field not declared in schema");
  EXPECT_EQ(
      problem(R"({"spec":{"replicas":"x"},"foo":1})"),
      "errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .foo: field not declared in schema");
  EXPECT_EQ(problem(R"({"spec":{"template":{"spec":{"containers":[{"name":"a"},{"name":"a"}]}}}})"),
            R"(.spec.template.spec.containers: duplicate entries for key [name="a"])");
  EXPECT_EQ(problem(R"({"spec":{"template":{"spec":{"containers":[{}]}}}})"), "");  // its name is empty
  EXPECT_EQ(problem(R"({"spec":{"template":{"spec":{"containers":[{"image":"a"},{"name":""}]}}}})"),
            R"(.spec.template.spec.containers: duplicate entries for key [name=""])");
  EXPECT_EQ(problem(R"({"metadata":{"labels":null,"annotations":{"a":"b"}},"spec":null})"), "");
  for (const char* odd : {R"({"metadata":5})", R"({"metadata":{"finalizers":[{}]}})",
                          R"({"metadata":{"finalizers":[[]]}})", R"({"metadata":{"labels":{"a":[]}}})"}) {
    EXPECT_NE(problem(odd), "") << odd;
  }
}

// Random configurations of a deployment, small enough that they meet often.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  json::value make() {
    json::object metadata, spec, pod;
    if (coin()) metadata["labels"] = map();
    if (coin()) metadata["annotations"] = map();
    if (coin()) metadata["finalizers"] = names();
    if (coin()) spec["replicas"] = number();
    if (coin()) spec["minReadySeconds"] = number() + 1;
    if (coin()) spec["selector"] = json::object{{"matchLabels", map()}};
    if (coin())
      spec["strategy"] =
          json::object{{"type", "RollingUpdate"}, {"rollingUpdate", json::object{{"maxSurge", number()}}}};
    if (coin()) pod["nodeSelector"] = map();
    if (coin()) pod["tolerations"] = json::array{json::object{{"key", text()}}};
    if (coin()) pod["containers"] = containers();
    if (!pod.empty()) spec["template"] = json::object{{"spec", std::move(pod)}};
    json::object out;
    if (!metadata.empty()) out["metadata"] = std::move(metadata);
    if (!spec.empty()) out["spec"] = std::move(spec);
    return out;
  }

  // Any value at all.
  json::value any(int depth) {
    switch (random_() % (depth > 0 ? 7 : 4)) {
      case 0: return json::string(text());
      case 1: return json::value(number());
      case 2: return json::value(coin());
      case 3: return "";
      case 4: {
        json::array list;
        for (int i = number(); i > 0; --i) list.push_back(any(depth - 1));
        return list;
      }
      default: {
        json::object object;
        for (int i = number() + 1; i > 0; --i) object[text()] = any(depth - 1);
        return object;
      }
    }
  }

  bool coin() { return random_() % 2 == 0; }
  int number() { return static_cast<int>(random_() % 4); }
  std::string text() { return std::string(1, static_cast<char>('a' + random_() % 4)); }

 private:
  json::object map() {
    json::object out;
    for (int i = number() + 1; i > 0; --i) out[text()] = text();
    return out;
  }
  json::array names() {
    json::array out;
    for (const char* name : {"x/a", "x/b", "x/c"}) {
      if (coin()) out.push_back(json::string(name));
    }
    if (out.empty()) out.push_back("x/a");
    return out;
  }
  json::array containers() {
    json::array out;
    for (const char* name : {"one", "two", "three"}) {
      if (!coin()) continue;
      json::object container{{"name", name}};
      if (coin()) container["image"] = text();
      if (coin()) container["args"] = json::array{text()};
      if (coin()) container["env"] = json::array{json::object{{"name", text()}, {"value", text()}}};
      if (coin())
        container["ports"] =
            json::array{json::object{{"containerPort", number() + 1}, {"protocol", coin() ? "TCP" : "UDP"}}};
      if (coin()) container["resources"] = json::object{{"limits", json::object{{text(), "1"}}}};
      out.push_back(std::move(container));
    }
    if (out.empty()) out.push_back(json::object{{"name", "one"}});
    return out;
  }

  std::mt19937_64 random_;
};

Write by(std::string manager) { return Write{std::move(manager), "apps/v1", "", Reach::all, "2026-01-01T00:00:00Z"}; }

json::value normal(const json::value& object) { return as_stored(deployment(), object); }

TEST(StructuredMergeLaws, MergingTwiceIsMergingOnce) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Maker maker(seed);
    json::value base = maker.make(), over = maker.make();
    json::value once = merge(deployments(), base, over);
    EXPECT_EQ(merge(deployments(), once, over), once) << compact(base) << "\n" << compact(over);
    // All that was laid over it is there.
    FieldSet missing = fields_of(deployments(), over);
    missing.subtract(fields_of(deployments(), once));
    EXPECT_TRUE(missing.empty()) << compact(missing.fields_v1());
  }
}

TEST(StructuredMergeLaws, ComparisonKnowsAllDifferences) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Maker maker(seed);
    json::value a = normal(maker.make()), b = normal(maker.make());
    Comparison change = compare(deployments(), a, b), back = compare(deployments(), b, a);
    EXPECT_TRUE(change.added == back.removed && change.removed == back.added && change.modified == back.modified);
    EXPECT_EQ(change.added.empty() && change.removed.empty() && change.modified.empty(), a == b) << compact(a) << "\n"
                                                                                                 << compact(b);
    Comparison same = compare(deployments(), a, a);
    EXPECT_TRUE(same.added.empty() && same.removed.empty() && same.modified.empty());
  }
}

TEST(StructuredMergeLaws, FieldSetsAreSets) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Maker maker(seed);
    FieldSet a = fields_of(deployments(), maker.make()), b = fields_of(deployments(), maker.make());
    EXPECT_TRUE(*FieldSet::parse(a.fields_v1()) == a) << compact(a.fields_v1());
    FieldSet both = a, rest = a, all = a;
    both.intersect(b);
    rest.subtract(b);
    all.unite(b);
    FieldSet again = both;
    again.unite(rest);
    EXPECT_TRUE(again == a);
    FieldSet others = all;
    others.subtract(b);
    EXPECT_TRUE(others == rest);
    both.each([&](const FieldPath& path) { EXPECT_TRUE(a.has(path) && b.has(path)); });
  }
}

TEST(ApplyLaws, ApplyingTwiceIsApplyingOnce) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Maker maker(seed);
    json::value live = maker.make(), config = maker.make();
    auto once = apply_configuration(&deployment(), &live, config, {}, by("me"), true);
    ASSERT_TRUE(once);
    auto twice = apply_configuration(&deployment(), &once->object, config, once->managed, by("me"), false);
    ASSERT_TRUE(twice);
    EXPECT_FALSE(twice->changed) << compact(live) << "\n" << compact(config);
    EXPECT_TRUE(twice->managed == once->managed);
    EXPECT_EQ(normal(twice->object), normal(once->object));
  }
}

// What is only mine goes, what is not mine stays.
TEST(ApplyLaws, ApplyingNothingRemovesWhatWasApplied) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Maker maker(seed);
    json::value config = maker.make(), other = maker.make();
    auto first = apply_configuration(&deployment(), nullptr, other, {}, by("other"), true);
    ASSERT_TRUE(first);
    auto second = apply_configuration(&deployment(), &first->object, config, first->managed, by("me"), false);
    if (!second) {
      EXPECT_FALSE(second.error().empty());
      continue;
    }
    auto third = apply_configuration(&deployment(), &second->object, json::object(), second->managed, by("me"), false);
    ASSERT_TRUE(third);
    EXPECT_EQ(normal(third->object), normal(first->object)) << compact(other) << "\n" << compact(config);
    EXPECT_EQ(third->managed.owners.size(), first->managed.owners.size());
  }
}

TEST(ApplyLaws, NobodyOwnsWhatIsNotThere) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Maker maker(seed);
    json::value object = normal(maker.make());
    ManagedFields managed = after_update(&deployment(), nullptr, object, {}, by("creator"));
    for (int step = 0; step < 12; ++step) {
      json::value next = maker.make();
      Write write = by(maker.text());
      if (maker.coin()) {
        next = normal(next);
        managed = after_update(&deployment(), &object, next, std::move(managed), write);
        object = std::move(next);
      } else {
        auto done = apply_configuration(&deployment(), &object, next, std::move(managed), write, true);
        ASSERT_TRUE(done);
        object = normal(done->object);
        managed = std::move(done->managed);
      }
      if (managed.empty()) managed = after_update(&deployment(), nullptr, object, {}, write);
      FieldSet there = with_named_fields(deployments(), fields_of(deployments(), normal(object)));
      Comparison all = compare(deployments(), json::object(), normal(object));
      there.unite(all.added);
      for (const auto& [manager, owned] : managed.owners) {
        FieldSet gone = owned.fields;
        gone.subtract(there);
        EXPECT_TRUE(gone.empty()) << manager.text() << " " << compact(gone.fields_v1()) << "\n" << compact(object);
        EXPECT_FALSE(owned.fields.empty());
      }
      EXPECT_TRUE(*ManagedFields::parse(managed.entries()) == managed);
    }
  }
}

// RFC 7386 cannot say null: neither value has one.
json::value difference(const json::value& a, const json::value& b) {
  if (!a.is_object() || !b.is_object()) return b;
  json::object out;
  for (const auto& member : a.get_object()) {
    if (!b.get_object().contains(member.key())) out[member.key()] = nullptr;
  }
  for (const auto& member : b.get_object()) {
    const json::value* old = a.get_object().if_contains(member.key());
    if (!old) {
      out[member.key()] = member.value();
    } else if (*old != member.value()) {
      out[member.key()] = difference(*old, member.value());
    }
  }
  return out;
}

TEST(PatchLaws, MergePatchOfADifferenceGivesTheOther) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Maker maker(seed);
    json::value a = maker.any(4), b = maker.any(4);
    json::value patched = a;
    merge_patch(patched, difference(a, b));
    EXPECT_EQ(patched, b) << compact(a);
  }
}

}  // namespace
}  // namespace fairlead::sandbox
