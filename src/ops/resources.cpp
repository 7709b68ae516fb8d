// Objects of any kind, custom ones included. Lists are Tables, whose cells the server has computed; Secrets show what
// list_secrets and get_secret show.
#include <algorithm>

#include "kube/table.h"
#include "ops/catalog.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/pages.h"
#include "ops/printer_columns.h"
#include "ops/read.h"
#include "ops/resolve.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

constexpr std::string_view kAccept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io";

// The name of a column as ours are written. Whoever defines a kind chooses it.
std::string column_name(std::string_view theirs) {
  std::string out;
  for (char c : theirs.substr(0, 63)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain || (!out.empty() && out.back() != '_')) out += plain ? c : '_';
  }
  while (out.ends_with('_')) out.pop_back();
  return out.empty() ? "column" : out;
}

class TableRows {
 public:
  TableRows(const kube::ApiResource& resource, std::string list_namespace, PrinterColumns printed)
      : namespaced_(resource.namespaced), list_namespace_(std::move(list_namespace)), printed_(std::move(printed)) {}

  void restart() {
    rows_ = {};
    columns_.clear();
    sources_.clear();
  }

  Result<net::Flow> add(const std::vector<kube::TableColumn>& columns, const kube::TableRow& row) {
    if (columns_.empty()) begin(columns);
    rows_.begin_row(0);
    if (namespaced_) rows_.text(list_namespace_.empty() ? row.ns : std::string_view(list_namespace_));
    for (const auto& source : sources_) {  // of the first page: all have the same
      if (source.cell >= row.cells.size() || row.cells[source.cell].kind == kube::TableCell::Kind::null) {
        rows_.empty();
        continue;
      }
      const std::string text = row.cells[source.cell].to_string();
      rows_.text(text == "<none>" ? std::string()
                 : source.hidden  ? std::string(redact::kRedacted)
                                  : redact::text(text));
    }
    return net::Flow::more;
  }

  Rows take_rows() { return std::move(rows_); }
  std::vector<Column> columns() const { return columns_; }
  std::shared_ptr<const std::vector<std::string>> names() const { return names_; }

 private:
  // The name comes first even where it is a wide column, as with events, whose own first column is an age: rows are
  // ordered by their first columns, and ages change between two pages.
  void begin(const std::vector<kube::TableColumn>& columns) {
    auto names = std::make_shared<std::vector<std::string>>();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const kube::TableColumn& column = columns[i];
      std::string name = column_name(column.name);
      const std::string once = name;
      for (int again = 2; std::find(names->begin(), names->end(), name) != names->end() || name == "namespace"; ++again)
        name = once + std::to_string(again);
      sources_.push_back({i, redact::may_name_a_credential(name) || printed_.hides(column.name)});
      names->push_back(std::move(name));
    }
    const auto name = std::find_if(columns.begin(), columns.end(), [](const auto& c) { return c.format == "name"; });
    if (name != columns.end())
      std::rotate(sources_.begin(), sources_.begin() + (name - columns.begin()),
                  sources_.begin() + (name - columns.begin()) + 1);
    if (namespaced_) columns_.push_back({"namespace", CellType::text, false, ""});
    for (const auto& source : sources_)
      columns_.push_back({(*names)[source.cell], CellType::text, columns[source.cell].priority > 0, ""});
    names_ = std::move(names);
  }

  bool namespaced_;
  std::string list_namespace_;
  PrinterColumns printed_;
  Rows rows_;
  std::vector<Column> columns_;
  struct Source {
    std::size_t cell;
    bool hidden;
  };
  std::vector<Source> sources_;  // of each cell after the namespace
  std::shared_ptr<const std::vector<std::string>> names_;
};

// The namespace that was given says nothing about a kind that is in none: who gives one means something else.
Result<void> check_scope(const Call& call, const kube::ApiResource& resource) {
  if (resource.namespaced || !call.arguments.has("namespace")) return {};
  return fail(ErrorCode::invalid_request, std::string(call.operation.name),
              resource.kind + " objects are in no namespace", "Leave namespace out");
}

bool has_verb(const kube::ApiResource& resource, std::string_view verb) {
  return std::find(resource.verbs.begin(), resource.verbs.end(), verb) != resource.verbs.end();
}

std::size_t size_of(const kube::TableRow& row) {
  std::size_t bytes = 0;
  for (const auto& cell : row.cells) bytes += cell.text.size();
  return bytes;
}

