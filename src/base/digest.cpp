#include "base/digest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include <array>

namespace fairlead {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> sum{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), sum.data(), &size, EVP_sha256(), nullptr);
  return fmt::format("{:02x}", fmt::join(sum, ""));
}

}  // namespace fairlead
