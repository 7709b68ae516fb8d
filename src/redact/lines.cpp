#include "redact/lines.h"

#include <algorithm>

namespace fairlead::redact {
namespace {

constexpr std::size_t kLines = 128;
constexpr std::size_t kBytes = 32 << 10;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

void Lines::next(std::string_view lines, const std::function<void(std::size_t, std::string_view)>& each) {
  std::string_view came = lines;
  auto known = static_cast<std::size_t>(std::count(before_.begin(), before_.end(), '\n'));
  before_.append(lines);
  if (!lines.empty() && !lines.ends_with('\n')) before_ += '\n';
  const std::string clean = text_by_lines(before_);
  std::string_view shown = clean;
  while (known-- > 0) take_line(shown);
  for (std::size_t line = 0; !came.empty(); ++line) {
    const std::string_view raw = take_line(came);
    const std::string_view rest = take_line(shown);
    if (!rest.empty() || raw.empty()) each(line, rest);
  }
  forget();
}

void Lines::forget() {
  auto lines = static_cast<std::size_t>(std::count(before_.begin(), before_.end(), '\n'));
  std::size_t from = 0;
  while (lines > 1 && (lines > kLines || before_.size() - from > kBytes)) {
    from = before_.find('\n', from) + 1;
    --lines;
  }
  before_.erase(0, from);
}

}  // namespace fairlead::redact
