// fairlead audit: what was called, by whom, and that nobody changed the record of it.
#include <algorithm>
#include <fstream>

#include "base/text.h"
#include "cli/audit_book.h"
#include "cli/audit_key.h"
#include "ops/explain.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr std::size_t kWidest = 60;  // of the arguments in a table

struct AuditFlags {
  DataOption data;
  ServerOption server;
  gate::AuditLog::Filter filter;
  std::string since, output = "table", file, head, key;
  std::size_t limit = 50;
};

// ---- show

std::string words_of(const json::object& arguments) {
  std::string out;
  for (const auto& [name, value] : arguments) {
    if (!out.empty()) out += ' ';
    out += std::string(name) + "=" + (value.is_string() ? std::string(value.get_string()) : compact(value));
  }
  if (out.size() > kWidest) out = first_words(out, kWidest) + "…";
  return out;
}

std::string table_of(const std::vector<json::object>& records) {
  std::vector<std::vector<std::string>> rows = {
      {"SEQ", "TIME", "WHO", "CLUSTER", "OPERATION", "ARGUMENTS", "DECISION", "OUTCOME", "CHANGE"}};
  for (const auto& record : records) {
    const json::value value(record);
    std::vector<std::string> row = {std::to_string(integer_at(value, {"seq"}))};
    for (std::string_view name : {"time", "who", "cluster", "operation"}) row.emplace_back(text_at(value, {name}));
    row.push_back(words_of(object_at(value, {"arguments"})));
    for (std::string_view name : {"decision", "outcome", "change"}) row.emplace_back(text_at(value, {name}));
    for (auto& cell : row) cell = cell.empty() ? "-" : escape_untrusted(cell, Newlines::escape);
    rows.push_back(std::move(row));
  }
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - row[i].size() + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

int show(World& world, AuditFlags flags) {
  if (!flags.since.empty()) {
    const auto span = parse_human_duration(flags.since);
    const auto moment = parse_rfc3339(flags.since);
    if (!span && !moment)
      return report(world, Error{ErrorCode::invalid_request,
                                 "read --since",
                                 "it is neither a span nor a time",
                                 "Such as 30m, 12h, 7d or 2026-09-21T13:00:00Z",
                                 nullptr,
                                 {}});
    flags.filter.since = moment ? *moment : world.clock->unix_seconds() - span->count();
  }
  auto body = [&](AuditBook& book) -> awaitable<Result<int>> {
    auto records = co_await book.read(flags.filter, flags.limit);
    if (!records) co_return fail(std::move(records.error()));
    std::string text;
    if (flags.output == "json") {
      json::array all;
      for (auto& record : *records) all.push_back(std::move(record));
      text = pretty(all) + "\n";
    } else if (!records->empty()) {
      text = table_of(*records);
    }
    std::fwrite(text.data(), 1, text.size(), world.out);
    if (records->empty()) note(world, "no such record");
    if (records->size() == flags.limit)
      note(world, "the newest " + std::to_string(flags.limit) + "; --limit shows more");
    co_return 0;
  };
  return with_audit(world, flags.server, flags.data, body);
}

// ---- export

int export_all(World& world, const AuditFlags& flags) {
  auto body = [&](AuditBook& book) -> awaitable<Result<int>> {
    auto print = [&world](std::string_view line) {
      std::fwrite(line.data(), 1, line.size(), world.out);
      std::fputc('\n', world.out);
      return std::ferror(world.out) == 0;
    };
    auto done = co_await book.export_lines(print);
    if (!done) co_return fail(std::move(done.error()));
    co_return 0;
  };
  return with_audit(world, flags.server, flags.data, body);
}

// ---- head

int print_head(World& world, const AuditFlags& flags) {
  auto body = [&](AuditBook& book) -> awaitable<Result<int>> {
    auto head = co_await book.head();
    if (!head) co_return fail(std::move(head.error()));
    head->time = world.clock->unix_seconds();
    // Whoever keeps the server's data shall not be able to sign another past.
    if (flags.key.empty() && flags.server.is_meant(world))
      co_return fail(ErrorCode::invalid_request, "sign the head", "a server's head is signed here, and no key is given",
                     "Give --key FILE; 'openssl genpkey -algorithm ed25519 -out FILE' makes one");
    auto key = flags.key.empty() ? signing_key(world, *flags.data.directory(world)) : read_signing_key(flags.key);
    auto line = key ? gate::sign_head(*head, *key) : fail(std::move(key.error()));
    if (!line) co_return fail(std::move(line.error()));
    std::fputs((*line + "\n").c_str(), world.out);
    co_return 0;
  };
  return with_audit(world, flags.server, flags.data, body);
}

// ---- verify

struct Heads {
  std::vector<gate::AuditHead> good;
  std::vector<std::string> problems;
};

Result<Heads> read_heads(const AuditFlags& flags) {
  Heads heads;
  if (flags.head.empty()) return heads;
  auto key = read_file(flags.key, "read the public key", 64 << 10);
  if (!key) return fail(std::move(key.error()));
  auto text = read_file(flags.head, "read the signed heads", 64 << 20);
  if (!text) return fail(std::move(text.error()));
  int number = 0;
  for (std::string_view line : split(*text, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    auto head = gate::verify_head(trim(line), *key);
    if (head)
      heads.good.push_back(std::move(*head));
    else if (head.error().step == "read the public key")
      return fail(std::move(head.error()));
    else
      heads.problems.push_back("the signed head in line " + std::to_string(number) + ": " + head.error().cause);
  }
  if (heads.good.empty() && heads.problems.empty())
    return fail(ErrorCode::invalid_request, "read the signed heads", "there is none in the file",
                "'fairlead audit head' prints one");
  return heads;
}

Result<void> verify_file(const std::string& path, gate::AuditVerifier& verifier) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) verifier.line(line);
  if (!file.eof())
    return fail(ErrorCode::invalid_request, "read " + path, "it cannot be read", "Check the path and its permissions");
  return {};
}