awaitable<Result<void>> read_rows(Call& call, std::string target, TableRows& rows) {
  Pages pages(std::move(target));
  while (true) {
    std::optional<kube::TableSink> sink;
    auto on_row = [&](const kube::TableRow& row) -> Result<net::Flow> {
      if (auto counted = pages.count(size_of(row)); !counted) return fail(std::move(counted.error()));
      return rows.add(sink->decoder().columns(), row);
    };
    auto on_start = [&] {
      if (pages.begin_attempt()) rows.restart();
    };
    sink.emplace(kube::TableDecoder::Options{}, on_row, on_start);
    auto done = co_await call.client.read(pages.target(), std::string(kAccept), *sink, call.deadline);
    if (!done) co_return fail(std::move(done.error()));
    auto meta = sink->finish();
    if (!meta) co_return fail(std::move(meta.error()));
    auto more = pages.next(meta->continue_token);
    if (!more) co_return fail(std::move(more.error()));
    if (!*more) co_return Result<void>{};
  }
}

awaitable<Result<Reply>> list_resources(Call& call) {
  auto resource = co_await resolve_kind(call, call.arguments.text("kind"));
  if (!resource) co_return fail(std::move(resource.error()));
  if (auto scope = check_scope(call, *resource); !scope) co_return fail(std::move(scope.error()));
  if (!has_verb(*resource, "list"))
    co_return fail(ErrorCode::invalid_request, "list_resources", resource->kind + " objects cannot be listed",
                   "list_api_resources shows what each kind allows");
  const std::string ns = resource->namespaced ? call.list_namespace() : "";
  std::string target = kube::ResourcePath{resource->group, resource->version, resource->plural, ns, {}, {}}.text();
  kube::add_query(target, "labelSelector", call.arguments.text("label_selector"));
  kube::add_query(target, "fieldSelector", call.arguments.text("field_selector"));
  // Rows say their namespace only with their object's metadata.
  kube::add_query(target, "includeObject", resource->namespaced && ns.empty() ? "Metadata" : "None");
  const kube::ApiResource kind = *resource;
  PrinterColumns printed = co_await read_printer_columns(call, kind);
  const std::string note = printed.note;
  TableRows rows(*resource, ns, std::move(printed));
  auto read = co_await read_rows(call, std::move(target), rows);
  if (!read && read.error().code == ErrorCode::not_found) kube::forget_discovery(call.client);
  if (!read) co_return fail(std::move(read.error()));
  Rows found = rows.take_rows();
  std::vector<std::string> notes;
  if (resource->namespaced) notes = co_await explain_empty(call, found.size());
  if (!note.empty() && found.size() > 0) notes.push_back(note);
  auto reply = arrange(call, std::move(found), resource->plural, std::move(notes), rows.columns());
  if (!reply) co_return reply;
  Table& table = std::get<Table>(reply->body);
  table.names = rows.names();
  table.singular = resource->plural + (resource->group.empty() ? "" : "." + resource->group);
  co_return reply;
}

awaitable<Result<Reply>> get_resource(Call& call) {
  auto resource = co_await resolve_kind(call, call.arguments.text("kind"));
  if (!resource) co_return fail(std::move(resource.error()));
  if (auto scope = check_scope(call, *resource); !scope) co_return fail(std::move(scope.error()));
  const std::string ns = resource->namespaced ? call.object_namespace() : "";
  const std::string name = call.arguments.text("name");
  auto object = co_await read_object(
      call, kube::ResourcePath{resource->group, resource->version, resource->plural, ns, name, {}}.text(),
      resource->kind);
  if (!object && object.error().code == ErrorCode::not_found) kube::forget_discovery(call.client);
  if (!object) co_return fail(std::move(object.error()));
  redact::object(*object);
  json::value brief = object_document(*object, call.clock.unix_seconds());
  co_return Reply{Document{std::move(*object), std::move(brief)}, {}};
}

}  // namespace

std::vector<Operation> resource_operations() {
  return {
      {
          .name = "list_resources",
          .family = "any kind",
          .summary =
              "List objects of any kind, custom resources included, with the columns that the cluster has for it",
          .parameters = list_parameters(true, {kind_parameter()}),
          .access = {{"*", "*", {"list"}},
                     namespace_lookup(),
                     {"apiextensions.k8s.io", "customresourcedefinitions", {"get"}, Reach::cluster, true}},
          .columns = {},
          .run = list_resources,
          .example = "--kind horizontalpodautoscalers --namespace shop",
      },
      {
          .name = "get_resource",
          .family = "any kind",
          .summary =
              "Get one object of any kind, custom resources included; format json or yaml gives the whole object",
          .parameters = object_parameters(true, {kind_parameter()}, ParameterType::any_name),
          .access = {{"*", "*", {"get"}}},
          .columns = {},
          .run = get_resource,
          .example = "--kind poddisruptionbudget --namespace shop --name frontend",
      },
  };
}

}  // namespace fairlead::ops
