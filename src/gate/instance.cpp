#include "gate/instance.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace fairlead::gate {
namespace {

std::string folder(const std::string& directory) { return directory + "/instances"; }

tl::unexpected<Error> trouble(const std::string& path) {
  return fail(ErrorCode::server_error, "use the data directory", path + ": " + std::strerror(errno),
              "Give one that can be written, with --data");
}

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
}

}  // namespace

Result<std::unique_ptr<Instance>> Instance::enter(const std::string& directory, std::string name) {
  if (!is_name(name)) return fail(ErrorCode::internal, "use the data directory", "an instance has no such name");
  if (::mkdir(folder(directory).c_str(), 0700) != 0 && errno != EEXIST) return trouble(folder(directory));
  std::string path = folder(directory) + "/" + name;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file == -1) return trouble(path);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    auto error = trouble(path);
    ::close(file);
    return error;
  }
  return std::unique_ptr<Instance>(new Instance(std::move(path), std::move(name), file));
}

Instance::~Instance() {
  ::unlink(path_.c_str());
  ::close(file_);
}

bool Instance::is_alive(const std::string& directory, const std::string& name) {
  if (!is_name(name)) return false;
  const std::string path = folder(directory) + "/" + name;
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file == -1) return errno != ENOENT;  // what cannot be looked at is not taken for dead
  const bool free = ::flock(file, LOCK_EX | LOCK_NB) == 0;
  if (free) ::unlink(path.c_str());  // nobody will hold it again
  ::close(file);
  return !free;
}

}  // namespace fairlead::gate
