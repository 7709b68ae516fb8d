#include "cli/rendered.h"

#include "ops/render.h"

namespace fairlead::cli {

Result<int> show(World& world, const ops::Reply& reply, std::string_view output) {
  auto rendered = ops::render(
      reply, {.format = ops::parse_format(output).value_or(ops::Format::table), .now = world.clock->unix_seconds()});
  if (!rendered) return fail(std::move(rendered.error()));
  std::fwrite(rendered->text.data(), 1, rendered->text.size(), world.out);
  std::fflush(world.out);  // before the notes on it
  for (const auto& text : rendered->notes) note(world, text);
  return 0;
}

}  // namespace fairlead::cli
