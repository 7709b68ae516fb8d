// Schemas of custom resources and the objects that they are asked about, both from a client: nothing of them may crash
// or take long, and what was pruned and filled in once stays as it is.
//
// The bytes are two JSON texts with a newline between them: a schema and an object.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "sandbox/custom_kinds.h"
#include "sandbox/openapi_schemas.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairlead;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t end = text.find('\n');
  if (end == text.npos) return 0;
  auto schema = parse_json(text.substr(0, end), "fuzz", JsonLimits{1 << 20, 120});
  auto object = parse_json(text.substr(end + 1), "fuzz", JsonLimits{1 << 20, 120});
  if (!schema || !object) return 0;
  std::vector<sandbox::Cause> causes;
  sandbox::check_schema(*schema, "schema", true, &causes);
  (void)sandbox::as_v2(*schema);
  auto made = sandbox::CustomSchema::make(*schema);
  if (!made) return 0;
  if ((*made)->check(*object).size() > 201) std::abort();
  (*made)->prune(*object);
  if (!(*made)->unknown(*object).empty()) std::abort();
  (*made)->fill_in(*object);
  (void)(*made)->check(*object, "status");
  return 0;
}
