#include "ops/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "base/yaml.h"
#include "ops/list.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

std::vector<std::uint32_t> shown_columns(const Table& table, Format format) {
  if (!table.chosen.empty()) return table.chosen;
  std::vector<std::uint32_t> shown;
  for (std::uint32_t i = 0; i < table.columns.size(); ++i) {
    if (format == Format::table && table.columns[i].wide) continue;
    const bool in_table = format == Format::table || format == Format::wide;
    if (in_table && table.one_namespace && table.columns[i].name == "namespace") continue;
    shown.push_back(i);
  }
  if (format != Format::table && format != Format::wide) return shown;
  // A column that says nothing in any row costs its bytes for nothing.
  std::erase_if(shown, [&](std::uint32_t column) {
    return column > 1 && table.columns[column].name != "name" &&
           std::all_of(table.order.begin(), table.order.end(),
                       [&](std::uint32_t row) { return table.rows.cell(row, column).empty(); });
  });
  return shown;
}

std::int64_t to_integer(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "a,b,c", and "a,b,+248 more" of a list that would fill the table, unless its column was asked for.
std::string list_text(const Table& table, std::uint32_t row, std::uint32_t column) {
  constexpr std::size_t most = 320;
  const auto items = table.rows.items(row, column);
  std::string joined;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = clean(items[i]);
    if (i > 0 && table.chosen.empty() && joined.size() + 1 + item.size() > most)
      return joined + fmt::format(",+{} more", items.size() - i);
    joined += (i > 0 ? "," : "") + item;
  }
  return joined;
}

std::string cell_text(const Table& table, std::uint32_t row, std::uint32_t column, std::int64_t now) {
  std::string_view raw = table.rows.cell(row, column);
  if (raw.empty()) return "-";
  switch (table.columns[column].type) {
    case CellType::time: return human_duration(std::chrono::seconds(now - to_integer(raw)));
    case CellType::millicores: return fmt::format("{}m", to_integer(raw));
    case CellType::bytes: return fmt::format("{}Mi", to_integer(raw) >> 20);
    case CellType::list:
    case CellType::labels: return escape_untrusted(list_text(table, row, column), Newlines::escape);
    default: return escape_untrusted(clean(raw), Newlines::escape);
  }
}

// Without padding a blank ends a cell, unless the cell is in quotes or the last one; a quote inside is doubled.
std::string one_word(std::string cell, bool last) {
  std::replace(cell.begin(), cell.end(), '\t', ' ');
  const auto foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };  // may look like a blank
  const bool odd = std::any_of(cell.begin(), cell.end(), foreign) || cell.ends_with(':');
  if (!odd && (last || cell.find_first_of(" \"") == std::string::npos)) return cell;
  std::string out = "\"";
  for (char c : cell) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void append_row(std::string& out, const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out += cells[i];
    if (i + 1 == cells.size()) break;
    out.append(widths[i] - display_width(cells[i]) + 3, ' ');
  }
  out += '\n';
}

std::string upper(std::string_view name) {
  std::string out;
  for (char c : name) out += c == '_' ? '-' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return out;
}

// Rows as text until they are at their cap.
struct Filled {
  std::string text;
  std::size_t shown = 0;
  std::string continuation;  // for what was left out; empty: nothing was
};

constexpr std::size_t kSample = 256;  // rows that tell how long the others are

// Adds to `head` what `write` makes of each row. `foot` bytes and those of a cursor are kept free.
template <class Write>
Filled fill(const Table& table, std::size_t cap, std::string head, std::size_t foot, std::vector<std::string>& notes,
            Write write) {
  Filled filled{std::move(head), 0, table.continuation};
  std::size_t at = 0, skipped = 0;
  for (; at < table.order.size(); ++at) {
    const std::size_t before = filled.text.size();
    // A large text has its room at once: growing by doubling would hold it one and a half times.
    if (at == kSample && cap == 0) filled.text.reserve(before / kSample * (table.order.size() + kSample));
    write(filled.text, table.order[at], filled.shown);
    std::string cursor = cap > 0 && foot > 0 ? row_cursor(table, table.order[at]) : std::string();
    if (cap == 0 || filled.text.size() + foot + std::max(cursor.size(), table.continuation.size()) <= cap) {
      ++filled.shown;
      continue;
    }
    filled.text.resize(before);
    if (filled.shown > 0) break;
    ++skipped;
  }
  if (skipped > 0)
    notes.push_back(fmt::format("{} {} left out: larger than the size limit by themselves; choose fewer columns",
                                skipped, table.noun));
  const std::size_t left = table.order.size() - at;
  if (left > 0) filled.continuation = row_cursor(table, table.order[at - 1]);
  if (left + table.more > 0)
    notes.push_back(fmt::format("{} more {} not shown{}: {}{}go on with cursor {}", left + table.more,
                                left + table.more == 1 ? "row" : table.noun, left > 0 ? " (size limit)" : "",
                                table.narrow, table.narrow.empty() ? "" : ", or ", filled.continuation));
  return filled;
}

