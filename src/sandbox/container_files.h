// The file system that a container's processes see: its image's few files, what the pod mounts, and what they wrote
// themselves. Paths are absolute and without "." and ".." (see absolute_path). Bounded. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::sandbox {

struct FileNode {
  enum class Kind { file, directory, null_device } kind = Kind::file;
  std::string content = {};
  std::int64_t modified = 0;  // seconds since 1970
  int mode = 0644;
};

enum class FileProblem { none, missing, exists, not_a_directory, is_a_directory, read_only, full, not_empty };
std::string_view words_of(FileProblem problem);  // as strerror says it

// "a/../b" seen from "/tmp" is "/tmp/b".
std::string absolute_path(std::string_view directory, std::string_view path);

class ContainerFiles {
 public:
  ContainerFiles();

  const FileNode* find(std::string_view path) const;
  bool is_directory(std::string_view path) const;
  std::vector<std::string> names(std::string_view directory) const;  // of its entries, sorted

  // What processes do; each says why it cannot be done.
  FileProblem write(std::string_view path, std::string_view content, bool append, std::int64_t now);
  FileProblem touch(std::string_view path, std::int64_t now);
  FileProblem make_directory(std::string_view path, bool parents, std::int64_t now);
  FileProblem remove(std::string_view path, bool recursive);
  FileProblem set_mode(std::string_view path, int mode);

  // What the runtime does: no rule stands in its way, and parents are made.
  void place(std::string_view path, FileNode node);
  // From here on what is below the path belongs to a mount. Empties it when it is `fresh`.
  void mount(std::string_view path, bool read_only, bool fresh, std::int64_t now);
  void set_root_read_only(bool read_only) { mounts_["/"] = read_only; }
  // Where things are mounted, with "/" first.
  const std::map<std::string, bool>& mounts() const { return mounts_; }

 private:
  bool read_only(std::string_view path) const;
  FileProblem check_parent(std::string_view path) const;

  std::map<std::string, FileNode, std::less<>> nodes_;
  std::map<std::string, bool> mounts_;  // path -> whether it is read-only
  std::size_t bytes_ = 0;               // of contents
};

}  // namespace fairlead::sandbox
