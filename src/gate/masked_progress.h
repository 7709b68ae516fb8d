// Inside gate/ only: what a call says while it runs, without our own credentials (ops/mask.h).
#pragma once

#include <functional>

#include "gate/masked_streams.h"
#include "ops/operation.h"

namespace fairlead::gate {

class MaskedProgress final : public ops::Progress, private ops::Follower {
 public:
  // `below` must outlive it, and may be null where nobody listens. `mask` takes credentials out of a text.
  MaskedProgress(ops::Progress* below, std::function<ops::Mask()> mask) : below_(below), mask_of_(std::move(mask)) {
    if (below && below->streams()) streams_.emplace(*below->streams(), mask_of_);
  }

  void report(double done, std::optional<double> total, std::string message) override {
    if (!below_) return;
    mask_(message);
    below_->report(done, total, std::move(message));
  }
  ops::Follower* follower() override { return below_ && below_->follower() ? this : nullptr; }
  kube::RemoteStreams* streams() override { return streams_ ? &*streams_ : nullptr; }

 private:
  void mask_(std::string& text) const { mask_of_().apply(text); }
  bool lines(std::string_view text) override {
    std::string masked(text);
    mask_(masked);
    return below_->follower()->lines(masked);
  }
  void note(std::string_view text) override {
    std::string masked(text);
    mask_(masked);
    below_->follower()->note(masked);
  }

  ops::Progress* below_;
  std::function<ops::Mask()> mask_of_;
  std::optional<MaskedStreams> streams_;
};

}  // namespace fairlead::gate
