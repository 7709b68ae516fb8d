// Inside gate/ only: what a command says while it runs, without our own credentials (ops/mask.h), however it is cut.
#pragma once

#include <array>
#include <functional>

#include "kube/remote_session.h"
#include "ops/mask.h"

namespace fairlead::gate {

// Of a credential's beginning that has not gone on yet at most so much is shown: a terminal must not wait for more.
class MaskedOutput {
 public:
  static constexpr std::size_t kShown = 7;

  // What may be shown by now.
  std::string feed(const ops::Mask& mask, std::string_view bytes);
  // And at the end.
  std::string finish() { return std::exchange(held_, {}); }

 private:
  std::string recent_, held_;  // what was shown last, and what comes behind it
};

class MaskedStreams final : public kube::RemoteStreams {
 public:
  // `below` must outlive it.
  MaskedStreams(kube::RemoteStreams& below, std::function<ops::Mask()> mask) : below_(below), mask_(std::move(mask)) {}

  kube::awaitable<Result<void>> begun(bool input_can_end) override { return below_.begun(input_can_end); }
  kube::awaitable<Result<kube::RemoteInput>> input() override { return below_.input(); }
  kube::awaitable<Result<void>> output(bool is_error_output, std::string_view bytes) override;
  kube::awaitable<Result<void>> finished() override;
  Duration idle_limit() const override { return below_.idle_limit(); }

 private:
  kube::RemoteStreams& below_;
  std::function<ops::Mask()> mask_;
  std::array<MaskedOutput, 2> outputs_;
};

}  // namespace fairlead::gate
