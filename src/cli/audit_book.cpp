#include "cli/audit_book.h"

#include <algorithm>

#include "base/text.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30);  // for one answer

class Local final : public AuditBook {
 public:
  explicit Local(store::Database& database) : log_(database) {}
  awaitable<Result<std::vector<json::object>>> read(gate::AuditLog::Filter filter, std::size_t limit) override {
    co_return co_await log_.read(std::move(filter), 0, limit, Deadline::after(kPatience));
  }
  awaitable<Result<void>> export_lines(std::function<bool(std::string_view)> line) override {
    co_return co_await log_.export_lines(std::move(line), Deadline::never());
  }
  awaitable<Result<void>> verify(gate::AuditVerifier& verifier) override {
    co_return co_await log_.verify(verifier, Deadline::never());
  }
  awaitable<Result<gate::AuditHead>> head() override { co_return co_await log_.head(Deadline::after(kPatience)); }

 private:
  gate::AuditLog log_;
};

class Served final : public AuditBook {
 public:
  explicit Served(Remote& remote) : remote_(remote) {}

  awaitable<Result<std::vector<json::object>>> read(gate::AuditLog::Filter filter, std::size_t limit) override {
    Query query{{"who", filter.who},
                {"operation", filter.operation},
                {"outcome", filter.outcome},
                {"change", filter.change},
                {"since", filter.since > 0 ? format_rfc3339(filter.since) : ""}};
    auto items = co_await remote_.list("/audit", query, "before", limit, Deadline::after(kPatience));
    if (!items) co_return fail(std::move(items.error()));
    std::vector<json::object> out;
    for (auto& item : *items)
      if (item.is_object()) out.push_back(std::move(item.get_object()));
    // Each page has its newest last, and the newest page comes first.
    std::sort(out.begin(), out.end(),
              [](const json::object& a, const json::object& b) { return sequence_of(a) < sequence_of(b); });
    co_return out;
  }

  awaitable<Result<void>> export_lines(std::function<bool(std::string_view)> line) override {
    auto each = [line = std::move(line)](const json::value& item) {
      const std::string_view text = text_at(item, {"line"});
      const bool plain = std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
      return plain ? line(text) : line(escape_untrusted(text, Newlines::escape));  // no record has such
    };
    co_return co_await walk(each);
  }

  awaitable<Result<void>> verify(gate::AuditVerifier& verifier) override {
    auto each = [&verifier](const json::value& item) {
      verifier.line(text_at(item, {"line"}));
      if (!flag_at(item, {"columns_agree"})) verifier.found(gate::contradicted(integer_at(item, {"seq"})));
      return true;
    };
    co_return co_await walk(each);
  }

  awaitable<Result<gate::AuditHead>> head() override {
    Query none;
    auto found = co_await remote_.get("/audit/head", none, Deadline::after(kPatience));
    if (!found) co_return fail(std::move(found.error()));
    gate::AuditHead out;
    out.sequence = integer_at(*found, {"seq"});
    out.hash = text_at(*found, {"hash"});
    co_return out;
  }

 private:
  static std::int64_t sequence_of(const json::object& record) {
    const json::value* seq = record.if_contains("seq");
    return seq && seq->is_int64() ? seq->get_int64() : 0;
  }

  // All lines, a page in memory at a time, until `each` answers false.
  awaitable<Result<void>> walk(std::function<bool(const json::value&)> each) {
    std::optional<std::int64_t> after;
    while (true) {
      Query query{{"after", after ? std::to_string(*after) : ""}, {"limit", "1000"}};
      auto page = co_await remote_.get("/audit/lines", query, Deadline::after(kPatience));
      if (!page) co_return fail(std::move(page.error()));
      for (const auto& item : array_at(*page, {"items"}))
        if (!each(item)) co_return Result<void>();
      const json::value* next = find(*page, "next");
      if (!next || !next->is_int64() || (after && next->get_int64() <= *after)) co_return Result<void>();
      after = next->get_int64();
    }
  }

  Remote& remote_;
};

}  // namespace

int with_audit(World& world, const ServerOption& server, const DataOption& data,
               std::function<awaitable<Result<int>>(AuditBook&)> body) {
  if (auto checked = server.check(world); !checked) return report(world, checked.error());
  if (server.is_meant(world)) return with_served<Served>(world, server, body);
  auto database = open_existing_database(world, data);
  if (!database) return report(world, database.error());
  Local book(**database);
  Result<int> status = 1;
  auto run = [&](net::Executor) -> awaitable<void> { status = co_await body(book); };
  net::run_until_done(run);
  return status ? *status : report(world, status.error());
}

}  // namespace fairlead::cli