std::string no_rows(const Table& table, std::vector<std::string>& notes) {
  notes.insert(notes.begin(), (table.total > 0 ? "no more " + table.noun : "no " + table.noun + " found"));
  return "";
}

std::string heading(const Table& table, std::uint32_t column) {
  return upper(table.columns[column].name == "created" ? "age" : table.columns[column].name);
}

constexpr std::size_t kKept = 4 << 20;

// For people: padded.
std::string render_rows(const Table& table, const RenderOptions& options, std::vector<std::string>& notes) {
  if (table.order.empty()) return no_rows(table, notes);
  const auto columns = shown_columns(table, options.format);
  std::vector<std::string> cells;
  std::vector<std::size_t> widths;
  for (auto column : columns) {
    cells.push_back(heading(table, column));
    widths.push_back(cells.back().size());
  }
  std::string head;
  // The cells of the first rows, made for the widths and kept for the text: as many as the text has room for.
  const std::size_t most = options.bytes > 0 ? std::min(options.bytes, kKept) : kKept;
  std::string kept;
  std::vector<std::uint32_t> ends;
  for (auto row : table.order) {
    const bool keep = kept.size() < most;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = cell_text(table, row, columns[i], options.now);
      widths[i] = std::max(widths[i], display_width(cell));
      if (!keep) continue;
      kept += cell;
      ends.push_back(static_cast<std::uint32_t>(kept.size()));
    }
  }
  append_row(head, cells, widths);
  std::size_t begin = 0, at = 0;  // of the next kept cell
  auto filled =
      fill(table, options.bytes, std::move(head), 0, notes, [&](std::string& out, std::uint32_t row, std::size_t) {
        for (std::size_t i = 0; i < columns.size(); ++i, ++at) {
          if (at >= ends.size()) {
            cells[i] = cell_text(table, row, columns[i], options.now);
            continue;
          }
          cells[i].assign(kept, begin, ends[at] - begin);
          begin = ends[at];
        }
        append_row(out, cells, widths);
      });
  return filled.shown > 0 ? std::move(filled.text) : std::string();
}

// Of an age the largest unit: "6h" of "6h34m".
std::string coarse(std::string age) {
  const std::size_t unit = age.find_first_not_of("0123456789");
  if (unit != std::string::npos) age.resize(unit + 1);
  return age;
}

bool is_quiet(const Table& table, std::uint32_t row, std::uint32_t column) {
  const std::string_view cell = table.rows.cell(row, column);
  switch (table.columns[column].quiet) {
    case Quiet::never: return false;
    case Quiet::when_empty: return cell.empty();
    case Quiet::when_zero: return cell.empty() || cell == "0";
    case Quiet::when_complete: {
      const std::size_t slash = cell.find('/');
      return slash != std::string_view::npos && cell.substr(0, slash) == cell.substr(slash + 1);
    }
  }
  return false;
}

// For models: one blank between cells; a line "shop:" stands before the rows of a namespace (of several clusters: of a
// cluster) instead of a cell in each; quiet cells come last and are left out where they say nothing.
std::string render_compact(const Table& table, const RenderOptions& options, std::vector<std::string>& notes) {
  if (table.order.empty()) return no_rows(table, notes);
  auto columns = shown_columns(table, options.format);
  const bool as_asked = !table.chosen.empty();
  if (!as_asked)
    std::stable_partition(columns.begin(), columns.end(),
                          [&](std::uint32_t column) { return table.columns[column].quiet == Quiet::never; });
  const std::string_view first = table.columns[columns[0]].name;
  const bool grouped = !as_asked && columns.size() > 1 && (first == "namespace" || first == "cluster");
  std::string head;
  for (std::size_t i = grouped; i < columns.size(); ++i) head += (i > grouped ? " " : "") + heading(table, columns[i]);
  if (grouped) head += " (by " + upper(first) + ":)";
  std::string_view group, before;  // of the rows so far, and as it was before the last one, which may not have fitted
  std::size_t accepted = 0;
  auto filled =
      fill(table, options.bytes, head + "\n", 0, notes, [&](std::string& out, std::uint32_t row, std::size_t shown) {
        if (shown == accepted) group = before;
        accepted = shown;
        before = group;
        std::size_t end = columns.size();
        const bool well = table.rows.rank(row) >= table.quiet_from;
        while (!as_asked && end > 1 && is_quiet(table, row, columns[end - 1]) &&
               (well || table.rows.cell(row, columns[end - 1]).empty()))
          --end;
        if (const auto ns = table.rows.cell(row, columns[0]); grouped && ns != group) {
          group = ns;
          out += (ns.empty() ? "(no namespace)" : escape_untrusted(ns, Newlines::escape)) + ":\n";
        }
        for (std::size_t i = grouped; i < end; ++i) {
          out += i > grouped ? " " : "";
          std::string cell = cell_text(table, row, columns[i], options.now);
          if (table.columns[columns[i]].type == CellType::time) cell = coarse(std::move(cell));
          out += one_word(std::move(cell), i + 1 == end);
        }
        out += '\n';
      });
  return filled.shown > 0 ? std::move(filled.text) : std::string();
}

