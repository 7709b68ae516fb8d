#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "gate/audit_text.h"

namespace fairlead::gate {
namespace {

constexpr std::size_t kProblems = 100;

// "record 5", "records 5 to 7"
std::string records(std::int64_t first, std::int64_t last) {
  return first == last ? fmt::format("record {}", first) : fmt::format("records {} to {}", first, last);
}
std::string_view are(std::int64_t first, std::int64_t last) { return first == last ? "is" : "are"; }

}  // namespace

AuditVerifier::AuditVerifier(std::vector<AuditHead> heads) : heads_(std::move(heads)) {
  std::stable_sort(heads_.begin(), heads_.end(),
                   [](const AuditHead& a, const AuditHead& b) { return a.sequence < b.sequence; });
  last_.hash = kNoHash;
  expect_head(last_);
}

void AuditVerifier::found(AuditProblem problem) {
  if (problems_.size() < kProblems) problems_.push_back(std::move(problem));
}

// Compares the heads of this record, and passes those that lie in a gap.
void AuditVerifier::expect_head(const AuditHead& record) {
  for (; next_head_ < heads_.size() && heads_[next_head_].sequence <= record.sequence; ++next_head_) {
    const auto& head = heads_[next_head_];
    if (head.sequence == record.sequence && head.hash != record.hash)
      found({head.sequence,
             fmt::format("record {} is not the one that was signed at {}: this log was written anew, or is "
                         "another one",
                         head.sequence, format_rfc3339(head.time))});
  }
}

void AuditVerifier::line(std::string_view text) {
  ++lines_;
  auto parted = part_member("hash", kNoHash.size(), text);
  auto value = parted ? parse_json(text, "read the record", {.duplicate_keys = false})
                      : fail(ErrorCode::invalid_request, {}, {});
  AuditHead record;
  if (value) record.sequence = integer_at(*value, {"seq"});
  if (!value || record.sequence <= 0) {
    found({last_.sequence + 1, fmt::format("line {} is no record of an audit log", lines_)});
    return;
  }
  record.hash = parted->value;
  const std::int64_t expected = last_.sequence + 1;
  if (record.sequence < expected) {
    found({record.sequence, fmt::format("record {} stands behind record {}: it is there twice, or was put elsewhere",
                                        record.sequence, last_.sequence)});
    return;
  }
  if (record.sequence > expected) {
    found({expected, fmt::format("{} {} missing before line {}", records(expected, record.sequence - 1),
                                 are(expected, record.sequence - 1), lines_)});
  } else if (audit_hash(last_.hash, parted->text) != record.hash) {
    found({record.sequence, fmt::format("record {} does not follow from what stands before it: it was altered, or the "
                                        "one before it was",
                                        record.sequence)});
  }
  expect_head(record);
  last_ = std::move(record);
}

std::vector<AuditProblem> AuditVerifier::finish() {
  if (next_head_ < heads_.size()) {
    const auto& head = heads_.back();
    found({last_.sequence + 1,
           fmt::format("the log ends with record {}, but at {} there was record {}: {} {} cut off", last_.sequence,
                       format_rfc3339(head.time), head.sequence, records(last_.sequence + 1, head.sequence),
                       head.sequence == last_.sequence + 1 ? "was" : "were")});
    next_head_ = heads_.size();
  }
  return problems_;
}

}  // namespace fairlead::gate
