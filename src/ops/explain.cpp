#include "ops/explain.h"

#include "base/text.h"
#include "ops/clip.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kMost = 4096;

// What is cut off first might have been what shows that the rest is a credential.
std::string presentable(const std::string& text) {
  return clip(redact::text(std::string_view(text).substr(0, 8 * kMost)), kMost);
}

// Each part by itself: between them stand colons of ours, which make no name and value.
Error without_credentials(const Error& error) {
  return {error.code, presentable(error.step),   presentable(error.cause), presentable(error.remedy),
          nullptr,    presentable(error.foreign)};
}

}  // namespace

Explanation explain(const Error& error) {
  const Error clean = without_credentials(error);
  return {clip(clean.sentence(), kMost), clip(escape_untrusted(clean.foreign, Newlines::keep), kMost)};
}

std::string explain_in_a_line(const Error& error) {
  Error clean = without_credentials(error);
  if (!clean.foreign.empty()) clean.cause += (clean.cause.empty() ? "" : ": ") + clean.foreign;
  return clip(clean.sentence(), 2 * kMost);
}

}  // namespace fairlead::ops
