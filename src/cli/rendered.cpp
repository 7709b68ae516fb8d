#include "cli/rendered.h"

#include "ops/render.h"

namespace fairlead::cli {

Result<int> show(World& world, const ops::Reply& reply, std::string_view output) {
  auto rendered = ops::render(
      reply, {.format = ops::parse_format(output).value_or(ops::Format::table), .now = world.clock->unix_seconds()});
  if (!rendered) return fail(std::move(rendered.error()));
  print(world, rendered->text, rendered->notes);
  return 0;
}

void print(World& world, std::string_view text, const std::vector<std::string>& notes) {
  std::fwrite(text.data(), 1, text.size(), world.out);
  std::fflush(world.out);  // before the notes on it
  for (const auto& one : notes) note(world, one);
}

}  // namespace fairlead::cli
