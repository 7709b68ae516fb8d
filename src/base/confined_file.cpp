#include "base/confined_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>

#include "base/environment.h"
#include "base/text.h"

namespace fairlead {
namespace {

namespace fs = std::filesystem;

// A place in the file system, held so that it stays the same one while its name is looked at.
class Held {
 public:
  explicit Held(const std::string& path) {
    do descriptor_ = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    while (descriptor_ < 0 && errno == EINTR);
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  bool is_there() const { return descriptor_ >= 0; }
  std::string link() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
  // Without links; empty where it cannot be told.
  std::string place() const {
    std::array<char, PATH_MAX> room{};
    const ssize_t size = ::readlink(link().c_str(), room.data(), room.size());
    return size > 0 ? std::string(room.data(), static_cast<std::size_t>(size)) : "";
  }

 private:
  int descriptor_ = -1;
};

bool is_below(const std::string& directory, const std::string& path) {
  return !directory.empty() && path.starts_with(directory.ends_with('/') ? directory : directory + "/");
}

}  // namespace

Result<std::string> read_file_below(const std::string& directory, const std::string& path, std::string_view step,
                                    std::uint64_t limit) {
  const Held base(directory);
  if (directory.empty() || !base.is_there())
    return fail(ErrorCode::invalid_request, std::string(step),
                directory.empty() ? "no directory is configured for such files"
                                  : plain_word(directory) + ": there is no such directory",
                "Have the server started with the directory that they are mounted in");
  const std::string whole = (fs::path(directory) / path).lexically_normal().string();
  auto outside = [&] {
    return fail(ErrorCode::policy_denied, std::string(step),
                plain_word(path) + " does not lie below " + plain_word(directory),
                "Put the file there, and name it by its path below that directory");
  };
  if (path.find('\0') != std::string::npos) return outside();
  const Held file(whole);
  if (!file.is_there()) {
    if (!is_below(fs::path(directory).lexically_normal().string(), whole)) return outside();
    return fail(ErrorCode::not_found, std::string(step), plain_word(whole) + ": it is not there, or may not be read",
                "Check the path, and who may read it");
  }
  if (!is_below(base.place(), file.place())) return outside();
  auto text = read_file(file.link(), step, limit);
  if (!text) {  // which named it by the link
    std::string& cause = text.error().cause;
    if (const auto colon = cause.find(": "); colon != std::string::npos)
      cause = plain_word(whole) + cause.substr(colon);
  }
  return text;
}

}  // namespace fairlead
