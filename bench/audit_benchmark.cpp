// Durable audit records a second: one that waits for each, many that wait side by side (group commit), and records that
// are handed over; beside them the peer, a line and an fsync for each record. In turns, so that what disturbs one
// disturbs all; the medians count.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "gate/audit.h"
#include "store/schema.h"

namespace {

using namespace fairlead;
using Clock = std::chrono::steady_clock;
using std::chrono::duration;

constexpr int kRounds = 5;
constexpr Duration kSpan = std::chrono::seconds(2);
constexpr int kCallers = 64;

gate::AuditRecord record(int number) {
  gate::AuditRecord out;
  out.time = 1'790'000'000'000 + number;
  out.who = "mcp:agent";
  out.cluster = "production";
  out.operation = "scale_deployment";
  out.trust = "write";
  out.arguments = {{"name", "web-" + std::to_string(number % 100)}, {"namespace", "shop"}, {"replicas", number % 10}};
  out.decision = "allow";
  out.rule = "agents may scale";
  out.change = "chg-" + std::to_string(number);
  out.outcome = "done";
  out.milliseconds = 17;
  return out;
}

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "%s\n", error.sentence().c_str());
  std::exit(1);
}

struct Log {
  explicit Log(const std::string& path) {
    store::SqliteOptions options;
    options.path = path;
    options.migrations = store::sqlite_schema();
    database = store::open_sqlite(std::move(options));
    log = std::make_unique<gate::AuditLog>(*database);
  }
  std::unique_ptr<store::Database> database;
  std::unique_ptr<gate::AuditLog> log;
};

// So many callers, each of which waits for its record before the next.
double waited(const std::string& path, int callers) {
  Log log(path);
  int count = 0;
  const auto begin = Clock::now();
  net::run_until_done([&](net::Executor executor) -> net::awaitable<void> {
    auto caller = [&]() -> net::awaitable<void> {
      while (Clock::now() - begin < kSpan) {
        auto done = co_await log.log->append_and_wait(record(count), {}, Deadline::never());
        if (!done) give_up(done.error());
        ++count;
      }
    };
    net::TaskGroup group(executor);
    for (int i = 0; i < callers; ++i) group.spawn(caller());
    co_await group.join();
  });
  return count / duration<double>(Clock::now() - begin).count();
}

double handed_over(const std::string& path) {
  Log log(path);
  const int count = 20'000;
  const auto begin = Clock::now();
  for (int i = 0; i < count; ++i) log.log->append(record(i), give_up);
  net::run_until_done([&](net::Executor) -> net::awaitable<void> {
    auto done = co_await log.database->flush(Deadline::never());
    if (!done) give_up(done.error());
  });
  return count / duration<double>(Clock::now() - begin).count();
}

// The peer: what can be had from this disk without group commit, a chain or a database.
double a_line_and_an_fsync(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line(400, 'x');
  int count = 0;
  const auto begin = Clock::now();
  while (Clock::now() - begin < kSpan) {
    if (::write(file, line.data(), line.size()) < 0 || ::fdatasync(file) != 0) std::exit(1);
    ++count;
  }
  ::close(file);
  return count / duration<double>(Clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  std::string directory =
      (argc > 1 ? std::string(argv[1]) : std::filesystem::temp_directory_path().string()) + "/fairlead_audit_XXXXXX";
  if (!::mkdtemp(directory.data())) return 1;
  struct Contender {
    std::string name;
    std::function<double(const std::string&)> run;
    std::vector<double> rates;
  };
  std::vector<Contender> all = {
      {"a line and an fsync each", a_line_and_an_fsync, {}},
      {"one caller that waits", [](const std::string& path) { return waited(path, 1); }, {}},
      {std::to_string(kCallers) + " callers that wait",
       [](const std::string& path) { return waited(path, kCallers); },
       {}},
      {"handed over", handed_over, {}},
  };
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      Contender& one = all[(i + static_cast<std::size_t>(round)) % all.size()];
      one.rates.push_back(one.run(directory + "/" + std::to_string(round) + "-" + std::to_string(i)));
    }
  }
  std::filesystem::remove_all(directory);
  auto median = [](std::vector<double> rates) {
    std::sort(rates.begin(), rates.end());
    return rates[rates.size() / 2];
  };
  const double peer = median(all.front().rates);
  fmt::print("{:28} {:>12} {:>12} {:>10}\n", "durable audit records", "a second", "least", "ratio");
  for (const auto& one : all)
    fmt::print("{:28} {:12.0f} {:12.0f} {:10.1f}\n", one.name, median(one.rates),
               *std::min_element(one.rates.begin(), one.rates.end()), median(one.rates) / peer);
  return 0;
}