Result<std::string> render_names(const Table& table, const RenderOptions& options, std::vector<std::string>& notes) {
  auto name = std::find_if(table.columns.begin(), table.columns.end(),
                           [](const Column& column) { return column.name == "name"; });
  if (name == table.columns.end())
    return fail(ErrorCode::invalid_request, "render", table.noun + " have no names", "Use table, json or yaml");
  const auto column = static_cast<std::uint32_t>(name - table.columns.begin());
  std::string kind = table.noun.substr(table.noun.rfind(' ') + 1);  // of "problem pods" the last
  if (kind.ends_with('s')) kind.pop_back();
  if (!table.singular.empty()) kind = table.singular;
  return fill(table, options.bytes, "", 0, notes,
              [&](std::string& out, std::uint32_t row, std::size_t) {
                out += kind + "/" + escape_untrusted(table.rows.cell(row, column), Newlines::escape) + "\n";
              })
      .text;
}

json::value cell_json(const Table& table, std::uint32_t row, std::uint32_t column) {
  if (table.rows.is_empty(row, column)) return nullptr;
  std::string_view raw = table.rows.cell(row, column);
  switch (table.columns[column].type) {
    case CellType::integer:
    case CellType::millicores:
    case CellType::bytes: return to_integer(raw);
    case CellType::time: return json::value(format_rfc3339(to_integer(raw)));
    case CellType::flag: return raw == "true";
    case CellType::list: {
      json::array items;
      for (auto item : table.rows.items(row, column)) items.emplace_back(clean(item));
      return items;
    }
    case CellType::labels: {
      json::object labels;
      for (auto item : table.rows.items(row, column)) {
        std::size_t equals = item.find('=');
        const std::string whole = clean(item);  // the name may give the value away
        labels[item.substr(0, equals)] =
            equals == std::string_view::npos || equals >= whole.size() ? std::string() : whole.substr(equals + 1);
      }
      return labels;
    }
    default: return json::value(clean(raw));
  }
}

json::object row_json(const Table& table, std::uint32_t row, const std::vector<std::uint32_t>& columns) {
  json::object item;
  for (auto column : columns) item[table.columns[column].name] = cell_json(table, row, column);
  return item;
}

constexpr std::size_t kFoot = 64;  // "total" and "continue" without the cursor

std::string rows_as_json(const Table& table, const RenderOptions& options, std::vector<std::string>& notes) {
  auto columns = shown_columns(table, options.format);
  auto filled = fill(table, options.bytes, "{\"items\":[", kFoot, notes,
                     [&](std::string& out, std::uint32_t row, std::size_t shown) {
                       out += (shown > 0 ? ",\n" : "\n") + compact(row_json(table, row, columns));
                     });
  filled.text += fmt::format("],\n\"total\":{},\"continue\":{}}}\n", table.total,
                             filled.continuation.empty() ? "null" : compact(json::value(filled.continuation)));
  return std::move(filled.text);  // megabytes: never twice
}

std::string rows_as_yaml(const Table& table, const RenderOptions& options, std::vector<std::string>& notes) {
  auto columns = shown_columns(table, options.format);
  auto filled =
      fill(table, options.bytes, "items:\n", kFoot, notes, [&](std::string& out, std::uint32_t row, std::size_t) {
        out += to_yaml(json::array{row_json(table, row, columns)});
      });
  if (filled.shown == 0) filled.text = "items: []\n";
  json::value continuation = filled.continuation.empty() ? json::value(nullptr) : json::value(filled.continuation);
  filled.text += to_yaml(json::object{{"total", table.total}, {"continue", std::move(continuation)}});
  return std::move(filled.text);
}

