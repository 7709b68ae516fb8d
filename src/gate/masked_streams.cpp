#include "gate/masked_streams.h"

namespace fairlead::gate {

std::string MaskedOutput::feed(const ops::Mask& mask, std::string_view bytes) {
  const std::size_t shown = recent_.size();
  std::string text = recent_ + held_;
  text += bytes;
  std::size_t keep = mask.begun_at_end(text);
  keep = keep > kShown ? std::min(keep, text.size() - shown) : 0;
  const std::size_t until = text.size() - keep;
  std::string whole = text.substr(0, until);
  held_ = text.substr(until);
  recent_ = whole.substr(whole.size() - std::min(kShown, whole.size()));
  mask.apply(whole);
  return whole.size() > shown ? whole.substr(shown) : "";
}

kube::awaitable<Result<void>> MaskedStreams::output(bool is_error_output, std::string_view bytes) {
  const std::string shown = outputs_[is_error_output ? 1 : 0].feed(mask_(), bytes);
  if (shown.empty()) co_return Result<void>();
  co_return co_await below_.output(is_error_output, shown);
}

kube::awaitable<Result<void>> MaskedStreams::finished() {
  for (const bool is_error_output : {false, true}) {
    const std::string rest = outputs_[is_error_output ? 1 : 0].finish();
    if (rest.empty()) continue;
    auto taken = co_await below_.output(is_error_output, rest);
    if (!taken) co_return taken;
  }
  co_return co_await below_.finished();
}

}  // namespace fairlead::gate
