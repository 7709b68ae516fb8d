#include "ops/pod_table.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "kube/pod_status.h"
#include "kube/table.h"

namespace fairlead::ops {
namespace {

constexpr std::string_view kAccept = "application/json;as=Table;v=v1;g=meta.k8s.io";

// Our column, and the server's.
struct Match {
  std::string_view column, theirs;
};
constexpr Match kMatches[] = {{"name", "Name"},   {"ready", "Ready"}, {"status", "Status"}, {"restarts", "Restarts"},
                              {"created", "Age"}, {"node", "Node"},   {"ip", "IP"}};

std::string_view theirs(std::string_view column) {
  for (const auto& match : kMatches)
    if (match.column == column) return match.theirs;
  return {};
}

// `restarted`: seconds since the last restart; none: there was none.
kube::PodRank rank_of(std::string_view word, std::string_view ready, std::optional<std::int64_t> restarted) {
  auto contains = [&](std::string_view part) { return word.find(part) != std::string_view::npos; };
  std::size_t slash = ready.find('/');
  bool all_ready = slash != std::string_view::npos && ready.substr(0, slash) == ready.substr(slash + 1);
  if (word == "Completed" || word == "Succeeded") return kube::PodRank::completed;
  constexpr std::int64_t hour = 3600;
  if (word == "Running" && all_ready)
    return restarted && *restarted < hour ? kube::PodRank::restarting : kube::PodRank::healthy;
  if (word == "Running") return kube::PodRank::not_ready;
  if (word == "Terminating") return kube::PodRank::terminating;
  if (word == "Pending" || word == "SchedulingGated") return kube::PodRank::unschedulable;
  if (contains("Image")) return kube::PodRank::image;
  if (word == "ContainerCreating" || word == "PodInitializing" || (word.starts_with("Init:") && contains("/")))
    return kube::PodRank::starting;
  if (word == "Failed" || word == "Evicted") return kube::PodRank::failed;
  if (word == "NotReady" || word == "Unknown") return kube::PodRank::not_ready;
  return kube::PodRank::crashing;
}

// "3 (5m ago)" on newer servers, 3 on older ones.
std::int64_t restarts(const kube::TableCell& cell) {
  if (cell.kind == kube::TableCell::Kind::integer) return cell.integer;
  std::int64_t count = 0;
  std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), count);
  return count;
}

// The "5m" of "3 (5m ago)".
std::optional<std::int64_t> restarted(const kube::TableCell& cell) {
  const std::size_t open = cell.text.find('('), end = cell.text.find(" ago)");
  if (open == std::string_view::npos || end == std::string_view::npos || end < open) return std::nullopt;
  auto age = parse_human_duration(cell.text.substr(open + 1, end - open - 1));
  return age ? std::optional<std::int64_t>(age->count()) : std::nullopt;
}

class TableRows {
 public:
  TableRows(Call& call) : call_(call), chosen_(call.arguments.list("columns")) {}

  void restart() {
    rows_ = {};
    untold_ = false;
    places_.clear();
  }

  Result<net::Flow> add(const std::vector<kube::TableColumn>& columns, const kube::TableRow& row) {
    if (places_.empty() && !locate(columns))
      return fail(ErrorCode::server_error, "list_pods", "the server's table of pods lacks a column",
                  "Leave out the parameter columns");
    auto cell = [&](std::string_view column) -> const kube::TableCell* {
      auto found =
          std::find_if(places_.begin(), places_.end(), [&](const auto& place) { return place.first == column; });
      return found == places_.end() || found->second >= row.cells.size() ? nullptr : &row.cells[found->second];
    };
    const auto *ready = cell("ready"), *status = cell("status"), *count = cell("restarts");
    const auto last = count ? restarted(*count) : std::nullopt;
    untold_ = untold_ || (count && restarts(*count) > 0 && !last);
    rows_.begin_row(static_cast<int>(rank_of(status ? status->text : "", ready ? ready->text : "", last)));
    for (const auto& column : call_.operation.columns) {
      const auto* value = cell(column.name);
      bool wanted = std::find(chosen_.begin(), chosen_.end(), column.name) != chosen_.end() || column.name == "name";
      if (column.name == "namespace")
        rows_.text(call_.list_namespace());
      else if (!value || !wanted || value->kind == kube::TableCell::Kind::null || value->text == "<none>")
        rows_.empty();
      else if (column.type == CellType::integer)
        rows_.integer(restarts(*value));
      else if (column.type == CellType::time)
        add_age(value->text);
      else
        rows_.text(value->to_string());
    }
    return net::Flow::more;
  }

  // Whether a pod restarted and the server does not say when, as old ones do not: it may be a problem.
  bool untold() const { return untold_; }
  Rows take() { return std::move(rows_); }

 private:
  bool locate(const std::vector<kube::TableColumn>& columns) {
    for (const auto& match : kMatches) {
      auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == match.theirs; });
      if (found == columns.end()) return false;
      places_.emplace_back(match.column, static_cast<std::size_t>(found - columns.begin()));
    }
    return true;
  }

  void add_age(std::string_view text) {
    auto age = parse_human_duration(text);
    age ? rows_.time(call_.clock.unix_seconds() - age->count()) : rows_.empty();
  }

  Call& call_;
  std::vector<std::string> chosen_;
  std::vector<std::pair<std::string_view, std::size_t>> places_;
  Rows rows_;
  bool untold_ = false;
};

}  // namespace

bool table_serves_pods(const Call& call) {
  auto chosen = call.arguments.list("columns");
  if (chosen.empty() || call.arguments.flag("only_problems")) return false;
  // Rows of all namespaces do not say theirs, and a cursor needs it.
  const bool in_pages = call.arguments.has("limit") || call.arguments.has("cursor");
  if (in_pages && call.list_namespace().empty()) return false;
  return std::all_of(chosen.begin(), chosen.end(), [&](const std::string& column) {
    if (column == "namespace") return !call.list_namespace().empty();
    // A Table has ages, rounded as people read them.
    if (column == "created") return call.arguments.text("format") == "table";
    return !theirs(column).empty();
  });
}

awaitable<Result<std::optional<Rows>>> read_pod_table(Call& call, std::string target) {
  kube::add_query(target, "includeObject", "None");
  TableRows rows(call);
  std::optional<kube::TableSink> sink;
  auto on_row = [&](const kube::TableRow& row) { return rows.add(sink->decoder().columns(), row); };
  sink.emplace(kube::TableDecoder::Options{}, on_row, [&rows] { rows.restart(); });
  auto done = co_await call.client.read(std::move(target), std::string(kAccept), *sink, call.deadline);
  if (!done) co_return fail(std::move(done.error()));
  auto finished = sink->finish();
  if (!finished) co_return fail(std::move(finished.error()));
  if (!finished->continue_token.empty() || rows.untold()) co_return std::optional<Rows>();
  co_return std::optional<Rows>(rows.take());
}

}  // namespace fairlead::ops