Result<std::string> render_table(const Table& table, const RenderOptions& options, std::vector<std::string>& notes) {
  switch (options.format) {
    case Format::name: return render_names(table, options, notes);
    case Format::json: return rows_as_json(table, options, notes);
    case Format::yaml: return rows_as_yaml(table, options, notes);
    default: return options.aligned ? render_rows(table, options, notes) : render_compact(table, options, notes);
  }
}

Result<std::string> render_document(const Document& document, const RenderOptions& options,
                                    std::vector<std::string>& notes) {
  const bool exact = options.format == Format::json || options.format == Format::yaml;
  if (options.format == Format::name)
    return fail(ErrorCode::invalid_request, "render", "the format name is for lists", "Use table, json or yaml");
  const json::value& value = exact || document.brief.is_null() ? document.value : document.brief;
  std::string text = options.format == Format::json ? pretty(value) : to_yaml(value);
  if (!text.ends_with('\n')) text += '\n';
  if (options.bytes == 0 || text.size() <= options.bytes) return text;
  if (exact)
    return fail(ErrorCode::invalid_request, "render",
                fmt::format("the document has {} bytes, the limit is {}", text.size(), options.bytes),
                "Use format table");
  const std::size_t line = text.rfind('\n', options.bytes - 1);
  notes.push_back(fmt::format("cut at the size limit: the last {} bytes are left out", text.size() - (line + 1)));
  text.resize(line + 1);
  return text;
}

std::string encode_text(const std::string& text, Format format) {
  if (format == Format::json) return compact(json::object{{"text", text}}) + "\n";
  if (format == Format::yaml) {
    std::string out = to_yaml(json::object{{"text", text}});
    return out.ends_with('\n') ? out : out + '\n';
  }
  std::string out = escape_untrusted(text, Newlines::keep);
  return out.empty() || out.back() == '\n' ? out : out + '\n';
}

// Where the last `bytes` bytes begin: at the start of a line, or (where lines may be cut) inside one that takes more
// than half of them.
std::size_t tail_start(const std::string& text, std::size_t bytes, bool whole_lines) {
  if (text.size() <= bytes) return 0;
  std::size_t start = text.size() - bytes;
  if (text[start - 1] == '\n') return start;
  std::size_t line = text.find('\n', start);
  if (whole_lines) return line == std::string::npos ? text.size() : line + 1;
  if (line != std::string::npos && line + 1 < text.size() && line - start < bytes / 2) return line + 1;
  while (start < text.size() && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) ++start;
  return start;
}

std::string render_text(const Text& body, const RenderOptions& options, std::vector<std::string>& notes) {
  auto tell = [&](std::size_t start) {
    if (body.left_out + start == 0) return;
    notes.push_back(
        fmt::format("cut at the size limit: the first {} bytes are left out; ask for fewer lines (tail_lines) or a "
                    "time (since_seconds)",
                    body.left_out + start));
  };
  if (options.bytes == 0) {
    tell(0);
    return encode_text(body.text, options.format);
  }
  // The end of a log says most. Escapes make it longer, so that more has to go than is over the cap at first.
  std::size_t start = tail_start(body.text, options.bytes, body.whole_lines);
  std::string kept = body.text.substr(start);
  std::string text = encode_text(kept, options.format);
  while (text.size() > options.bytes && !kept.empty()) {
    std::size_t keep = std::min(kept.size() - 1, kept.size() * options.bytes / text.size());
    std::size_t from = tail_start(kept, keep, body.whole_lines);
    start += from;
    kept.erase(0, from);
    text = encode_text(kept, options.format);
  }
  tell(start);
  return text;
}

}  // namespace

std::optional<Format> parse_format(std::string_view text) {
  if (text == "table") return Format::table;
  if (text == "wide") return Format::wide;
  if (text == "json") return Format::json;
  if (text == "yaml") return Format::yaml;
  if (text == "name") return Format::name;
  return std::nullopt;
}

Result<Rendered> render(const Reply& reply, const RenderOptions& options) {
  Rendered rendered;
  rendered.notes = reply.notes;
  Result<std::string> text;
  if (auto* table = std::get_if<Table>(&reply.body))
    text = render_table(*table, options, rendered.notes);
  else if (auto* document = std::get_if<Document>(&reply.body))
    text = render_document(*document, options, rendered.notes);
  else
    text = render_text(std::get<Text>(reply.body), options, rendered.notes);
  if (!text) return fail(std::move(text.error()));
  rendered.text = std::move(*text);
  for (auto& note : rendered.notes) note = escape_untrusted(note, Newlines::escape);
  return rendered;
}

}  // namespace fairlead::ops
