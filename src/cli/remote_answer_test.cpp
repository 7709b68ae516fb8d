#include "cli/remote_answer.h"

#include <gmock/gmock.h>

namespace fairlead::cli {
namespace {

using testing::ElementsAre;

json::value parsed(std::string_view text) { return parse_json(text, "").value(); }

TEST(ErrorOf, ItIsTheOneThatTheProblemWasMadeOf) {
  const auto error = error_of(parsed(R"({"status":409,"code":"conflict","detail":"scale: somebody was faster. Look.",)"
                                     R"("remedy":"Look.","foreign":"the object has been modified"})"));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::conflict);
  EXPECT_EQ(error->cause, "scale: somebody was faster");
  EXPECT_EQ(error->remedy, "Look.");
  EXPECT_EQ(error->foreign, "the object has been modified");
  EXPECT_EQ(error->sentence(), "scale: somebody was faster. Look.");
}

TEST(ErrorOf, WithoutARemedyOrWithAnotherTheDetailStays) {
  for (const char* remedy : {"", R"(,"remedy":"Ask.")", R"(,"remedy":7)"}) {
    const auto error =
        error_of(parsed(R"({"code":"not_found","detail":"there is none. Look.")" + std::string(remedy) + "}"));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->sentence(), "there is none. Look.");
  }
}

TEST(ErrorOf, WhatIsNoProblemIsNone) {
  for (const char* text :
       {"{}", "[]", "null", R"({"code":7})", R"({"code":"done"})", R"({"kind":"Status","code":404})"})
    EXPECT_FALSE(error_of(parsed(text))) << text;
}

std::vector<std::string> read(const std::vector<std::string>& pieces) {
  EventReader reader;
  std::vector<std::string> out;
  for (const auto& piece : pieces) {
    reader.feed(piece);
    while (auto event = reader.next()) out.push_back(event->name + "=" + event->data);
  }
  return out;
}

TEST(EventReader, EventsAreTheSameHoweverTheirBytesCome) {
  const std::string text =
      ": still waiting\n\nevent: progress\ndata: {\"done\":1}\n\nevent: result\ndata: a\ndata: b\n\nevent: cut";
  EXPECT_THAT(read({text}), ElementsAre("progress={\"done\":1}", "result=a\nb"));
  std::vector<std::string> bytes;
  for (char c : text) bytes.emplace_back(1, c);
  EXPECT_THAT(read(bytes), ElementsAre("progress={\"done\":1}", "result=a\nb"));
  for (std::size_t at = 0; at < text.size(); ++at)
    EXPECT_THAT(read({text.substr(0, at), text.substr(at)}), ElementsAre("progress={\"done\":1}", "result=a\nb")) << at;
}

TEST(CallAnswer, JsonKeepsItsLineBreaks) {
  const auto answer =
      read_call_answer("{\"notes\":[\"a\"],\"result\":{\"items\":[\n{\"x\":1}],\n\"total\":1}}\n", true);
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->notes, ElementsAre("a"));
  EXPECT_EQ(answer->text, "{\"items\":[\n{\"x\":1}],\n\"total\":1}\n");
  const auto other = read_call_answer(R"({ "result": {"x": 1}, "notes": [] })", true);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->text, "{\n  \"x\": 1\n}\n");
}

TEST(CallAnswer, TextIsSafeToShow) {
  const auto answer = read_call_answer(R"({"notes":[],"result":"a\u001b[2J\nb\n"})", false);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "a\\x1B[2J\nb\n");
}

TEST(CallAnswer, AnythingElseIsRefused) {
  for (const char* text : {"", "nonsense", "[]", "{}", R"({"notes":[]})", R"({"notes":1,"result":"x"})",
                           R"({"result":"x"})", R"({"notes":[],"result":{}})"})
    EXPECT_FALSE(read_call_answer(text, false)) << text;
}

}  // namespace
}  // namespace fairlead::cli
