// What an operation answers: rows with typed columns, one document, or text. Faces render it (ops/render.h).
#pragma once

#include <cstdint>
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
  time,   // seconds since 1970; a table shows its age, JSON an RFC 3339 time
  flag,
  list,   // several texts
  labels, // key=value pairs
};

struct Column {
  std::string_view name;  // JSON key; the table shows it in capitals
  CellType type = CellType::text;
  bool wide = false;      // not in the default table
  std::string_view meaning;
};

// Rows in one arena: 10,000 pods of eight cells take about 2 MB. Cells are added in column order.
class Rows {
 public:
  void reserve(std::size_t rows, std::size_t columns);

  void begin_row(int rank = 0);  // lower ranks are shown first: problems have the lowest
  void text(std::string_view value);
  void text(std::string_view a, std::string_view b, std::string_view c);  // joined
  void ratio(std::int64_t part, std::int64_t whole);                     // "1/2"
  void integer(std::int64_t value);
  void time(std::int64_t unix_seconds);
  void time_or_empty(std::optional<std::int64_t> unix_seconds);
  void flag(bool value);
  void empty();  // no value: null in JSON
  // One cell with several texts.
  void begin_list();
  void list_item(std::string_view value);

  std::size_t size() const { return first_cell_.size(); }
  int rank(std::size_t row) const { return ranks_[row]; }
  bool is_empty(std::size_t row, std::size_t column) const;
  std::string_view cell(std::size_t row, std::size_t column) const;  // list items are separated by '\x1f'
  std::vector<std::string_view> items(std::size_t row, std::size_t column) const;

 private:
  struct Cell {
    std::uint32_t begin;
    std::uint32_t length;  // UINT32_MAX: empty
  };
  void add(std::string_view bytes);

  std::string arena_;
  std::vector<Cell> cells_;
  std::vector<std::uint32_t> first_cell_;
  std::vector<int> ranks_;
  bool in_list_ = false;
};

struct Table {
  std::vector<Column> columns;
  Rows rows;
  // Which rows to show, in which order. Filled by `arrange` (ops/list.h).
  std::vector<std::uint32_t> order;
  std::vector<std::uint32_t> chosen;  // columns asked for, in this order; empty: the default ones
  std::size_t total = 0;       // rows that matched, shown or not
  std::string continuation;    // cursor for the next ones; empty: none
  std::string noun;            // "pods"
  std::string operation;       // whose cursor it is
};

struct Document {
  json::value value;  // what the formats json and yaml show
  json::value brief;  // what the format table shows; null: the value
};

// Text from inside a cluster: a log.
struct Text {
  std::string text;
};

struct Reply {
  std::variant<Table, Document, Text> body;
  std::vector<std::string> notes;  // what the reader should know: truncation, how to narrow, warnings
};

}  // namespace fairlead::ops
