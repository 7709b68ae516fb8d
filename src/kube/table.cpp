#include "kube/table.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "base/text.h"
#include "kube/json_scanner.h"

namespace fairlead::kube {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view step_name = "read the table";
constexpr std::size_t key_limit = 1024;

bool begins_value(char c) {
  return c == '"' || c == '{' || c == '[' || c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n';
}
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view text_of(const dom::object& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::int64_t integer_of(const dom::object& object, std::string_view key) {
  std::int64_t number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? number : 0;
}

}  // namespace

std::string TableCell::to_string() const {
  switch (kind) {
    case Kind::null: return "<none>";
    case Kind::text:
    case Kind::json: return std::string(text);
    case Kind::integer: return std::to_string(integer);
    case Kind::number: return fmt::format("{}", number);
    case Kind::boolean: return boolean ? "true" : "false";
  }
  return {};
}

class TableDecoder::Impl {
 public:
  Impl(Options options, OnRow on_row) : options_(options), on_row_(std::move(on_row)) {}

  Result<net::Flow> feed(std::string_view bytes) {
    while (!bytes.empty() && state_ != State::stopped) {
      if (state_ == State::failed) return malformed("it was given up before");
      if (auto done = step(bytes); !done) {
        state_ = State::failed;
        return fail(std::move(done.error()));
      }
    }
    return state_ == State::stopped ? net::Flow::enough : net::Flow::more;
  }

  Result<ListMeta> finish() {
    if (state_ == State::stopped) return metadata_;
    if (state_ == State::failed) return malformed("it was given up before");
    if (state_ == State::end && is_table_) return metadata_;
    if (state_ == State::end) return fail(not_a_table("an object without a kind"));
    return fail(ErrorCode::server_error, std::string(step_name),
                fmt::format("the answer ended in the middle, after {} bytes and {} rows", bytes_, rows_),
                "Try again; if it happens again, something between here and the API server cuts long answers short");
  }

  std::vector<TableColumn> columns_;
  ListMeta metadata_;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;

 private:
  enum class State {
    begin,
    first_key,
    next_key,
    key,
    colon,
    before_value,
    value,
    after_value,
    before_row,
    next_row,
    row,
    after_row,
    end,
    stopped,
    failed
  };

  tl::unexpected<Error> malformed(std::string cause) const {
    return fail(
        ErrorCode::server_error, std::string(step_name),
        fmt::format("the answer is not a well-formed Table: {} (after {} bytes and {} rows)", cause, bytes_, rows_),
        "Try again; if it happens again, something between here and the API server changes its answers");
  }
  static Error not_a_table(const std::string& what) {
    return Error{ErrorCode::server_error, std::string(step_name),
                 "the server answered with " + what + " where a Table was asked for",
                 "Check the resource; servers before Kubernetes 1.15 have no Tables of meta.k8s.io/v1", nullptr};
  }

  void take(std::string_view& bytes, std::size_t count) {
    bytes.remove_prefix(count);
    bytes_ += count;
  }

  Result<void> step(std::string_view& bytes) {
    if (state_ == State::value || state_ == State::row) return read_value(bytes);
    if (state_ == State::key) return read_key(bytes);
    const char c = bytes.front();
    if (is_space(c)) {
      take(bytes, 1);
      return {};
    }
    // A value's first byte belongs to the value; all other marks are taken here.
    const bool rows = state_ == State::before_value && key_ == "rows" && c != 'n';
    if (state_ == State::before_value && !rows) return start_value(State::value, c);
    if ((state_ == State::before_row && c != ']') || state_ == State::next_row) return start_value(State::row, c);
    if (state_ == State::begin && c != '{') {
      return fail_with(
          first_words(bytes, 60), ErrorCode::server_error, std::string(step_name), "the answer is not JSON",
          "Check that the address is that of a Kubernetes API server and that no proxy answers in its place");
    }
    take(bytes, 1);
    return on_mark(c);
  }

