#include "ops/merge_lists.h"

#include <algorithm>
#include <numeric>

#include "ops/list.h"

namespace fairlead::ops {
namespace {

// Columns by their names, in the order in which the parts bring them.
class Columns {
 public:
  explicit Columns(std::string_view place_column) : own_(place_column.empty() ? 0 : 1) {
    if (place_column.empty()) return;
    all_.push_back({place_column, CellType::text, false, "Where it is"});
    names_.emplace_back(place_column);
  }

  // Where each column of this table stands among all.
  std::vector<std::size_t> add(const Table& table) {
    std::vector<std::size_t> places;
    for (const auto& column : table.columns) {
      std::string name(column.name);
      if (own_ > 0 && name == names_[0]) name += "2";  // whoever defines a kind may call a column of it like ours
      const auto found = std::find(names_.begin() + own_, names_.end(), name);
      places.push_back(static_cast<std::size_t>(found - names_.begin()));
      if (found != names_.end()) continue;
      names_.push_back(std::move(name));
      all_.push_back(column);
    }
    return places;
  }

  std::size_t size() const { return all_.size(); }
  void hand_over(Table& table) {
    auto kept = std::make_shared<const std::vector<std::string>>(std::move(names_));
    for (std::size_t i = 0; i < all_.size(); ++i) all_[i].name = (*kept)[i];
    table.columns = std::move(all_);
    table.names = std::move(kept);
  }

 private:
  std::ptrdiff_t own_;  // columns that no part brings
  std::vector<Column> all_;
  std::vector<std::string> names_;
};

}  // namespace

Result<Arguments> part_arguments(const Operation& operation, const Arguments& whole) {
  json::object values = whole.values();
  values.erase("cursor");
  for (const auto& parameter : operation.parameters)
    if (parameter.name == "limit" && values.contains("limit")) values["limit"] = parameter.maximum;
  return Arguments::validate(values, operation.parameters, operation.name);
}

std::vector<std::string> merge_notes(const std::vector<Part>& parts) {
  std::vector<std::pair<std::string, std::vector<std::string>>> said;
  for (const auto& part : parts) {
    for (const auto& note : part.reply.notes) {
      auto found = std::find_if(said.begin(), said.end(), [&](const auto& one) { return one.first == note; });
      if (found == said.end()) found = said.insert(said.end(), {note, {}});
      found->second.push_back(part.place);
    }
  }
  std::vector<std::string> out;
  for (const auto& [note, places] : said) {
    std::string all;
    for (const auto& place : places) all += (all.empty() ? "" : ", ") + place;
    out.push_back(places.size() == parts.size() && parts.size() > 1 ? note : all + ": " + note);
  }
  return out;
}

Result<Reply> merge_lists(const Operation& operation, const Arguments& whole, std::vector<Part> parts,
                          std::string_view place_column) {
  Columns columns(place_column);
  std::vector<std::vector<std::size_t>> places;
  for (const auto& part : parts) places.push_back(columns.add(std::get<Table>(part.reply.body)));
  const bool by_place = !place_column.empty();
  Table merged;
  merged.one_namespace = by_place;
  merged.keys = by_place ? kPlaceKeys : 2;
  const std::size_t width = columns.size();
  std::vector<std::size_t> source(width);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    Table& table = std::get<Table>(parts[p].reply.body);
    constexpr std::size_t none = SIZE_MAX;
    std::fill(source.begin(), source.end(), none);
    for (std::size_t i = 0; i < places[p].size(); ++i) source[places[p][i]] = i;
    for (const auto row : table.order) {
      merged.rows.begin_row(table.rows.rank(row), table.rows.tie(row));
      if (by_place) merged.rows.text(parts[p].place);
      for (std::size_t column = by_place ? 1 : 0; column < width; ++column)
        source[column] == none ? merged.rows.empty() : merged.rows.copy(table.rows, row, source[column]);
    }
    table.rows = Rows();
    if (merged.rows.full())
      return fail(ErrorCode::server_error, std::string(operation.name), "the rows have more than 1 GiB of text",
                  by_place ? "Name fewer clusters, or set limit" : "Narrow it by namespace or label_selector");
    merged.total += table.total;
    merged.more += table.more;
    merged.one_namespace = merged.one_namespace && table.one_namespace;
    merged.quiet_from = std::max(merged.quiet_from, table.quiet_from);
    // "rows of pods" where one of them is folded, else "pods".
    if (table.noun.size() > merged.noun.size()) merged.noun = table.noun;
    if (merged.singular.empty()) merged.singular = table.singular;
    if (merged.narrow.empty()) merged.narrow = table.narrow;
    if (merged.chosen.empty()) {
      if (by_place && !table.chosen.empty()) merged.chosen.push_back(0);
      for (const auto column : table.chosen) merged.chosen.push_back(static_cast<std::uint32_t>(places[p][column]));
    }
  }
  if (by_place) merged.narrow = "name fewer clusters" + (merged.narrow.empty() ? "" : ", " + merged.narrow);
  columns.hand_over(merged);
  merged.operation = std::string(operation.name);
  merged.scope = list_scope(operation, whole);
  merged.order.resize(merged.rows.size());
  std::iota(merged.order.begin(), merged.order.end(), 0);
  if (auto chosen = choose_rows(merged, whole); !chosen) return fail(std::move(chosen.error()));
  return Reply{std::move(merged), merge_notes(parts)};
}

}  // namespace fairlead::ops
