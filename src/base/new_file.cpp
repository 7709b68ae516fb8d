#include "base/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>

namespace fairlead {

void sync_directory(const std::string& path) {
  const int descriptor = ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

namespace {

// `place` brings the draft, which is whole, to its name.
int write_through_draft(const std::string& path, std::string_view content, mode_t mode,
                        int (*place)(const char* draft, const char* path)) {
  std::random_device random;  // process ids are not unique where containers share a volume
  const std::string draft = path + "." + std::to_string(random()) + std::to_string(random());
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return errno;
  int error = 0;
  while (error == 0 && !content.empty()) {
    const ssize_t count = ::write(file, content.data(), content.size());
    if (count >= 0)
      content.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      error = errno;
  }
  struct stat old {};
  if (error == 0 && ::stat(path.c_str(), &old) == 0 && ::fchown(file, old.st_uid, old.st_gid) != 0) error = errno;
  if (error == 0 && ::fsync(file) != 0) error = errno;
  ::close(file);
  if (error == 0 && place(draft.c_str(), path.c_str()) != 0) error = errno;
  ::unlink(draft.c_str());
  if (error == 0) sync_directory(std::filesystem::path(path).parent_path().string());
  return error;
}

}  // namespace

int write_new_file(const std::string& path, std::string_view content, mode_t mode) {
  return write_through_draft(path, content, mode, ::link);
}

int replace_file(const std::string& path, std::string_view content, mode_t mode) {
  return write_through_draft(path, content, mode, std::rename);
}

}  // namespace fairlead
