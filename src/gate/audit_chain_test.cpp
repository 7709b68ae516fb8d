// Whatever is done to the lines is found: properties, with random lines and random faults.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "gate/audit_text.h"

namespace fairlead::gate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

struct Chance {
  std::mt19937 engine;
  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine); }
};

Lines make_log(Chance& chance, std::size_t count) {
  Lines lines;
  std::string before(kNoHash);
  for (std::size_t i = 1; i <= count; ++i) {
    AuditRecord record;
    record.time = static_cast<std::int64_t>(1'790'000'000'000 + i * 77);
    record.who = "mcp:agent-" + std::to_string(chance.below(3));
    record.operation = "scale_deployment";
    record.arguments["note"] = std::string(chance.below(40), static_cast<char>('a' + chance.below(26)));
    record.arguments["replicas"] = chance.below(100);
    record.outcome = "done";
    const std::string text = audit_text(static_cast<std::int64_t>(i), record);
    before = audit_hash(before, text);
    lines.push_back(with_member("hash", before, text));
  }
  return lines;
}

Lines problems_of(const Lines& lines, std::vector<AuditHead> heads = {}, AuditHead* last = nullptr) {
  AuditVerifier verifier(std::move(heads));
  for (const auto& line : lines) verifier.line(line);
  Lines out;
  for (auto& problem : verifier.finish()) out.push_back(problem.what);
  if (last) *last = verifier.last();
  return out;
}

AuditHead head_of(const Lines& lines) {
  AuditHead head;
  EXPECT_THAT(problems_of(lines, {}, &head), IsEmpty());
  return head;
}

class AuditChain : public ::testing::TestWithParam<unsigned> {
 protected:
  Chance chance{std::mt19937(GetParam())};
  Lines whole = make_log(chance, 2 + chance.below(30));
  Lines lines = whole;
};

TEST_P(AuditChain, WholeIsWhole) {
  std::vector<AuditHead> heads;
  for (std::size_t i = 0; i <= whole.size(); ++i)
    heads.push_back(head_of(Lines(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i))));
  std::shuffle(heads.begin(), heads.end(), chance.engine);
  EXPECT_THAT(problems_of(whole, heads), IsEmpty());
}

TEST_P(AuditChain, AnyBitThatIsFlipped) {
  auto& line = lines[chance.below(lines.size())];
  line[chance.below(line.size())] ^= static_cast<char>(1 << chance.below(8));
  EXPECT_FALSE(problems_of(lines).empty()) << line;
}

TEST_P(AuditChain, AnyBytesThatAreCutOutOrPutIn) {
  auto& line = lines[chance.below(lines.size())];
  const std::size_t at = chance.below(line.size());
  if (chance.below(2) == 0)
    line.erase(at, 1 + chance.below(10));
  else
    line.insert(at, std::string(1 + chance.below(3), " \"0,}"[chance.below(5)]));
  EXPECT_FALSE(problems_of(lines).empty()) << line;
}

TEST_P(AuditChain, AnAlteredRecordWithAHashOfItsOwn) {
  const std::size_t at = chance.below(lines.size());
  AuditRecord other;
  other.who = "nobody";
  const std::string before = at == 0 ? std::string(kNoHash) : lines[at - 1].substr(9, 64);
  const std::string text = audit_text(static_cast<std::int64_t>(at) + 1, other);
  lines[at] = with_member("hash", audit_hash(before, text), text);
  const AuditHead head = head_of(whole);
  EXPECT_EQ(problems_of(lines).empty(), at + 1 == lines.size());  // the last one is found by a head alone
  EXPECT_FALSE(problems_of(lines, {head}).empty());
}

TEST_P(AuditChain, RemovedInTheMiddle) {
  const std::size_t first = chance.below(lines.size() - 1);
  const std::size_t count = 1 + chance.below(lines.size() - 1 - first);
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
              lines.begin() + static_cast<std::ptrdiff_t>(first + count));
  EXPECT_THAT(problems_of(lines), ElementsAre(HasSubstr("missing before line " + std::to_string(first + 1))));
}

