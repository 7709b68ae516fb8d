#include "ops/list.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/text.h"
#include "ops/clip.h"
#include "ops/kind.h"
#include "ops/mask.h"
#include "ops/render.h"

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

struct Place {
  int rank = 0;
  std::vector<std::string_view> keys;
  std::uint32_t tie = 0;
  auto operator<=>(const Place&) const = default;
};
Place place_of(const Table& table, std::uint32_t row) {
  Place place{table.rows.rank(row), {}, table.rows.tie(row)};
  for (std::size_t column = 0; column < table.keys; ++column) place.keys.push_back(key(table.rows, row, column));
  return place;
}

// Whether row `a` comes before `b`: without making places, of which a sort would make hundreds of thousands.
bool comes_before(const Table& table, std::uint32_t a, std::uint32_t b) {
  const Rows& rows = table.rows;
  if (rows.rank(a) != rows.rank(b)) return rows.rank(a) < rows.rank(b);
  for (std::size_t column = 0; column < table.keys; ++column)
    if (const int order = key(rows, a, column).compare(key(rows, b, column)); order != 0) return order < 0;
  return rows.tie(a) < rows.tie(b) || (rows.tie(a) == rows.tie(b) && a < b);
}

// Rows that are alike get different ties, so that a cursor can stand between them.
void tell_apart(Table& table) {
  Rows& rows = table.rows;
  for (std::size_t i = 1; i < table.order.size(); ++i) {
    const auto before = table.order[i - 1], row = table.order[i];
    bool alike = rows.rank(before) == rows.rank(row) && rows.tie(row) <= rows.tie(before);
    for (std::size_t column = 0; alike && column < table.keys; ++column)
      alike = key(rows, before, column) == key(rows, row, column);
    if (alike) rows.set_tie(row, rows.tie(before) + 1);
  }
}

// "SUM\nRANK\nTIE\nFIRST\nSECOND" in base64; the sum also covers the scope.
std::string cursor_text(std::uint32_t scope, const Place& place) {
  std::string plain = std::to_string(place.rank) + '\n' + std::to_string(place.tie);
  for (const auto key : place.keys) plain += '\n' + std::string(key);
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

Result<void> read_cursor(std::string_view operation, std::uint32_t scope, std::size_t keys, std::string_view text,
                         Cursor& cursor) {
  auto refuse = [&] {
    return fail(ErrorCode::invalid_request, std::string(operation), "the cursor is not one of this list",
                "Use the cursor exactly as the last answer gave it, with the same operation and arguments");
  };
  auto plain = base64_decode(text);
  if (!plain) return refuse();
  cursor.plain = std::move(*plain);
  auto parts = split(cursor.plain, '\n');
  std::uint32_t sum = 0, tie = 0;
  int rank = 0;
  if (parts.size() != 3 + keys || !read_number(parts[0], sum) || !read_number(parts[1], rank) ||
      !read_number(parts[2], tie))
    return refuse();
  cursor.place = {rank, {parts.begin() + 3, parts.end()}, tie};
  if (cursor_text(scope, cursor.place) != text) return refuse();
  return {};
}

// Which of these columns are asked for, in this order.
Result<std::vector<std::uint32_t>> choose_columns(const std::vector<Column>& columns, std::string_view operation,
                                                  const Arguments& arguments) {
  std::vector<std::uint32_t> chosen;
  for (const auto& wanted : arguments.list("columns")) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == wanted; });
    const auto place = static_cast<std::uint32_t>(found - columns.begin());
    if (std::find(chosen.begin(), chosen.end(), place) != chosen.end())
      return fail(ErrorCode::invalid_request, std::string(operation), "a column is asked for twice",
                  "Name each column once");
    if (found != columns.end()) {
      chosen.push_back(place);
      continue;
    }
    std::string names;
    for (const auto& column : columns) names += (names.empty() ? "" : ", ") + std::string(column.name);
    return fail(ErrorCode::invalid_request, std::string(operation),
                "there is no column '" + escape_untrusted(clip(wanted, 80), Newlines::escape) + "'",
                "The columns are " + names);
  }
  return chosen;
}

// By the parameters that this list has and this call does not use.
std::string how_to_narrow(const Operation& operation, const Arguments& arguments, bool in_all_namespaces) {
  std::string out;
  for (std::string_view name : {"namespace", "only_problems", "label_selector"}) {
    const auto& parameters = operation.parameters;
    const bool taken = std::any_of(parameters.begin(), parameters.end(),
                                   [&](const Parameter& parameter) { return parameter.name == name; });
    if (!taken || arguments.has(name) || (name == "namespace" && !in_all_namespaces)) continue;
    out += (out.empty() ? "narrow by " : " or ") + std::string(name);
  }
  return out;
}

}  // namespace

