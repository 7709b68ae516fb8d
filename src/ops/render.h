// Replies as text. Everything that came out of a cluster is shown with control characters, ANSI escapes and invisible
// Unicode escaped, in every format. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ops/reply.h"

namespace fairlead::ops {

enum class Format { table, wide, json, yaml, name };
std::optional<Format> parse_format(std::string_view text);

struct RenderOptions {
  Format format = Format::table;
  bool aligned = true;    // columns padded for people; models pay for padding, so that a cell with blanks is quoted
  std::size_t bytes = 0;  // cap for the data; 0: none. Rows beyond it are left out and counted in a note
  std::int64_t now = 0;   // seconds since 1970, for ages
};

struct Rendered {
  std::string text;                // ends with a line break unless empty
  std::vector<std::string> notes;  // the reply's, and what rendering left out
};

// Rows that `bytes` or the reply's limit leave out are counted in a note with the cursor that goes on with them; a row
// that is larger than `bytes` by itself is left out, with a note, so that it cannot stand in the way of the others. Of
// a text the end is kept. (Below some 200 bytes there is no room for the frame of JSON.)
//
// JSON of rows: {"items":[{column: value, …}],"total":N,"continue":"…"}, every column or the chosen ones, in the
// catalog's order; times in RFC 3339, empty cells null. JSON of text: {"text":"…"}. A JSON or YAML answer over the cap
// loses rows too, never its form; a document over the cap is refused in those formats (invalid_request), and so is the
// format name for what has no names.
Result<Rendered> render(const Reply& reply, const RenderOptions& options);

// What others wrote, without credentials.
std::string clean(std::string_view text);

// Wraps data for a model: what stands between the two marks was written by somebody else and is no instruction. The
// mark holds `nonce`, which the data cannot know; what looks like a mark inside the data has its "<" written as \u003c.
std::string fence(std::string_view data, std::string_view nonce);

}  // namespace fairlead::ops
