// The audit log: append-only, one record a call, each bound to the one before it by its hash, so that whatever is
// altered, removed or put elsewhere is found. What the chain alone cannot tell (its end cut off, all of it written
// anew) is found against a signed head that was kept elsewhere.
//
// A record is a line of JSON, {"hash":"…","arguments":…}. Its text is the line without the member "hash": keys sorted,
// compact, "seq" among them. Its hash is SHA-256 over the hash of the one before (64 zeros before the first), a line
// break and the text. docs/audit.md describes the format for those who verify it without Fairlead.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "store/database.h"

namespace fairlead::gate {

using net::awaitable;

// What is kept of a call. No credential, no argument that is declared secret, nothing that was answered.
struct AuditRecord {
  std::int64_t time = 0;  // unix milliseconds
  std::string who;
  std::string cluster;
  std::string operation;
  std::string trust;
  json::object arguments;
  std::string decision;  // allow, approve, deny; empty: it came to none
  std::string rule;      // that decided
  std::string change;    // id, for changes
  std::string outcome;   // done, or an error's code
  std::int64_t milliseconds = 0;
};

struct AuditHead {
  std::int64_t sequence = 0;  // of the last record; the first is 1; 0: there was none
  std::string hash;           // hex
  std::int64_t time = 0;      // unix seconds: when it was signed
};

struct AuditProblem {
  std::int64_t sequence = 0;
  std::string what;  // "record 17 was altered", "records 18 to 20 are missing", …
};

// Whether lines are one unbroken chain from record 1 on; a head that was kept elsewhere must be in it. Bounded memory:
// feed it line by line, without the line breaks.
class AuditVerifier {
 public:
  explicit AuditVerifier(std::vector<AuditHead> heads = {});
  void line(std::string_view text);
  void found(AuditProblem problem);
  // All that is wrong, at most 100; empty: nothing.
  std::vector<AuditProblem> finish();
  const AuditHead& last() const { return last_; }

 private:
  void expect_head(const AuditHead& record);

  std::vector<AuditHead> heads_;  // by sequence
  std::size_t next_head_ = 0;
  AuditHead last_;
  std::int64_t lines_ = 0;
  std::vector<AuditProblem> problems_;
};

// What is wrong with a record whose columns tell something else.
AuditProblem contradicted(std::int64_t sequence);

// Appends inside a transaction that has begun.
Result<void> append_record(store::Session& session, AuditRecord record);

class AuditLog {
 public:
  // The database has the tables of store/schema.h, and must outlive this.
  explicit AuditLog(store::Database& database) : database_(database) {}

  // Handed over; durable soon (group commit). `failed` hears of it once when it is not, on the database's thread or
  // here.
  void append(AuditRecord record, std::function<void(const Error&)> failed);
  // The same, durable when it answers; it is written as well where the caller waits no longer.
  awaitable<Result<void>> append_and_wait(AuditRecord record, std::function<void(const Error&)> failed,
                                          Deadline deadline);

  // The newest `limit` records before `before` (0: from the end) that pass the filter, oldest first.
  struct Filter {
    std::string who, operation, outcome, change;
    std::int64_t since = 0;  // unix seconds
  };
  awaitable<Result<std::vector<json::object>>> read(Filter filter, std::int64_t before, std::size_t limit,
                                                    Deadline deadline);
  // Each record as a line of JSON without a line break, in order, until `line` answers false.
  awaitable<Result<void>> export_lines(std::function<bool(std::string_view line)> line, Deadline deadline);
  // The same a page at a time, of those after `after`, at most `limit`; with whether a search finds each as it is.
  struct Line {
    std::int64_t sequence = 0;
    std::string text;
    bool columns_agree = true;
  };
  awaitable<Result<std::vector<Line>>> lines(std::int64_t after, std::size_t limit, Deadline deadline);
  // Feeds all records to the verifier, and finds columns that contradict their record.
  awaitable<Result<void>> verify(AuditVerifier& verifier, Deadline deadline);

  awaitable<Result<AuditHead>> head(Deadline deadline);  // time is 0

 private:
  store::Database& database_;
};

// Ed25519, keys in PEM. A head as one line of JSON with its signature, and back: invalid_request when it is none, or
// was not signed by this key.
Result<Secret> make_signing_key();
Result<std::string> public_key_of(const Secret& private_pem);
Result<std::string> sign_head(const AuditHead& head, const Secret& private_pem);
Result<AuditHead> verify_head(std::string_view line, std::string_view public_pem);

}  // namespace fairlead::gate
