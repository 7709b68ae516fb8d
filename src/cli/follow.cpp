#include "cli/follow.h"

#include "ops/render.h"

namespace fairlead::cli {
namespace {

class Following final : public ops::Progress {
 public:
  explicit Following(World& world) : followed_(world) {}
  void report(double, std::optional<double>, std::string) override {}
  ops::Follower* follower() override { return &followed_; }

 private:
  Followed followed_;
};

}  // namespace

bool Followed::lines(std::string_view text) {
  auto rendered = ops::render(ops::Reply{ops::Text{std::string(text)}, {}}, {.now = world_.clock->unix_seconds()});
  if (!rendered) return false;
  std::fwrite(rendered->text.data(), 1, rendered->text.size(), world_.out);
  return std::fflush(world_.out) == 0;
}

void Followed::note(std::string_view text) { cli::note(world_, text); }

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
