#include "cli/audit_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gate/audit.h"

namespace fairlead::cli {
namespace {

constexpr std::uint64_t kLargest = 64 << 10;

// Whole or not at all; never over one that is there. Answers errno.
int write_once(const std::string& path, std::string_view text, mode_t mode, const std::string& unique) {
  const std::string draft = path + "." + unique;
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return errno;
  int error = 0;
  while (error == 0 && !text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0)
      error = errno;
    else
      text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (error == 0 && ::fsync(file) != 0) error = errno;
  ::close(file);
  if (error == 0 && ::link(draft.c_str(), path.c_str()) != 0) error = errno;
  ::unlink(draft.c_str());
  return error;
}

}  // namespace

Result<Secret> read_signing_key(const std::string& path) {
  auto text = read_file(path, "read the signing key", kLargest);
  if (!text) return fail(std::move(text.error()));
  return Secret(std::move(*text));
}

Result<Secret> signing_key(World& world, const std::string& directory) {
  const std::string path = directory + "/audit-key.pem", public_path = directory + "/audit-key.pub";
  const std::string unique = std::to_string(world.random());
  if (file_version(path) == FileVersion{}) {
    auto made = gate::make_signing_key();
    if (!made) return made;
    const int error = write_once(path, made->reveal(), 0600, unique);
    if (error != 0 && error != EEXIST)
      return fail(ErrorCode::server_error, "write " + path, std::strerror(error), "Check the directory");
    if (error == 0)
      note(world,
           "made a key to sign with: " + path + "; keep " + public_path + " elsewhere, where the heads are kept");
  }
  auto key = read_signing_key(path);
  if (!key) return key;
  auto public_key = gate::public_key_of(*key);
  if (!public_key) return fail(std::move(public_key.error()));
  const int error = write_once(public_path, *public_key, 0644, unique);
  if (error != 0 && error != EEXIST)
    return fail(ErrorCode::server_error, "write " + public_path, std::strerror(error), "Check the directory");
  return key;
}

}  // namespace fairlead::cli
