#include "sandbox/spdy.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace fairlead::sandbox {
namespace {

using Kind = SpdyEvent::Kind;

TEST(Spdy, KnowsTheDictionaryOfTheSpecification) {
  const std::string& text = spdy_dictionary();
  EXPECT_EQ(text.size(), 1423u);
  EXPECT_EQ(adler32(1, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())), 0xe3c6a7c2u);
}

TEST(Spdy, CarriesWhatWasSentHoweverItIsCut) {
  for (std::size_t step : {1u, 3u, 1000u}) {
    SpdyCodec sender, receiver;
    std::string bytes = sender.open(1, {{"streamtype", "error"}, {"port", "80"}}, true);
    bytes += sender.open(3, {{"streamtype", "data"}, {"port", "80"}});
    bytes += sender.reply(1);
    bytes += sender.data(3, std::string("a\0b", 3)) + sender.data(3, "", true) + sender.reset(3, spdy_status::cancel) +
             sender.ping(7) + sender.go_away(3, 1);
    std::vector<SpdyEvent> got;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      auto events = receiver.feed(std::string_view(bytes).substr(at, step));
      ASSERT_TRUE(events);
      got.insert(got.end(), events->begin(), events->end());
    }
    ASSERT_EQ(got.size(), 8u);
    EXPECT_EQ(got[0].kind, Kind::open);
    EXPECT_TRUE(got[0].fin);
    EXPECT_EQ(got[0].header("streamtype"), "error");
    EXPECT_EQ(got[1].stream, 3u);
    EXPECT_EQ(got[1].header("streamtype"), "data");
    EXPECT_EQ(got[1].header("missing"), "");
    EXPECT_EQ(got[2].kind, Kind::reply);
    EXPECT_EQ(got[3].data, std::string("a\0b", 3));
    EXPECT_TRUE(got[4].fin);
    EXPECT_EQ(got[5].status, spdy_status::cancel);
    EXPECT_EQ(got[6].kind, Kind::ping);
    EXPECT_EQ(got[6].stream, 7u);
    EXPECT_EQ(got[7].kind, Kind::go_away);
  }
}

TEST(Spdy, IgnoresSettingsAndWindowsAndUnknownFrames) {
  SpdyCodec codec;
  for (char type : {4, 9, 10}) {
    auto events = codec.feed(std::string("\x80\x03\x00", 3) + type + std::string("\0\0\0\x08\0\0\0\x01\0\0\0\x01", 12));
    ASSERT_TRUE(events);
    EXPECT_TRUE(events->empty());
  }
}

TEST(Spdy, RefusesWhatIsBroken) {
  const std::string cases[] = {
      std::string("\x80\x02\x00\x06\0\0\0\x04\0\0\0\x01", 12),  // SPDY/2
      std::string("\x80\x03\x00\x01\0\0\0\x04\0\0\0\x01", 12),  // a stream without headers
      std::string("\0\0\0\x01\0\x20\0\0", 8),                   // 2 MiB at once
      std::string("\0\0\0\0\0\0\0\0", 8),                       // data of no stream
      std::string("\x80\x03\x00\x02\0\0\0\x08\0\0\0\x01"
                  "junk",
                  16),  // headers that are no zlib
  };
  for (const std::string& bytes : cases) {
    SpdyCodec codec;
    EXPECT_FALSE(codec.feed(bytes));
    EXPECT_FALSE(codec.feed("")) << "it stays broken";
  }
  SpdyCodec sender, receiver;
  EXPECT_FALSE(receiver.feed(sender.open(1, {{"big", std::string(100'000, 'x')}})));
  SpdyCodec many, other;
  EXPECT_FALSE(other.feed(many.open(1, SpdyCodec::Headers(101, {"a", "b"}))));
}

}  // namespace
}  // namespace fairlead::sandbox
