#include "sandbox/admin.h"

#include <gtest/gtest.h>

namespace fairlead::sandbox {
namespace {

struct Rig {
  json::value ask(std::string_view method, std::string_view path, std::string_view body = "") {
    auto out = admin.answer(method, path, body);
    if (!out) return nullptr;
    status = out->status;
    return parse_json(out->body, "test").value();
  }
  std::int64_t real = 0;
  Time time{1'780'000'000, [this] { return real; }};
  Faults faults;
  Store store;
  std::int64_t advanced = 0;
  int changes = 0;
  Admin admin{time, faults, store, {[this](std::int64_t span) { advanced += span; }, [this] { ++changes; }}};
  int status = 0;
};

TEST(Admin, LeavesOtherPathsAlone) {
  Rig rig;
  for (auto path : {"/", "/api/v1/pods", "/sandboxes", "/sandb"})
    EXPECT_FALSE(rig.admin.answer("GET", path, "")) << path;
  rig.ask("GET", "/sandbox/nothing");
  EXPECT_EQ(rig.status, 404);
}

TEST(Admin, SetsTheTime) {
  Rig rig;
  EXPECT_EQ(compact(rig.ask("GET", "/sandbox/time")), R"({"now":"2026-05-28T20:26:40Z","speed":1})");
  EXPECT_EQ(compact(rig.ask("PATCH", "/sandbox/time", R"({"speed":60,"advanceSeconds":90})")),
            R"({"now":"2026-05-28T20:26:40Z","speed":60})");
  EXPECT_EQ(rig.advanced, 90'000);
  EXPECT_EQ(rig.changes, 1);
  for (auto body : {"", "[]", R"({"speed":-1})", R"({"speed":1001})", R"({"speed":"x"})", R"({"sped":1})",
                    R"({"advanceSeconds":604801})", R"({"advanceSeconds":1e300})"}) {
    rig.ask("PATCH", "/sandbox/time", body);
    EXPECT_EQ(rig.status, 400) << body;
  }
  rig.ask("POST", "/sandbox/time", "{}");
  EXPECT_EQ(rig.status, 405);
  EXPECT_EQ(rig.changes, 1);
}

TEST(Admin, KeepsFaults) {
  Rig rig;
  rig.ask("PUT", "/sandbox/faults/busy", R"({"status":429,"match":{"path":"/api/*"}})");
  EXPECT_EQ(rig.status, 200);
  EXPECT_TRUE(rig.faults.hit("GET", "/api/v1/pods", false, "").error);
  EXPECT_EQ(integer_at(array_at(rig.ask("GET", "/sandbox/faults"), {"items"}).at(0), {"hits"}), 1);
  rig.ask("PUT", "/sandbox/faults/bad", R"({"status":1})");
  EXPECT_EQ(rig.status, 400);
  rig.ask("PUT", "/sandbox/faults", "{}");
  EXPECT_EQ(rig.status, 405);
  rig.ask("DELETE", "/sandbox/faults/other");
  EXPECT_EQ(rig.status, 404);
  rig.ask("DELETE", "/sandbox/faults/busy");
  EXPECT_EQ(rig.status, 200);
  EXPECT_FALSE(rig.faults.hit("GET", "/api/v1/pods", false, "").error);
}

TEST(Admin, ForgetsHistory) {
  Rig rig;
  rig.ask("DELETE", "/sandbox/history");
  EXPECT_EQ(rig.status, 200);
  EXPECT_FALSE(rig.store.changes_since(rig.store.version() - 1));
  rig.ask("GET", "/sandbox/history");
  EXPECT_EQ(rig.status, 405);
}

}  // namespace
}  // namespace fairlead::sandbox
