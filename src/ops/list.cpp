#include "ops/list.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/text.h"

namespace fairlead::ops {
namespace {

Parameter format_parameter() {
  return {.name = "format", .meaning = "How the answer is written", .default_value = "table", .choices = {"table", "json", "yaml"}};
}

void append(std::vector<Parameter>& to, std::vector<Parameter> more) { std::move(more.begin(), more.end(), std::back_inserter(to)); }

// Orders rows by rank, then by their first two cells.
struct Place {
  int rank = 0;
  std::string first, second;
};

std::string cursor_text(std::string_view operation, const Place& place) {
  std::string plain = std::string(operation) + '\n' + std::to_string(place.rank) + '\n' + place.first + '\n' + place.second;
  return base64_encode(plain);
}

Result<Place> parse_cursor(std::string_view operation, std::string_view cursor) {
  auto refuse = [&] {
    return fail(ErrorCode::invalid_request, std::string(operation), "the cursor is not one of this list",
                "Use the cursor exactly as the last answer gave it, with the same operation and selectors");
  };
  auto plain = base64_decode(cursor);
  if (!plain) return refuse();
  auto parts = split(*plain, '\n');
  if (parts.size() != 4 || parts[0] != operation) return refuse();
  Place place;
  auto [end, error] = std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), place.rank);
  if (error != std::errc() || end != parts[1].data() + parts[1].size()) return refuse();
  place.first = std::string(parts[2]);
  place.second = std::string(parts[3]);
  return place;
}

}  // namespace

std::vector<Parameter> list_parameters(bool namespaced, std::vector<Parameter> own) {
  std::vector<Parameter> all;
  if (namespaced) all.push_back({.name = "namespace", .type = ParameterType::ns, .meaning = "Only this namespace; left out: all namespaces"});
  append(all, std::move(own));
  append(all, {
      {.name = "label_selector", .type = ParameterType::selector, .meaning = "Such as app=web,tier!=cache"},
      {.name = "field_selector", .type = ParameterType::selector, .meaning = "Such as spec.nodeName=worker-1"},
      {.name = "limit", .type = ParameterType::integer, .meaning = "At most so many rows, problems first", .minimum = 1, .maximum = 100000},
      {.name = "cursor", .meaning = "The cursor of the answer before, for the rows after it"},
      {.name = "columns", .type = ParameterType::text_list, .meaning = "Only these columns, in this order"},
      format_parameter(),
  });
  return all;
}

std::vector<Parameter> object_parameters(bool namespaced, std::vector<Parameter> own) {
  std::vector<Parameter> all{{.name = "name", .type = ParameterType::name, .meaning = "The object's name", .required = true}};
  if (namespaced) all.push_back({.name = "namespace", .type = ParameterType::ns, .meaning = "Its namespace; left out: the connection's default"});
  append(all, std::move(own));
  all.push_back(format_parameter());
  return all;
}

std::vector<Parameter> change_parameters(bool namespaced, std::vector<Parameter> own) {
  append(own, {
      {.name = "dry_run", .type = ParameterType::boolean, .meaning = "The server checks the change and shows its result, but keeps nothing"},
      {.name = "reason", .meaning = "Why, for the record"},
  });
  return object_parameters(namespaced, std::move(own));
}

std::string list_target(const Call& call, std::string_view group, std::string_view version, std::string_view plural) {
  std::string ns = call.list_namespace();
  std::string target = kube::ResourcePath{group, version, plural, ns, {}, {}}.text();
  kube::add_query(target, "labelSelector", call.arguments.text("label_selector"));
  kube::add_query(target, "fieldSelector", call.arguments.text("field_selector"));
  return target;
}

Result<Reply> arrange(const Call& call, Rows rows, std::string noun, std::vector<std::string> notes) {
  const Operation& operation = call.operation;
  Table table;
  table.columns = operation.columns;
  table.noun = std::move(noun);
  table.operation = std::string(operation.name);
  table.total = rows.size();
  table.order.resize(rows.size());
  std::iota(table.order.begin(), table.order.end(), 0);
  auto before = [&](std::uint32_t a, std::uint32_t b) {
    if (rows.rank(a) != rows.rank(b)) return rows.rank(a) < rows.rank(b);
    int first = rows.cell(a, 0).compare(rows.cell(b, 0));
    return first != 0 ? first < 0 : rows.cell(a, 1) < rows.cell(b, 1);
  };
  std::sort(table.order.begin(), table.order.end(), before);

  if (std::string cursor = call.arguments.text("cursor"); !cursor.empty()) {
    auto place = parse_cursor(operation.name, cursor);
    if (!place) return fail(std::move(place.error()));
    auto passed = [&](std::uint32_t row) {
      return std::tuple<int, std::string_view, std::string_view>(rows.rank(row), rows.cell(row, 0), rows.cell(row, 1)) <=
             std::tuple<int, std::string_view, std::string_view>(place->rank, place->first, place->second);
    };
    auto first = std::partition_point(table.order.begin(), table.order.end(), passed);
    table.order.erase(table.order.begin(), first);
  }
  std::size_t limit = static_cast<std::size_t>(call.arguments.integer("limit", 0));
  table.rows = std::move(rows);
  if (limit > 0 && table.order.size() > limit) {
    std::size_t more = table.order.size() - limit;
    table.order.resize(limit);
    table.continuation = row_cursor(operation.name, table, table.order.back());
    notes.push_back(std::to_string(more) + " more " + table.noun + " not shown: narrow by namespace or label_selector, or go on with cursor " + table.continuation);
  }
  for (const auto& wanted : call.arguments.list("columns")) {
    auto found = std::find_if(table.columns.begin(), table.columns.end(), [&](const Column& c) { return c.name == wanted; });
    if (found != table.columns.end()) {
      table.chosen.push_back(static_cast<std::uint32_t>(found - table.columns.begin()));
      continue;
    }
    std::string names;
    for (const auto& column : table.columns) names += (names.empty() ? "" : ", ") + std::string(column.name);
    return fail(ErrorCode::invalid_request, std::string(operation.name),
                "there is no column '" + escape_untrusted(wanted, Newlines::escape) + "'", "The columns are " + names);
  }
  return Reply{std::move(table), std::move(notes)};
}

std::string row_cursor(std::string_view operation, const Table& table, std::uint32_t row) {
  return cursor_text(operation, Place{table.rows.rank(row), std::string(table.rows.cell(row, 0)), std::string(table.rows.cell(row, 1))});
}

}  // namespace fairlead::ops