TEST_P(AuditChain, Swapped) {
  const std::size_t a = chance.below(lines.size());
  const std::size_t b = (a + 1 + chance.below(lines.size() - 1)) % lines.size();
  std::swap(lines[a], lines[b]);
  EXPECT_FALSE(problems_of(lines).empty());
}

TEST_P(AuditChain, Duplicated) {
  const std::string copy = lines[chance.below(lines.size())];
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(chance.below(lines.size() + 1)), copy);
  EXPECT_FALSE(problems_of(lines).empty());
}

TEST_P(AuditChain, CutOffIsFoundAgainstAHead) {
  const AuditHead head = head_of(whole);
  lines.resize(chance.below(lines.size()));
  EXPECT_THAT(problems_of(lines), IsEmpty());
  EXPECT_THAT(problems_of(lines, {head}), ElementsAre(HasSubstr("cut off")));
}

TEST_P(AuditChain, AForkIsFoundAgainstAHead) {
  const AuditHead head = head_of(whole);
  Lines other = make_log(chance, whole.size() + chance.below(3));
  ASSERT_NE(other, whole);
  EXPECT_THAT(problems_of(other), IsEmpty());
  EXPECT_THAT(problems_of(other, {head}), ElementsAre(HasSubstr("is not the one that was signed")));
}

INSTANTIATE_TEST_SUITE_P(Seeds, AuditChain, ::testing::Range(1u, 60u));

TEST(AuditChainOnce, EveryBitOfAShortLog) {
  Chance chance{std::mt19937(7)};
  const Lines whole = make_log(chance, 3);
  for (std::size_t l = 0; l < whole.size(); ++l) {
    for (std::size_t bit = 0; bit < 8 * whole[l].size(); ++bit) {
      Lines lines = whole;
      lines[l][bit / 8] ^= static_cast<char>(1 << bit % 8);
      ASSERT_FALSE(problems_of(lines).empty()) << lines[l];
    }
  }
}

TEST(AuditChainOnce, NoMoreThanAHundredProblems) {
  EXPECT_EQ(problems_of(Lines(1000, "x")).size(), 100u);
  EXPECT_EQ(problems_of(Lines(2, "")),
            (Lines{"line 1 is no record of an audit log", "line 2 is no record of an audit log"}));
}

// ---- signed heads

TEST(AuditHeads, AreSignedAndRead) {
  auto key = make_signing_key().value();
  auto public_key = public_key_of(key).value();
  const AuditHead head{17, std::string(64, 'a'), 1'790'000'000};
  auto line = sign_head(head, key).value();
  EXPECT_THAT(line, HasSubstr(R"("kind":"fairlead audit 1","seq":17,"time":"2026-09-21T14:13:20Z"})"));
  auto read = verify_head(line, public_key);
  ASSERT_TRUE(read) << read.error().sentence();
  EXPECT_EQ(read->sequence, 17);
  EXPECT_EQ(read->hash, head.hash);
  EXPECT_EQ(read->time, head.time);
}

TEST(AuditHeads, EachBitCounts) {
  auto key = make_signing_key().value();
  auto public_key = public_key_of(key).value();
  const auto line = sign_head({17, std::string(64, 'a'), 1'790'000'000}, key).value();
  for (std::size_t bit = 0; bit < 8 * line.size(); bit += 3) {
    std::string other = line;
    other[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(verify_head(other, public_key)) << other;
  }
}

TEST(AuditHeads, AnotherKey) {
  auto line = sign_head({1, std::string(64, 'a'), 0}, make_signing_key().value()).value();
  auto read = verify_head(line, public_key_of(make_signing_key().value()).value());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().cause, "it was altered, or signed with another key");
}

TEST(AuditHeads, WhatIsNoKeyIsRefused) {
  EXPECT_EQ(sign_head({}, Secret("no key")).error().code, ErrorCode::invalid_request);
  EXPECT_EQ(verify_head("{}", "no key").error().code, ErrorCode::invalid_request);
  EXPECT_EQ(verify_head("{}", public_key_of(make_signing_key().value()).value()).error().cause,
            "it is no line of 'fairlead audit head'");
}

}  // namespace
}  // namespace fairlead::gate