  Result<void> on_mark(char c) {
    switch (state_) {
      case State::begin: state_ = State::first_key; return {};
      case State::first_key:
      case State::next_key:
        if (c == '"') {
          key_.clear();
          state_ = State::key;
          return {};
        }
        if (c == '}' && state_ == State::first_key) {
          state_ = State::end;
          return {};
        }
        break;
      case State::colon:
        if (c != ':') break;
        state_ = State::before_value;
        return {};
      case State::before_value:
        if (c != '[') return malformed("its rows are not a list");
        state_ = State::before_row;
        return {};
      case State::before_row: state_ = State::after_value; return {};  // its end
      case State::after_row:
        if (c == ',')
          state_ = State::next_row;
        else if (c == ']')
          state_ = State::after_value;
        else
          break;
        return {};
      case State::after_value:
        if (c == ',')
          state_ = State::next_key;
        else if (c == '}')
          state_ = State::end;
        else
          break;
        return {};
      case State::end: return malformed("something follows its end");
      default: break;
    }
    return malformed(fmt::format("an unexpected '{}'", escape_untrusted(std::string_view(&c, 1), Newlines::escape)));
  }

  Result<void> read_key(std::string_view& bytes) {
    const auto end = std::min(bytes.find('"'), bytes.size());
    key_.append(bytes.substr(0, end));
    if (key_.size() > key_limit) return malformed("a key is too long");
    if (end == bytes.size()) {
      take(bytes, end);
      return {};
    }
    take(bytes, end + 1);
    if (key_.ends_with('\\')) return malformed("a key with an escaped quote");  // no Table has one
    state_ = State::colon;
    return {};
  }

  Result<void> start_value(State state, char first) {
    if (!begins_value(first))
      return malformed(
          fmt::format("an unexpected '{}'", escape_untrusted(std::string_view(&first, 1), Newlines::escape)));
    state_ = state;
    wanted_ = state == State::row || key_ == "kind" || key_ == "metadata" || key_ == "columnDefinitions";
    buffer_.clear();
    scanner_.start();
    return {};
  }

  Result<void> read_value(std::string_view& bytes) {
    const auto piece = bytes.substr(0, scanner_.scan(bytes));
    const bool whole = scanner_.done() && buffer_.empty();
    if (wanted_) {
      const auto limit = state_ == State::row ? options_.row_limit : options_.head_limit;
      if (buffer_.size() + piece.size() > limit) {
        return fail(ErrorCode::server_error, std::string(step_name),
                    fmt::format("{} has more than the {} bytes that are allowed",
                                state_ == State::row ? "a row" : "the table's head", limit),
                    "Narrow the request by namespace or selector so that it is left out");
      }
      if (!whole) buffer_.append(piece);
    }
    take(bytes, piece.size());
    if (!scanner_.done()) return {};
    const auto value = whole ? piece : std::string_view(buffer_);
    const bool row = state_ == State::row;
    state_ = row ? State::after_row : State::after_value;
    if (!wanted_) return {};
    if (row) return on_row(value);
    return on_head(value);
  }

  Result<dom::element> parse(std::string_view value) {
    dom::element element;
    const auto error = parser_.parse(value.data(), value.size()).get(element);
    if (error != simdjson::SUCCESS) return malformed(simdjson::error_message(error));
    return element;
  }

  Result<void> on_head(std::string_view value) {
    auto element = parse(value);
    if (!element) return fail(std::move(element.error()));
    if (key_ == "kind") return on_kind(*element);
    if (key_ == "metadata") return on_metadata(*element);
    return on_columns(*element);
  }

  Result<void> on_kind(const dom::element& element) {
    std::string_view kind;
    if (element.get(kind) != simdjson::SUCCESS) return malformed("its kind is not text");
    if (kind != "Table") return fail(not_a_table("a " + plain_word(kind)));
    is_table_ = true;
    return {};
  }

  Result<void> on_metadata(const dom::element& element) {
    dom::object object;
    if (element.is_null()) return {};
    if (element.get(object) != simdjson::SUCCESS) return malformed("its metadata is not an object");
    metadata_.resource_version = text_of(object, "resourceVersion");
    metadata_.continue_token = text_of(object, "continue");
    std::int64_t remaining = 0;
    if (object["remainingItemCount"].get(remaining) == simdjson::SUCCESS) metadata_.remaining_item_count = remaining;
    return {};
  }

