#include "base/secret.h"

#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace fairlead {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
concept Comparable = requires(const T& value) {
  value == value;
};

TEST(Secret, CannotBePrintedComparedOrConverted) {
  static_assert(!Printable<Secret>);
  static_assert(!Comparable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
  static_assert(!std::is_convertible_v<std::string, Secret>);
}

TEST(Secret, RevealsWhatItHolds) {
  EXPECT_TRUE(Secret().empty());
  const Secret secret(std::string("a\0b", 3));
  EXPECT_EQ(secret.reveal(), std::string_view("a\0b", 3));
  EXPECT_FALSE(secret.empty());
}

// Short texts live inside the object, long ones on the heap: both must be gone from what was moved from.
TEST(Secret, IsEmptyAndWipedWhenMovedFrom) {
  for (const std::string& text : {std::string("short"), std::string(500, 'x')}) {
    Secret first(text);
    Secret second(std::move(first));
    EXPECT_EQ(second.reveal(), text);
    EXPECT_TRUE(first.empty());
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(&first), sizeof first).find("short"),
              std::string_view::npos);
    Secret third(std::string("old"));
    third = std::move(second);
    EXPECT_EQ(third.reveal(), text);
    EXPECT_TRUE(second.empty());
  }
}

TEST(Secret, IsWipedInPlaceWhenItDies) {
  alignas(Secret) unsigned char room[sizeof(Secret)];
  auto* secret = new (room) Secret(std::string("hunter2"));
  const char* inside = secret->reveal().data();
  ASSERT_GE(reinterpret_cast<const unsigned char*>(inside), room);
  ASSERT_LT(reinterpret_cast<const unsigned char*>(inside), room + sizeof room);
  secret->~Secret();
  const volatile unsigned char* bytes = room;
  std::string left;
  for (std::size_t i = 0; i < sizeof room; ++i) left += static_cast<char>(bytes[i]);
  EXPECT_EQ(left.find("hunter"), std::string::npos);
}

TEST(Secret, CopiesAreIndependent) {
  Secret first(std::string("token"));
  Secret second = first;
  first = Secret(std::string("another"));
  EXPECT_EQ(second.reveal(), "token");
  second = first;
  EXPECT_EQ(second.reveal(), "another");
  const Secret& same = second;
  second = same;
  EXPECT_EQ(second.reveal(), "another");
}

}  // namespace
}  // namespace fairlead
