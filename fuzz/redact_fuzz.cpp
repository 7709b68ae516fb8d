// What a hostile log line or object may do to redaction: no crash, no endless loop, and nothing of what it took out
// comes back when its answer is redacted once more.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "redact/redact.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairlead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string clean = redact::text(text);
  if (clean.size() > 12 * text.size() + 16) std::abort();
  redact::text(clean);
  if (auto object = parse_json(text, "fuzz", {.bytes = 1 << 20, .depth = 64})) redact::object(*object);
  return 0;
}
