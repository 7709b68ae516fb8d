// What a program learns from around it, passed in so that tests can set it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace fairlead {

// Looks up an environment variable; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

// Reads a whole regular file of at most `limit` bytes. Directories, devices and pipes are refused, so that a path
// cannot make the reader hang; but not a pipe under /dev/fd, which whoever started us handed over (<(command) in a
// shell): it has ten seconds to end.
Result<std::string> read_file(const std::string& path, std::string_view step, std::uint64_t limit);

// What tells one content of a file from the next. Of a file that is not there: the default.
struct FileVersion {
  bool operator==(const FileVersion&) const = default;
  std::uint64_t inode = 0;
  std::int64_t size = -1, seconds = 0, nanoseconds = 0;
};
FileVersion file_version(const std::string& path);

// A file as it was when it was looked at, before it was read.
struct SeenFile {
  explicit SeenFile(std::string p) : path(std::move(p)), version(file_version(path)) {}
  bool has_changed() const { return file_version(path) != version; }

  std::string path;
  FileVersion version;
};

}  // namespace fairlead
