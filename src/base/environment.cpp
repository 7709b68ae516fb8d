#include "base/environment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>

#include "base/text.h"

namespace fairlead {
namespace {

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

tl::unexpected<Error> refuse_errno(std::string_view step, const std::string& path, int error) {
  const auto because = [&](ErrorCode code, std::string_view cause, std::string remedy) {
    return fail(code, std::string(step), fmt::format("{}: {}", plain_word(path), cause), std::move(remedy));
  };
  switch (error) {
    case ENOENT: return because(ErrorCode::not_found, "no such file", "Check the path");
    case ENOTDIR: return because(ErrorCode::not_found, "a part of the path is not a directory", "Check the path");
    case EACCES:
    case EPERM:
      return because(ErrorCode::invalid_request, "permission denied", "Let the user that runs Fairlead read this file");
    case EISDIR: return because(ErrorCode::invalid_request, "it is a directory", "Give the path of a file");
    case ENXIO:
    case ENODEV:
      return because(ErrorCode::invalid_request, "it is not a regular file", "Give the path of a regular file");
    case ELOOP: return because(ErrorCode::invalid_request, "its symbolic links form a loop", "Check the path");
    case ENAMETOOLONG: return because(ErrorCode::invalid_request, "the path is too long", "Check the path");
    default:
      return because(ErrorCode::invalid_request, std::generic_category().message(error),
                     "Check that the file can be read");
  }
}

Result<std::string> read_pipe(int pipe, const std::string& path, std::string_view step, std::uint64_t limit) {
  const auto refuse = [&](std::string_view cause, std::string remedy) {
    return fail(ErrorCode::invalid_request, std::string(step), fmt::format("{}: {}", plain_word(path), cause),
                std::move(remedy));
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::string text;
  std::array<char, 4096> chunk;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd poller{pipe, POLLIN, 0};
    const int ready = left.count() > 0 ? ::poll(&poller, 1, static_cast<int>(left.count())) : 0;
    if (ready == 0) return refuse("it did not end in ten seconds", "Write it into a file");
    const ssize_t count = ready < 0 ? -1 : ::read(pipe, chunk.data(), chunk.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return refuse_errno(step, path, errno);
    if (count == 0) break;
    if (text.size() + static_cast<std::size_t>(count) > limit)
      return refuse(fmt::format("it is larger than {} bytes", limit), "Check that this is what you meant");
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  ::explicit_bzero(chunk.data(), chunk.size());
  return text;
}

}  // namespace

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

Result<std::string> read_file(const std::string& path, std::string_view step, std::uint64_t limit) {
  const auto refuse = [&](std::string cause, std::string remedy) {
    return fail(ErrorCode::invalid_request, std::string(step), plain_word(path) + ": " + cause, std::move(remedy));
  };
  if (path.empty()) return fail(ErrorCode::invalid_request, std::string(step), "the path is empty", "Give a path");
  if (path.find('\0') != std::string::npos) return refuse("the path holds a NUL byte", "Check the path");

  int descriptor = -1;
  do descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return refuse_errno(step, path, errno);
  const File file(descriptor);

  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return refuse_errno(step, path, errno);
  if (S_ISDIR(status.st_mode)) return refuse_errno(step, path, EISDIR);
  if (S_ISFIFO(status.st_mode) && (path.starts_with("/dev/fd/") || path == "/dev/stdin"))
    return read_pipe(file.get(), path, step, limit);
  if (!S_ISREG(status.st_mode)) return refuse("it is not a regular file", "Give the path of a regular file");
  const auto too_large = [&] {
    return refuse(fmt::format("it is larger than {} bytes", limit), "Check that this is the file you meant");
  };
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > limit) return too_large();

  // A file may grow while it is read, and those of /proc say that they are empty: read until there is no more. The
  // text may be a credential, so it is read in place and no stale copy is left behind when the size was right.
  std::string text(size + 1, '\0');
  std::size_t length = 0;
  for (;;) {
    if (length == text.size()) text.resize(std::max<std::size_t>(text.size() * 2, 4096));
    const ssize_t count = ::read(file.get(), text.data() + length, text.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refuse_errno(step, path, errno);
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
    if (length > limit) return too_large();
  }
  text.resize(length);
  return text;
}

FileVersion file_version(const std::string& path) {
  if (path.starts_with("/dev/fd/") || path == "/dev/stdin") return {};  // read once, whatever becomes of the pipe
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

}  // namespace fairlead