Parameter kind_parameter() {
  return {
      .name = "kind",
      .type = ParameterType::word,
      .meaning = "Kind, plural or short name, with a group where it is needed: deploy, certificates.cert-manager.io",
      .required = true};
}

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
                  {.name = "wait_seconds",
                   .type = ParameterType::integer,
                   .meaning = "Wait so long for the cluster to become what was asked; left out: one look",
                   .minimum = 0,
                   .maximum = 3600},
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

std::uint32_t list_scope(const Operation& operation, const Arguments& arguments) {
  json::object values = arguments.values();
  for (auto other : {"cursor", "limit", "format"}) values.erase(other);
  return fnv1a(compact(values), fnv1a(operation.name));
}

Result<void> check_list(const Operation& operation, const Arguments& arguments, std::size_t keys) {
  if (!lists(operation)) return {};
  if (!operation.columns.empty())
    if (auto chosen = choose_columns(operation.columns, operation.name, arguments); !chosen)
      return fail(std::move(chosen.error()));
  Cursor cursor;
  const std::string text = arguments.text("cursor");
  return text.empty() ? Result<void>()
                      : read_cursor(operation.name, list_scope(operation, arguments), keys, text, cursor);
}

Result<void> choose_rows(Table& table, const Arguments& arguments) {
  std::sort(table.order.begin(), table.order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return comes_before(table, a, b); });
  tell_apart(table);
  if (std::string text = arguments.text("cursor"); !text.empty()) {
    Cursor cursor;
    auto read = read_cursor(table.operation, table.scope, table.keys, text, cursor);
    if (!read) return fail(std::move(read.error()));
    auto first = std::partition_point(table.order.begin(), table.order.end(),
                                      [&](std::uint32_t row) { return place_of(table, row) <= cursor.place; });
    table.order.erase(table.order.begin(), first);
  }
  const auto limit = static_cast<std::size_t>(arguments.integer("limit", 0));
  if (limit == 0 || table.order.size() <= limit) return {};
  table.more += table.order.size() - limit;
  table.order.resize(limit);
  table.continuation = row_cursor(table, table.order.back());
  return {};
}

Result<Reply> arrange(const Operation& operation, const Arguments& arguments, const std::string& default_namespace,
                      Rows rows, std::string noun, std::vector<std::string> notes, std::vector<Column> columns) {
  Table table;
  table.columns = columns.empty() ? operation.columns : std::move(columns);
  table.noun = std::move(noun);
  table.operation = std::string(operation.name);
  // What rows are ordered by stands in cursors, so it goes through the same hands as what is shown.
  rows.rewrite(table.keys, [](std::string_view cell) {
    std::string shown = clean(cell);
    return shown == cell ? std::nullopt : std::optional(std::move(shown));
  });
  if (rows.full())
    return fail(ErrorCode::server_error, std::string(operation.name), "the rows have more than 1 GiB of text",
                "Narrow it by namespace or label_selector");
  table.total = rows.size();
  table.order.resize(rows.size());
  std::iota(table.order.begin(), table.order.end(), 0);
  table.rows = std::move(rows);
  table.scope = list_scope(operation, arguments);
  table.narrow = how_to_narrow(operation, arguments, default_namespace.empty());
  table.one_namespace = takes_namespace(operation) && (arguments.has("namespace") || !default_namespace.empty());
  if (operation.kind)
    for (char c : operation.kind->name) table.singular += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (auto chosen = choose_rows(table, arguments); !chosen) return fail(std::move(chosen.error()));
  auto chosen = choose_columns(table.columns, operation.name, arguments);
  if (!chosen) return fail(std::move(chosen.error()));
  table.chosen = std::move(*chosen);
  return Reply{std::move(table), std::move(notes)};
}

Result<Reply> arrange(const Call& call, Rows rows, std::string noun, std::vector<std::string> notes,
                      std::vector<Column> columns) {
  Mask{&call.client.bearers(), call.known_credentials}.apply(rows);
  return arrange(call.operation, call.arguments, call.default_list_namespace, std::move(rows), std::move(noun),
                 std::move(notes), std::move(columns));
}

std::string row_cursor(const Table& table, std::uint32_t row) { return cursor_text(table.scope, place_of(table, row)); }

}  // namespace fairlead::ops
