#include "kube/watch_events.h"

#include <gmock/gmock.h>

#include "kube/decode.h"
#include "kube/decode_testing.h"
#include "kube/json_list.h"

namespace fairlead::kube {
namespace {

using ::testing::ElementsAre;
using testing::envelope;
using ::testing::HasSubstr;
using testing::Message;
using Format = WatchEventDecoder::Format;

std::string frame(std::string_view message) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(message.size() >> shift));
  return out + std::string(message);
}

std::string pod_frame(std::string_view type, std::string_view name) {
  const std::string pod = envelope("v1", "Pod", Message().message(1, Message().text(1, name)));
  return frame(Message().text(1, type).message(2, Message().text(1, pod)).bytes());
}

// Types and names; the error at the end, if there is one.
std::vector<std::string> read(std::string_view bytes, Format format, std::size_t piece, std::size_t limit = 1 << 20) {
  std::vector<std::string> out;
  WatchEventDecoder decoder({.format = format, .event_limit = limit}, [&](WatchEvent event) -> Result<net::Flow> {
    std::string name(text_at(event.object, {"metadata", "name"}));
    if (format == Format::protobuf) {
      auto opened = open_envelope(event.envelope);
      ObjectMeta meta;
      if (!opened || !decode(opened->raw, meta)) return fail(ErrorCode::server_error, "test", "no envelope");
      name = meta.name;
    }
    out.push_back(std::to_string(static_cast<int>(event.type)) + name);
    return net::Flow::more;
  });
  while (!bytes.empty()) {
    const std::string part(bytes.substr(0, piece));  // of its own: reading beyond it is found
    bytes.remove_prefix(part.size());
    if (auto fed = decoder.feed(part); !fed) {
      out.push_back(fed.error().cause);
      return out;
    }
  }
  if (!decoder.between_events()) out.push_back("half an event");
  return out;
}

TEST(WatchEvents, AreTheSameInPiecesOfAnySize) {
  const std::string json = R"({"type":"ADDED","object":{"metadata":{"name":"a\"}"}}})"
                           "\n"
                           R"({"object":{"metadata":{"name":"b"}},"type":"DELETED"} {"type":"X","object":{}})";
  const std::string binary = pod_frame("MODIFIED", "a") + pod_frame("BOOKMARK", std::string(300, 'b'));
  for (std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{64}, json.size() * 10}) {
    EXPECT_THAT(read(json, Format::json, piece), ElementsAre("0a\"}", "2b", "5"));
    EXPECT_THAT(read(binary, Format::protobuf, piece), ElementsAre("1a", "3" + std::string(300, 'b')));
    EXPECT_THAT(read(json.substr(0, 20), Format::json, piece), ElementsAre("half an event"));
    EXPECT_THAT(read(binary.substr(0, 20), Format::protobuf, piece), ElementsAre("half an event"));
    EXPECT_THAT(read(binary.substr(0, 2), Format::protobuf, piece), ElementsAre("half an event"));
  }
}

TEST(WatchEvents, AreBounded) {
  const std::string big = R"({"type":"ADDED","object":")" + std::string(5000, 'x') + "\"}";
  EXPECT_THAT(read(big, Format::json, 100, 4000), ElementsAre(HasSubstr("more than the 4000 bytes")));
  EXPECT_THAT(read(big, Format::json, 10'000, 4000), ElementsAre(HasSubstr("more than the 4000 bytes")));
  EXPECT_THAT(read("\xff\xff\xff\xff", Format::protobuf, 1), ElementsAre(HasSubstr("more than the")));
  EXPECT_THAT(read(std::string(4, '\0'), Format::protobuf, 9), ElementsAre(HasSubstr("it is empty")));
  EXPECT_THAT(read(frame("\x0a\x7f"), Format::protobuf, 9), ElementsAre(HasSubstr("not well-formed protobuf")));
}

TEST(JsonList, IsTheSameInPiecesOfAnySize) {
  const std::string body = R"({"kind":"PodList","other":{"items":[1]},"items":[ {"a":"]}"},{"b":[{}]} ],
    "metadata":{"resourceVersion":"7","continue":"t","remainingItemCount":3}})";
  for (std::size_t piece : {1u, 3u, 50u, 1000u}) {
    std::vector<std::string> items;
    JsonListDecoder decoder({}, [&](std::string_view item) -> Result<net::Flow> {
      items.emplace_back(item);
      return net::Flow::more;
    });
    for (std::size_t at = 0; at < body.size(); at += piece)
      ASSERT_TRUE(decoder.feed(std::string(body.substr(at, piece))));
    auto meta = decoder.finish();
    ASSERT_TRUE(meta) << meta.error().sentence();
    EXPECT_EQ(meta->resource_version, "7");
    EXPECT_EQ(meta->continue_token, "t");
    EXPECT_EQ(meta->remaining_item_count, 3);
    EXPECT_THAT(items, ElementsAre(R"({"a":"]}"})", R"({"b":[{}]})"));
  }
}

TEST(JsonList, WhatIsNoneIsAnError) {
  for (std::string body :
       {"", "x", "{", "[]", "{}", R"({"kind":"Pod"})", R"({"kind":"PodList")", R"({"kind":"PodList"}x)",
        R"({"kind":"PodList","items":[7]})", R"({"kind":"PodList","items":[{},]})", R"({"kind":"PodList",})",
        R"({"items":[{}})", R"({"kind":7})", R"({"kind" "PodList"})", R"({"kind\"":1})"}) {
    JsonListDecoder decoder({}, [](std::string_view) -> Result<net::Flow> { return net::Flow::more; });
    auto fed = decoder.feed(body);
    EXPECT_FALSE(fed && decoder.finish()) << body;
  }
  JsonListDecoder small({.object_limit = 10}, [](std::string_view) -> Result<net::Flow> { return net::Flow::more; });
  EXPECT_FALSE(small.feed(R"({"kind":"PodList","items":[{"a":"0123456789"}]})"));
}

}  // namespace
}  // namespace fairlead::kube
