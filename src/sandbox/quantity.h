// Amounts as the API writes them ("500m", "64Mi", "1e3"): read, compared, added, and written in their canonical form.
// Pure and thread-safe.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::sandbox {

__extension__ using Int128 = __int128;  // what ISO C++ has no type for

class Quantity {
 public:
  Quantity() = default;
  // Nothing when it is none. What is smaller than a billionth is rounded up, what is beyond 64 bits is the largest.
  static std::optional<Quantity> parse(std::string_view text);
  static Quantity of(std::int64_t whole);

  // "0.5" is "500m", "1024Mi" is "1Gi": the same amount in the same family of suffixes.
  std::string text() const;
  bool negative() const { return nano_ < 0; }
  bool zero() const { return nano_ == 0; }
  bool whole() const { return nano_ % billion == 0; }
  double value() const { return static_cast<double>(nano_) / 1e9; }

  Quantity& operator+=(const Quantity& other);
  Quantity& operator-=(const Quantity& other);
  std::strong_ordering operator<=>(const Quantity& other) const { return nano_ <=> other.nano_; }
  bool operator==(const Quantity& other) const { return nano_ == other.nano_; }

 private:
  enum class Format { decimal, binary, exponent };
  static constexpr Int128 billion = 1'000'000'000;
  Int128 nano_ = 0;
  Format format_ = Format::decimal;
};

// The same amount in its canonical form; other text as it is.
std::string canonical_quantity(std::string_view text);

}  // namespace fairlead::sandbox
