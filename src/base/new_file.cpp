#include "base/new_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>
#include <system_error>

namespace fairlead {

void sync_directory(const std::string& path) {
  const int descriptor = ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

namespace {

constexpr std::string_view kDraft = ".draft";

// A draft that this process holds locked, so that nobody takes it for one that was left; -1 with errno where none can
// be made. Who comes between its making and its lock has it removed, and another one is made.
int open_draft(const std::string& path, mode_t mode, std::string& draft) {
  std::random_device random;  // process ids are not unique where containers share a volume
  for (;;) {
    draft = path + "." + std::to_string(random()) + std::to_string(random()) + std::string(kDraft);
    const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) return file;
    struct stat about {};
    ::flock(file, LOCK_EX | LOCK_NB);
    if (::fstat(file, &about) != 0 || about.st_nlink > 0) return file;
    ::close(file);
  }
}

// `place` brings the draft, which is whole, to its name.
int write_through_draft(const std::string& path, std::string_view content, mode_t mode,
                        int (*place)(const char* draft, const char* path)) {
  std::string draft;
  const int file = open_draft(path, mode, draft);
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
  if (error == 0 && place(draft.c_str(), path.c_str()) != 0) error = errno;
  ::unlink(draft.c_str());
  ::close(file);
  if (error == 0) sync_directory(std::filesystem::path(path).parent_path().string());
  return error;
}

}  // namespace

void remove_drafts(const std::string& path) {
  const std::filesystem::path whole(path);
  const std::string begin = whole.filename().string() + ".";
  std::error_code failed;
  std::filesystem::directory_iterator entry(whole.has_parent_path() ? whole.parent_path() : ".", failed), end;
  for (; !failed && entry != end; entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(begin) || !name.ends_with(kDraft) || name.size() <= begin.size() + kDraft.size()) continue;
    const std::string_view middle =
        std::string_view(name).substr(begin.size(), name.size() - begin.size() - kDraft.size());
    if (middle.find_first_not_of("0123456789") != std::string_view::npos) continue;
    const int file = ::open(entry->path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) continue;
    struct stat about {};
    if (::fstat(file, &about) == 0 && S_ISREG(about.st_mode) && ::flock(file, LOCK_EX | LOCK_NB) == 0)
      ::unlink(entry->path().c_str());
    ::close(file);
  }
}

int write_new_file(const std::string& path, std::string_view content, mode_t mode) {
  return write_through_draft(path, content, mode, ::link);
}

int replace_file(const std::string& path, std::string_view content, mode_t mode) {
  return write_through_draft(path, content, mode, std::rename);
}

}  // namespace fairlead
