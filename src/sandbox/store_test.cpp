#include "sandbox/store.h"

#include <gtest/gtest.h>

namespace fairlead::sandbox {
namespace {

class StoreTest : public testing::Test {
 protected:
  ObjectPtr put(std::string_view space, std::string_view name, std::string body = "",
                std::vector<std::string> owners = {}) {
    Object object;
    object.resource = &pods;
    object.namespace_name = space;
    object.name = name;
    object.uid = std::string(space) + "-" + std::string(name);
    object.version = store.next_version();
    object.body = std::move(body);
    object.owners = std::move(owners);
    return store.put(std::move(object));
  }
  void erase(std::string_view space, std::string_view name) {
    Object last = *store.find(pods, space, name);
    last.version = store.next_version();
    store.erase(std::move(last));
  }
  static std::string names(const std::vector<ObjectPtr>& objects) {
    std::string out;
    for (const ObjectPtr& object : objects) out += object->namespace_name + "/" + object->name + " ";
    return out;
  }

  Resources resources;
  const Resource& pods = resources.get("", "pods");
  Store store;
};

TEST_F(StoreTest, KeepsObjectsInTheOrderOfEtcd) {
  put("shop", "b");
  put("shop", "a");
  put("shop-2", "a");
  put("default", "z");
  EXPECT_EQ(names(store.list(pods, "")), "default/z shop-2/a shop/a shop/b ");  // '-' comes before '/'
  EXPECT_EQ(names(store.list(pods, "shop")), "shop/a shop/b ");
  EXPECT_EQ(store.list(pods, "none").size(), 0u);
  EXPECT_EQ(store.find(pods, "shop", "c"), nullptr);
  EXPECT_EQ(store.find_uid("shop-a")->name, "a");
  EXPECT_EQ(store.count(pods), 4u);
}

TEST_F(StoreTest, TellsOlderVersions) {
  put("n", "a", "1");
  put("n", "b", "1");
  std::uint64_t then = store.version();
  put("n", "a", "2");
  erase("n", "b");
  put("n", "c", "1");
  put("m", "x", "1");
  EXPECT_EQ(names(store.list(pods, "n")), "n/a n/c ");
  auto before = store.list_at(pods, "n", then);
  ASSERT_TRUE(before);
  EXPECT_EQ(names(*before), "n/a n/b ");
  EXPECT_EQ(before->front()->body, "1");
  EXPECT_FALSE(store.list_at(pods, "n", store.version() + 1));
  store.compact_history();
  EXPECT_FALSE(store.list_at(pods, "n", then));
  EXPECT_TRUE(store.list_at(pods, "n", store.version()));
}

TEST_F(StoreTest, RecordsChanges) {
  std::vector<Change::Type> seen;
  store.observe([&](const Change& change) { seen.push_back(change.type); });
  std::uint64_t start = store.version();
  put("n", "a", "1");
  put("n", "a", "2");
  erase("n", "a");
  EXPECT_EQ(seen, (std::vector{Change::Type::added, Change::Type::modified, Change::Type::deleted}));
  auto changes = store.changes_since(start + 1);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 2u);
  EXPECT_EQ(changes->front().previous->body, "1");
  EXPECT_EQ(changes->back().object->version, store.version());
  EXPECT_TRUE(store.changes_since(store.version())->empty());
  EXPECT_FALSE(store.changes_since(start - 1));
}

TEST_F(StoreTest, ForgetsTheOldestChanges) {
  std::uint64_t start = store.version();
  for (int i = 0; i < 20'010; ++i) put("n", "a");
  EXPECT_FALSE(store.changes_since(start));
  EXPECT_EQ(store.changes_since(store.version() - 20'000)->size(), 20'000u);
}

TEST_F(StoreTest, KnowsWhatIsOwned) {
  put("n", "a", "", {"owner"});
  put("n", "b", "", {"owner", "other"});
  EXPECT_EQ(names(store.owned_by("owner")), "n/a n/b ");
  put("n", "a", "", {"other"});
  EXPECT_EQ(names(store.owned_by("owner")), "n/b ");
  erase("n", "b");
  EXPECT_TRUE(store.owned_by("owner").empty());
  EXPECT_EQ(names(store.owned_by("other")), "n/a ");
}

}  // namespace
}  // namespace fairlead::sandbox
