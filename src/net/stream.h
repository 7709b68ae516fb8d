// A two-way stream of bytes with its transport hidden: TCP, TLS over another stream, or standard input and output.
// One reader and one writer at a time. Not thread-safe: use on the executor it was made with.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "net/task.h"

namespace fairlead::net {

class Stream {
 public:
  virtual ~Stream() = default;
  // At least one byte, or 0 at the end of the stream. `unreachable` when it broke, `cancelled` when close() or the
  // caller's cancellation ended it.
  virtual awaitable<Result<std::size_t>> read_some(std::span<char> into) = 0;
  // All of it.
  virtual awaitable<Result<void>> write(std::string_view bytes) = 0;
  // Ends pending operations at once. Idempotent.
  virtual void close() = 0;
  // False when an idle connection was closed by the other side or has unexpected bytes; a hint, for reuse.
  virtual bool looks_alive() { return true; }
};

// Standard input and output as one stream; works for pipes, terminals and files. One per process.
std::unique_ptr<Stream> open_stdio(Executor executor);

// Splits a stream into lines without holding more than `limit` bytes; a longer line is an error (invalid_request)
// and is skipped up to its end, so that the next call reads the next line.
class LineReader {
 public:
  LineReader(Stream& stream, std::size_t limit);
  ~LineReader();
  // Without its line end ("\n" or "\r\n"). At the end of the stream, an Error is not made: `end()` turns true and
  // the answer is empty.
  awaitable<Result<std::string>> next();
  bool end() const { return end_; }

 private:
  Stream& stream_;
  std::size_t limit_;
  std::string buffer_;
  std::size_t scanned_ = 0;
  bool end_ = false;
  bool skipping_ = false;
};

}  // namespace fairlead::net
