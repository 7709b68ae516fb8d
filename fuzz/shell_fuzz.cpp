// The containers' shell: any text parses or is refused, in a time that its length bounds.
#include <cstdint>

#include "sandbox/shell_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)fairlead::sandbox::parse_shell(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
