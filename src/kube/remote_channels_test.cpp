#include "kube/remote_channels.h"

#include <gtest/gtest.h>

namespace fairlead::kube {
namespace {

std::string bytes(std::initializer_list<int> all) {
  std::string out;
  for (int one : all) out += static_cast<char>(one);
  return out;
}

TEST(RemoteChannels, AsClientGoWritesThem) {
  EXPECT_EQ(channel_message(Channel::input, "ls\n"), bytes({0, 'l', 's', '\n'}));
  EXPECT_EQ(channel_message(Channel::output, ""), bytes({1}));
  EXPECT_EQ(end_of_input_message(), bytes({255, 0}));
  EXPECT_EQ(resize_message({80, 24}), bytes({4}) + R"({"Width":80,"Height":24})");
}

TEST(RemoteChannels, ReadsWhatItWrites) {
  EXPECT_FALSE(read_channel_message(""));
  const std::string message = channel_message(Channel::error_output, std::string("\0\xff", 2));
  const auto said = read_channel_message(message);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->channel, Channel::error_output);
  EXPECT_EQ(said->bytes, std::string_view("\0\xff", 2));
  EXPECT_TRUE(ends_input(read_channel_message(end_of_input_message())->bytes));
  EXPECT_FALSE(ends_input(""));
  EXPECT_FALSE(ends_input(bytes({1})));
  EXPECT_FALSE(ends_input(bytes({0, 0})));
  for (const TerminalSize size : {TerminalSize{1, 1}, TerminalSize{80, 24}, TerminalSize{65535, 65535}})
    EXPECT_EQ(read_resize(resize_message(size).substr(1)), size);
}

TEST(RemoteChannels, SizesThatAreNone) {
  for (const char* text :
       {"", "{}", "[]", "80x24", R"({"Width":80})", R"({"Width":0,"Height":24})", R"({"Width":-1,"Height":24})",
        R"({"Width":80,"Height":65536})", R"({"Width":"80","Height":"24"})", R"({"Width":80.5,"Height":24})"})
    EXPECT_FALSE(read_resize(text)) << text;
  EXPECT_FALSE(read_resize(R"({"Width":80,"Height":24,"x":")" + std::string(1000, ' ') + "\"}"));
}

TEST(RemoteChannels, ExitCodes) {
  const auto code = [](std::string_view text) { return exit_code_of(parse_json(text, "test").value()); };
  EXPECT_EQ(code(R"({"status":"Success"})"), 0);
  const auto failed = [](std::string_view message) {
    return R"({"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"Other","message":"1"},)"
           R"({"reason":"ExitCode","message":")" +
           std::string(message) + R"("}]}})";
  };
  EXPECT_EQ(code(failed("1")), 1);
  EXPECT_EQ(code(failed("137")), 137);
  for (const char* text : {"", "0", "x", "1x", " 1", "99999999999"}) EXPECT_FALSE(code(failed(text))) << text;
  EXPECT_FALSE(code(R"({"status":"Failure","reason":"InternalError","message":"no"})"));
  EXPECT_FALSE(code("{}"));
}

}  // namespace
}  // namespace fairlead::kube