int verify(World& world, const AuditFlags& flags) {
  if (auto checked = flags.server.check(world); !checked) return report(world, checked.error());
  auto heads = read_heads(flags);
  if (!heads) return report(world, heads.error());
  gate::AuditVerifier verifier(heads->good);
  if (!flags.file.empty()) {
    if (auto read = verify_file(flags.file, verifier); !read) return report(world, read.error());
  } else {
    auto body = [&](AuditBook& book) -> awaitable<Result<int>> {
      auto done = co_await book.verify(verifier);
      if (!done) co_return fail(std::move(done.error()));
      co_return 0;
    };
    if (int status = with_audit(world, flags.server, flags.data, body); status != 0) return status;
  }
  std::vector<std::string> problems = heads->problems;
  for (auto& problem : verifier.finish()) problems.push_back(std::move(problem.what));
  for (const auto& problem : problems) std::fputs((problem + "\n").c_str(), world.out);
  if (!problems.empty())
    return report(world, Error{ErrorCode::server_error,
                               "verify the audit log",
                               "it is not as it was written: " + std::to_string(problems.size()) + " found",
                               "Keep the file as it is for an inquiry, and compare it with a copy",
                               nullptr,
                               {}});
  std::fprintf(world.out, "%lld records, nothing is wrong; the last one's hash is %s\n",
               static_cast<long long>(verifier.last().sequence), verifier.last().hash.c_str());
  if (flags.head.empty())
    note(
        world,
        "without a signed head that was kept elsewhere (--head) a log whose end was cut off, or that was written anew, "
        "looks whole");
  return 0;
}

}  // namespace

void add_audit(CLI::App& app, World& world, Action& action) {
  auto* command = app.add_subcommand("audit", "What was called, by whom, and that nobody changed the record of it");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  fairlead audit show --operation scale_deployment --since 12h\n"
      "  fairlead audit head >> /mnt/elsewhere/heads          by cron: what the log can be held against later\n"
      "  fairlead audit verify --head /mnt/elsewhere/heads --key /mnt/elsewhere/audit-key.pub\n"
      "  fairlead audit export --server https://fairlead.example.com:8475 > audit.jsonl");
  auto add = [&](const char* name, const char* text, int (*run)(World&, const AuditFlags&), const char* footer) {
    auto flags = std::make_shared<AuditFlags>();
    auto* sub = command->add_subcommand(name, text);
    flags->data.add_to(*sub);
    sub->footer(footer);
    sub->callback([&world, &action, flags, run] { action = [&world, flags, run] { return run(world, *flags); }; });
    return std::pair(sub, flags);
  };
  auto text_option = [](CLI::App* sub, const char* name, std::string& into, const char* text) {
    return sub->add_option(name, into, text)->check(CLI::Validator(refuse_value, ""));
  };

  auto [shows, show_flags] = add(
      "show", "Print records, the newest last", [](World& w, const AuditFlags& f) { return show(w, f); },
      "Examples:\n  fairlead audit show --operation scale_deployment --since 12h\n"
      "  fairlead audit show --who mcp:alice --outcome policy_denied -o json");
  text_option(shows, "--who", show_flags->filter.who, "Who called, such as mcp:alice");
  text_option(shows, "--operation", show_flags->filter.operation, "Name of the operation");
  text_option(shows, "--outcome", show_flags->filter.outcome, "done, or the code of an error: policy_denied");
  text_option(shows, "--change", show_flags->filter.change, "Id of a change");
  text_option(shows, "--since", show_flags->since, "A span back from now (30m, 12h, 7d) or a time in RFC 3339");
  shows->add_option("--limit", show_flags->limit, "The newest so many")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  shows->add_option("-o,--output", show_flags->output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();

  auto [verifies, verify_flags] = add(
      "verify", "Find records that were altered, removed or put elsewhere; exit status 1 when there are any", verify,
      "Examples:\n  fairlead audit verify\n"
      "  fairlead audit verify --file audit.jsonl --head heads --key audit-key.pub");
  text_option(verifies, "--file", verify_flags->file, "Lines of 'fairlead audit export', instead of the database");
  auto* head = text_option(verifies, "--head", verify_flags->head, "File with lines of 'fairlead audit head'");
  auto* key = text_option(verifies, "--key", verify_flags->key, "The public key that they were signed with");
  head->needs(key);
  key->needs(head);

  auto [exports, export_flags] = add("export", "Print all records, one line of JSON each", export_all,
                                     "Example:\n  fairlead audit export > audit.jsonl");

  auto [heads, head_flags] = add("head", "Print the signed head: what the log can be held against later", print_head,
                                 "Keep it where whoever can write the log cannot. Without --key the key is "
                                 "audit-key.pem in the data directory, made\n"
                                 "when it is not there.\nExamples:\n  fairlead audit head | ssh vault 'cat >> heads'\n"
                                 "  fairlead audit head --key /run/secrets/audit-key.pem");
  text_option(heads, "--key", head_flags->key, "Ed25519 private key in PEM");
  for (auto [sub, flags] : {std::pair(shows, show_flags), std::pair(verifies, verify_flags),
                            std::pair(exports, export_flags), std::pair(heads, head_flags)})
    flags->server.add_to(*sub, {"--data", "--database", "--file"});
}

}  // namespace fairlead::cli