  Result<void> on_columns(const dom::element& element) {
    dom::array array;
    if (element.is_null()) return {};
    if (element.get(array) != simdjson::SUCCESS) return malformed("its columnDefinitions are not a list");
    columns_.clear();
    for (const auto item : array) {
      dom::object column;
      if (item.get(column) != simdjson::SUCCESS) return malformed("a column is not an object");
      columns_.push_back(
          {std::string(text_of(column, "name")), std::string(text_of(column, "type")),
           std::string(text_of(column, "format")),
           static_cast<std::int32_t>(std::clamp<std::int64_t>(integer_of(column, "priority"), INT32_MIN, INT32_MAX))});
    }
    return {};
  }

  Result<void> on_row(std::string_view value) {
    auto element = parse(value);
    if (!element) return fail(std::move(element.error()));
    dom::object object;
    dom::array cells;
    if (element->get(object) != simdjson::SUCCESS || object["cells"].get(cells) != simdjson::SUCCESS)
      return malformed("a row has no cells");
    cells_.clear();
    written_.clear();
    for (const auto cell : cells) cells_.push_back(read_cell(cell));
    TableRow row;
    row.cells = cells_;
    dom::object meta;
    if (object["object"]["metadata"].get(meta) == simdjson::SUCCESS) {
      row.name = text_of(meta, "name");
      row.ns = text_of(meta, "namespace");
    }
    ++rows_;
    auto flow = on_row_(row);
    if (!flow) return fail(std::move(flow.error()));
    if (*flow == net::Flow::enough) state_ = State::stopped;
    return {};
  }

  TableCell read_cell(const dom::element& element) {
    TableCell cell;
    switch (element.type()) {
      case dom::element_type::STRING:
        cell.kind = TableCell::Kind::text;
        cell.text = element.get_string().value_unsafe();
        break;
      case dom::element_type::INT64:
        cell.kind = TableCell::Kind::integer;
        cell.integer = element.get_int64().value_unsafe();
        break;
      case dom::element_type::UINT64:  // beyond int64
      case dom::element_type::DOUBLE:
        cell.kind = TableCell::Kind::number;
        cell.number = element.get_double().value_unsafe();
        break;
      case dom::element_type::BOOL:
        cell.kind = TableCell::Kind::boolean;
        cell.boolean = element.get_bool().value_unsafe();
        break;
      case dom::element_type::ARRAY:
      case dom::element_type::OBJECT:
        cell.kind = TableCell::Kind::json;
        cell.text = written_.emplace_back(simdjson::minify(element));
        break;
      case dom::element_type::NULL_VALUE: break;
    }
    return cell;
  }

  Options options_;
  OnRow on_row_;
  State state_ = State::begin;
  bool is_table_ = false;
  bool wanted_ = false;
  std::string key_;
  std::string buffer_;
  JsonValueScanner scanner_;
  dom::parser parser_;
  std::vector<TableCell> cells_;
  std::deque<std::string> written_;  // cells that are lists or maps
};

TableDecoder::TableDecoder(Options options, OnRow on_row) : impl_(std::make_unique<Impl>(options, std::move(on_row))) {}
TableDecoder::~TableDecoder() = default;
TableDecoder::TableDecoder(TableDecoder&&) noexcept = default;
TableDecoder& TableDecoder::operator=(TableDecoder&&) noexcept = default;

Result<net::Flow> TableDecoder::feed(std::string_view bytes) { return impl_->feed(bytes); }
Result<ListMeta> TableDecoder::finish() { return impl_->finish(); }
const std::vector<TableColumn>& TableDecoder::columns() const { return impl_->columns_; }
const ListMeta& TableDecoder::metadata() const { return impl_->metadata_; }
std::uint64_t TableDecoder::rows() const { return impl_->rows_; }
std::uint64_t TableDecoder::bytes() const { return impl_->bytes_; }

}  // namespace fairlead::kube
