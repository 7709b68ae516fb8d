#include "net/address.h"

#include <gtest/gtest.h>

namespace fairlead::net {
namespace {

TEST(Address, WhatCountsAsOneSender) {
  EXPECT_EQ(address_block("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(address_block("::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(address_block("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_block("2001:db8:1:2::1"), address_block("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(address_block("2001:db8:1:2::1"), address_block("2001:db8:1:3::1"));
  EXPECT_EQ(address_block("fe80::1%1"), "fe80::/64");
  EXPECT_EQ(address_block(""), "");
  EXPECT_EQ(address_block("nobody"), "nobody");
}

TEST(Address, Loopback) {
  for (const char* one : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) EXPECT_TRUE(is_loopback_address(one));
  for (const char* one : {"10.0.0.1", "::2", "::ffff:10.0.0.1", "", "localhost", "127.0.0.1.evil.example"})
    EXPECT_FALSE(is_loopback_address(one)) << one;
}

}  // namespace
}  // namespace fairlead::net
