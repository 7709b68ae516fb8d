#include "ops/list.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <tuple>

#include "base/text.h"
#include "ops/clip.h"
#include "ops/kind.h"

namespace fairlead::ops {
namespace {

void append(std::vector<Parameter>& to, std::vector<Parameter> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

// What rows are ordered by. Long cells count with their beginnings, so that a cursor stays short.
constexpr std::size_t kKeyBytes = 512;
std::string_view key(const Rows& rows, std::uint32_t row, std::size_t column) {
  return rows.cell(row, column).substr(0, kKeyBytes);
}

using Place = std::tuple<int, std::string_view, std::string_view, std::uint32_t>;
Place place_of(const Rows& rows, std::uint32_t row) {
  return {rows.rank(row), key(rows, row, 0), key(rows, row, 1), rows.tie(row)};
}

std::uint32_t scope_of(const Call& call) {
  json::object arguments = call.arguments.values();
  for (auto other : {"cursor", "limit", "format"}) arguments.erase(other);
  return fnv1a(compact(arguments), fnv1a(call.operation.name));
}

// "SUM\nRANK\nTIE\nFIRST\nSECOND" in base64; the sum also covers the scope.
std::string cursor_text(std::uint32_t scope, const Place& place) {
  const auto& [rank, first, second, tie] = place;
  std::string plain =
      std::to_string(rank) + '\n' + std::to_string(tie) + '\n' + std::string(first) + '\n' + std::string(second);
  return base64_encode(std::to_string(fnv1a(plain, scope)) + '\n' + plain);
}

struct Cursor {
  std::string plain;
  Place place;  // points into it
};

template <class Number>
bool read_number(std::string_view text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Result<void> read_cursor(const Operation& operation, std::uint32_t scope, std::string_view text, Cursor& cursor) {
  auto refuse = [&] {
    return fail(ErrorCode::invalid_request, std::string(operation.name), "the cursor is not one of this list",
                "Use the cursor exactly as the last answer gave it, with the same operation and arguments");
  };
  auto plain = base64_decode(text);
  if (!plain) return refuse();
  cursor.plain = std::move(*plain);
  auto parts = split(cursor.plain, '\n');
  std::uint32_t sum = 0, tie = 0;
  int rank = 0;
  if (parts.size() != 5 || !read_number(parts[0], sum) || !read_number(parts[1], rank) || !read_number(parts[2], tie))
    return refuse();
  cursor.place = {rank, parts[3], parts[4], tie};
  if (cursor_text(scope, cursor.place) != text) return refuse();
  return {};
}

// By the parameters that this list has and this call does not use.
std::string how_to_narrow(const Call& call) {
  std::string out;
  for (std::string_view name : {"namespace", "only_problems", "label_selector"}) {
    const auto& parameters = call.operation.parameters;
    const bool taken = std::any_of(parameters.begin(), parameters.end(),
                                   [&](const Parameter& parameter) { return parameter.name == name; });
    if (!taken || call.arguments.has(name) || (name == "namespace" && !call.default_list_namespace.empty())) continue;
    out += (out.empty() ? "narrow by " : " or ") + std::string(name);
  }
  return out;
}

}  // namespace

Parameter format_parameter() {
  return {.name = "format",
          .meaning = "How the answer is written",
          .default_value = "table",
          .choices = {"table", "json", "yaml"}};
}

std::vector<Parameter> list_parameters(bool namespaced, std::vector<Parameter> own, std::string_view field_example) {
  std::vector<Parameter> all;
  if (namespaced)
    all.push_back(
        {.name = "namespace", .type = ParameterType::ns, .meaning = "Only this namespace; left out: all namespaces"});
  append(all, std::move(own));
  append(all, {
                  {.name = "label_selector", .type = ParameterType::selector, .meaning = "Such as app=web,tier!=cache"},
                  {.name = "field_selector", .type = ParameterType::selector, .meaning = field_example},
                  {.name = "limit",
                   .type = ParameterType::integer,
                   .meaning = "At most so many rows, problems first",
                   .minimum = 1,
                   .maximum = 100000},
                  {.name = "cursor", .meaning = "The cursor of the answer before, for the rows after it"},
                  {.name = "columns", .type = ParameterType::text_list, .meaning = "Only these columns, in this order"},
                  format_parameter(),
              });
  return all;
}

std::vector<Parameter> object_parameters(bool namespaced, std::vector<Parameter> own, ParameterType name) {
  std::vector<Parameter> all{{.name = "name", .type = name, .meaning = "The object's name", .required = true}};
  if (namespaced)
    all.push_back({.name = "namespace",
                   .type = ParameterType::ns,
                   .meaning = "Its namespace; left out: the connection's default"});
  append(all, std::move(own));
  all.push_back(format_parameter());
  return all;
}

std::vector<Parameter> change_parameters(bool namespaced, std::vector<Parameter> own) {
  append(own, {
                  {.name = "dry_run",
                   .type = ParameterType::boolean,
                   .meaning = "The server checks the change and shows its result, but keeps nothing"},
                  {.name = "reason", .meaning = "Why the change is made"},
              });
  return object_parameters(namespaced, std::move(own));
}

std::string list_target(const Call& call, std::string_view group, std::string_view version, std::string_view plural) {
  // The connection's default namespace says nothing about kinds that are in none.
  std::string ns = takes_namespace(call.operation) ? call.list_namespace() : "";
  std::string target = kube::ResourcePath{group, version, plural, ns, {}, {}}.text();
  kube::add_query(target, "labelSelector", call.arguments.text("label_selector"));
  kube::add_query(target, "fieldSelector", call.arguments.text("field_selector"));
  return target;
}

Result<Reply> arrange(const Call& call, Rows rows, std::string noun, std::vector<std::string> notes,
                      std::vector<Column> columns) {
  const Operation& operation = call.operation;
  Table table;
  table.columns = columns.empty() ? operation.columns : std::move(columns);
  table.noun = std::move(noun);
  table.operation = std::string(operation.name);
  table.total = rows.size();
  table.order.resize(rows.size());
  std::iota(table.order.begin(), table.order.end(), 0);
  table.scope = scope_of(call);
  table.narrow = how_to_narrow(call);
  table.one_namespace = takes_namespace(operation) && !call.list_namespace().empty();
  if (call.operation.kind)
    for (char c : call.operation.kind->name) table.singular += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  std::sort(table.order.begin(), table.order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return place_of(rows, a) < place_of(rows, b); });

  if (std::string text = call.arguments.text("cursor"); !text.empty()) {
    Cursor cursor;
    auto read = read_cursor(operation, table.scope, text, cursor);
    if (!read) return fail(std::move(read.error()));
    auto first = std::partition_point(table.order.begin(), table.order.end(),
                                      [&](std::uint32_t row) { return place_of(rows, row) <= cursor.place; });
    table.order.erase(table.order.begin(), first);
  }
  std::size_t limit = static_cast<std::size_t>(call.arguments.integer("limit", 0));
  table.rows = std::move(rows);
  if (limit > 0 && table.order.size() > limit) {
    table.more = table.order.size() - limit;
    table.order.resize(limit);
    table.continuation = row_cursor(table, table.order.back());
  }
  for (const auto& wanted : call.arguments.list("columns")) {
    auto found =
        std::find_if(table.columns.begin(), table.columns.end(), [&](const Column& c) { return c.name == wanted; });
    const auto place = static_cast<std::uint32_t>(found - table.columns.begin());
    if (std::find(table.chosen.begin(), table.chosen.end(), place) != table.chosen.end())
      return fail(ErrorCode::invalid_request, std::string(operation.name), "a column is asked for twice",
                  "Name each column once");
    if (found != table.columns.end()) {
      table.chosen.push_back(place);
      continue;
    }
    std::string names;
    for (const auto& column : table.columns) names += (names.empty() ? "" : ", ") + std::string(column.name);
    return fail(ErrorCode::invalid_request, std::string(operation.name),
                "there is no column '" + escape_untrusted(clip(wanted, 80), Newlines::escape) + "'",
                "The columns are " + names);
  }
  return Reply{std::move(table), std::move(notes)};
}

std::string row_cursor(const Table& table, std::uint32_t row) {
  return cursor_text(table.scope, place_of(table.rows, row));
}

}  // namespace fairlead::ops
