#include "ops/reply.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "ops/clip.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kCellBytes = 16 << 10;
constexpr std::int64_t kEarliest = -62167219200, kLatest = 253402300799;  // the years 0 to 9999

}  // namespace

void Rows::reserve(std::size_t rows, std::size_t columns) {
  cells_.reserve(rows * columns);
  first_cell_.reserve(rows);
  places_.reserve(rows);
}

void Rows::begin_row(int rank, std::uint32_t tie) {
  first_cell_.push_back(static_cast<std::uint32_t>(cells_.size()));
  places_.push_back({rank, tie});
  in_list_ = false;
}

// Places in the arena are 32-bit numbers.
bool Rows::has_room(std::size_t bytes) {
  full_ = full_ || arena_.size() + bytes > most_;
  return !full_;
}

void Rows::add(std::string_view bytes) {
  if (bytes.size() > kCellBytes) return add(clip(bytes, kCellBytes));
  if (!has_room(bytes.size())) return empty();
  in_list_ = false;
  cells_.push_back({static_cast<std::uint32_t>(arena_.size()), static_cast<std::uint32_t>(bytes.size())});
  arena_.append(bytes);
}

void Rows::text(std::string_view value) { value.empty() ? empty() : add(value); }

void Rows::text(std::string_view a, std::string_view b, std::string_view c) {
  if (a.size() + b.size() + c.size() > kCellBytes) return add(std::string(a).append(b).append(c));
  if (!has_room(a.size() + b.size() + c.size())) return empty();
  add(a);
  arena_.append(b).append(c);
  cells_.back().length = static_cast<std::uint32_t>(a.size() + b.size() + c.size());
}

void Rows::ratio(std::int64_t part, std::int64_t whole) {
  std::array<char, 48> text;
  char* end = std::to_chars(text.data(), text.data() + text.size(), part).ptr;
  *end++ = '/';
  end = std::to_chars(end, text.data() + text.size(), whole).ptr;
  add(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

void Rows::copy(const Rows& from, std::size_t row, std::size_t column) {
  from.is_empty(row, column) ? empty() : add(from.cell(row, column));
}

void Rows::integer(std::int64_t value) {
  std::array<char, 24> digits;
  auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  add(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

void Rows::time(std::int64_t unix_seconds) { integer(std::clamp(unix_seconds, kEarliest, kLatest)); }
void Rows::time_or_empty(std::optional<std::int64_t> unix_seconds) { unix_seconds ? time(*unix_seconds) : empty(); }
void Rows::flag(bool value) { add(value ? "true" : "false"); }

void Rows::empty() {
  in_list_ = false;
  cells_.push_back({static_cast<std::uint32_t>(arena_.size()), UINT32_MAX});
}

void Rows::begin_list() {
  add("");
  in_list_ = true;
}

void Rows::list_item(std::string_view value) {
  Cell& cell = cells_.back();
  const bool full = cell.length >= kCellBytes;
  if ((full && arena_.ends_with("\x1f…")) || !has_room(value.size() + 4)) return;
  if (cell.length > 0) arena_ += '\x1f';
  arena_.append(full ? "…" : clip(value, kCellBytes));
  cell.length = static_cast<std::uint32_t>(arena_.size() - cell.begin);
}

void Rows::rewrite(std::size_t columns,
                   const std::function<std::optional<std::string>(std::string_view cell)>& change) {
  for (std::size_t row = 0; row < first_cell_.size(); ++row) {
    const std::size_t next = row + 1 < first_cell_.size() ? first_cell_[row + 1] : cells_.size();
    const std::size_t end = first_cell_[row] + std::min(columns, next - first_cell_[row]);
    for (std::size_t i = first_cell_[row]; i < end; ++i) {
      Cell& cell = cells_[i];
      if (cell.length == UINT32_MAX) continue;
      auto text = change(std::string_view(arena_).substr(cell.begin, cell.length));
      if (!text) continue;
      if (text->size() > cell.length) {
        if (!has_room(text->size())) continue;
        cell.begin = static_cast<std::uint32_t>(arena_.size());
        arena_.append(*text);
      } else {
        std::copy(text->begin(), text->end(), arena_.begin() + cell.begin);
      }
      cell.length = static_cast<std::uint32_t>(text->size());
    }
  }
}

bool Rows::is_empty(std::size_t row, std::size_t column) const {
  return cells_[first_cell_[row] + column].length == UINT32_MAX;
}

std::string_view Rows::cell(std::size_t row, std::size_t column) const {
  const Cell& cell = cells_[first_cell_[row] + column];
  return cell.length == UINT32_MAX ? std::string_view() : std::string_view(arena_).substr(cell.begin, cell.length);
}

std::vector<std::string_view> Rows::items(std::size_t row, std::size_t column) const {
  std::string_view text = cell(row, column);
  return text.empty() ? std::vector<std::string_view>() : split(text, '\x1f');
}

}  // namespace fairlead::ops
