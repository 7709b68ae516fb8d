#include "cli/follow.h"

#include "ops/render.h"

namespace fairlead::cli {
namespace {

class Following final : public ops::Progress, private ops::Follower {
 public:
  explicit Following(World& world) : world_(world) {}
  void report(double, std::optional<double>, std::string) override {}
  ops::Follower* follower() override { return this; }

 private:
  bool lines(std::string_view text) override {
    auto rendered = ops::render(ops::Reply{ops::Text{std::string(text)}, {}}, {.now = world_.clock->unix_seconds()});
    if (!rendered) return false;
    std::fwrite(rendered->text.data(), 1, rendered->text.size(), world_.out);
    return std::fflush(world_.out) == 0;
  }
  void note(std::string_view text) override { cli::note(world_, text); }

  World& world_;
};

}  // namespace

net::awaitable<int> follow(World& world, gate::Gate& gate, gate::Request request) {
  Following following(world);
  request.progress = &following;
  auto reply = co_await gate.call(std::move(request));
  if (!reply && reply.error().code != ErrorCode::cancelled) co_return report(world, reply.error());
  if (reply)
    for (const auto& text : reply->notes) note(world, text);
  co_return 0;
}

}  // namespace fairlead::cli
