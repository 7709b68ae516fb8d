// What an operation answers: rows with typed columns, one document, or text. Faces render it (ops/render.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"

namespace fairlead::ops {

enum class CellType {
  text,
  integer,
  time,  // seconds since 1970; a table shows its age, JSON an RFC 3339 time
  flag,
  list,        // several texts
  labels,      // key=value pairs
  millicores,  // a number; a table shows "250m"
  bytes,       // a number; a table shows "64Mi", as kubectl top does
};

// A cell that says nothing while all is well: models, who pay for every byte, do not get it then.
enum class Quiet { never, when_empty, when_zero, when_complete /* n/n */ };

struct Column {
  std::string_view name;  // JSON key; the table shows it in capitals
  CellType type = CellType::text;
  bool wide = false;  // not in the default table
  std::string_view meaning;
  Quiet quiet = Quiet::never;
};

// Rows in one arena: 10,000 pods of eight cells take about 2 MB. Cells are added in column order. What the cluster
// wrote has no bounds of its own, so a text longer than 16 KiB is cut and ends with "…", and times lie in the years 0
// to 9999. Rows that are full() hold not all that they were given, and are no answer.
class Rows {
 public:
  static constexpr std::size_t kMostBytes = 1 << 30;
  Rows() = default;
  explicit Rows(std::size_t most_bytes) : most_(most_bytes) {}
  void reserve(std::size_t rows, std::size_t columns);

  // Lower ranks are shown first: problems have the lowest. `tie` tells rows apart that are alike in rank and in their
  // first two cells, so that a cursor can stand between them.
  void begin_row(int rank = 0, std::uint32_t tie = 0);
  void text(std::string_view value);                                      // an empty text is no value
  void text(std::string_view a, std::string_view b, std::string_view c);  // joined
  void ratio(std::int64_t part, std::int64_t whole);                      // "1/2"
  void integer(std::int64_t value);
  void time(std::int64_t unix_seconds);
  void time_or_empty(std::optional<std::int64_t> unix_seconds);
  void flag(bool value);
  void empty();  // no value: null in JSON
  // One cell with several texts.
  void begin_list();
  void list_item(std::string_view value);

  void copy(const Rows& from, std::size_t row, std::size_t column);  // a cell as it is

  // Puts what `change` answers in the place of each of the first `columns` cells of every row; nothing: the cell stays.
  void rewrite(std::size_t columns, const std::function<std::optional<std::string>(std::string_view cell)>& change);
  void set_tie(std::size_t row, std::uint32_t tie) { places_[row].tie = tie; }

  bool full() const { return full_; }
  std::size_t size() const { return first_cell_.size(); }
  int rank(std::size_t row) const { return places_[row].rank; }
  std::uint32_t tie(std::size_t row) const { return places_[row].tie; }
  bool is_empty(std::size_t row, std::size_t column) const;
  std::string_view cell(std::size_t row, std::size_t column) const;  // list items are separated by '\x1f'
  std::vector<std::string_view> items(std::size_t row, std::size_t column) const;

 private:
  struct Cell {
    std::uint32_t begin;
    std::uint32_t length;  // UINT32_MAX: empty
  };
  struct Place {
    int rank;
    std::uint32_t tie;
  };
  void add(std::string_view bytes);
  bool has_room(std::size_t bytes);

  std::size_t most_ = kMostBytes;
  std::string arena_;
  std::vector<Cell> cells_;
  std::vector<std::uint32_t> first_cell_;
  std::vector<Place> places_;
  bool in_list_ = false, full_ = false;
};

struct Table {
  std::vector<Column> columns;
  std::shared_ptr<const std::vector<std::string>> names;  // keeps those of columns that no operation declares
  Rows rows;
  // Which rows to show, in which order. Filled by `arrange` (ops/list.h).
  std::vector<std::uint32_t> order;
  std::vector<std::uint32_t> chosen;  // columns asked for, in this order; empty: the default ones
  std::size_t keys = 2;               // rows of one rank are ordered by so many of the first columns
  std::size_t total = 0;              // rows that matched, shown or not
  std::size_t more = 0;               // rows that come after the last one in `order`
  std::string continuation;           // cursor for the next ones; empty: none
  std::string noun;                   // "pods"
  bool one_namespace = false;         // all rows are of the one that was asked for, so that a table need not say it
  int quiet_from = INT32_MIN;         // rows of a lower rank show their quiet cells, too
  std::string singular;               // of names: "pod" of "pod/web"; empty: the noun without its "s"
  std::string narrow;                 // how to get fewer: "narrow by namespace"; empty: no way
  std::string operation;              // whose cursor it is,
  std::uint32_t scope = 0;            // and of a call with which arguments
};

struct Document {
  json::value value;  // what the formats json and yaml show
  json::value brief;  // what the format table shows; null: the value
};

// Text from inside a cluster: a log.
struct Text {
  std::string text;
  std::size_t left_out = 0;  // bytes that came before it
  bool whole_lines = false;  // a part of a line would look like another line
};

struct Reply {
  std::variant<Table, Document, Text> body;
  // What the reader should know: truncation, how to narrow, warnings. Sentences of ours, shown as they are: what others
  // wrote has passed redact::text() before it stands in one.
  std::vector<std::string> notes;
};

}  // namespace fairlead::ops
