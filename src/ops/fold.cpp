#include "ops/fold.h"

#include <charconv>
#include <functional>
#include <map>
#include <tuple>

namespace fairlead::ops {
namespace {

// The places of list_pods' columns.
enum Place : std::size_t { ns, name, ready, status, restarts, restarted, created, node, ip, owner, containers };
constexpr std::size_t kColumns = 14;

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

using Key = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view, int>;

// The largest or smallest of a time column; nothing where no row has one.
template <class Better>
void add_time(Rows& out, const Rows& rows, const std::vector<std::uint32_t>& members, std::size_t column,
              Better better) {
  std::optional<std::int64_t> best;
  for (auto row : members)
    if (!rows.is_empty(row, column))
      if (const auto value = number(rows.cell(row, column)); !best || better(value, *best)) best = value;
  out.time_or_empty(best);
}

void add_group(Rows& out, const Rows& rows, const std::vector<std::uint32_t>& members) {
  const std::uint32_t first = members[0];
  std::string_view maker = rows.cell(first, owner);
  maker.remove_prefix(std::min(maker.size(), maker.find('/') + 1));
  out.begin_row(rows.rank(first), rows.tie(first));
  out.text(rows.cell(first, ns));
  out.text(maker, "-", "*");
  out.text(rows.cell(first, ready));
  out.text(std::to_string(members.size()), "x", rows.cell(first, status));
  std::int64_t sum = 0;
  for (auto row : members) sum += number(rows.cell(row, restarts));
  out.integer(sum);
  add_time(out, rows, members, restarted, std::greater<>());
  add_time(out, rows, members, created, std::less<>());
  for (std::size_t column = node; column < kColumns; ++column) {
    bool same = true;
    for (auto row : members) same = same && rows.cell(row, column) == rows.cell(first, column);
    if (same)
      out.copy(rows, first, column);
    else
      out.empty();
  }
}

}  // namespace

Folded fold_pods(const Rows& rows, int healthy) {
  std::map<Key, std::vector<std::uint32_t>> groups;
  auto key = [&](std::uint32_t row) {
    return Key{rows.cell(row, ns), rows.cell(row, owner), rows.cell(row, status), rows.cell(row, ready),
               rows.rank(row)};
  };
  auto folds = [&](std::uint32_t row) { return rows.rank(row) >= healthy && !rows.is_empty(row, owner); };
  for (std::uint32_t row = 0; row < rows.size(); ++row)
    if (folds(row)) groups[key(row)].push_back(row);
  Folded out;
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    const auto group = folds(row) ? groups.find(key(row)) : groups.end();
    if (group != groups.end() && group->second.size() > 1) {
      if (group->second[0] != row) continue;
      add_group(out.rows, rows, group->second);
      out.pods += group->second.size();
      ++out.groups;
      continue;
    }
    out.rows.begin_row(rows.rank(row), rows.tie(row));
    for (std::size_t column = 0; column < kColumns; ++column) out.rows.copy(rows, row, column);
  }
  return out;
}

}  // namespace fairlead::ops
