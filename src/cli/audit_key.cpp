#include "cli/audit_key.h"

#include <cerrno>
#include <cstring>

#include "base/new_file.h"
#include "gate/audit.h"

namespace fairlead::cli {
namespace {

constexpr std::uint64_t kLargest = 64 << 10;

}  // namespace

Result<Secret> read_signing_key(const std::string& path) {
  auto text = read_file(path, "read the signing key", kLargest);
  if (!text) return fail(std::move(text.error()));
  return Secret(std::move(*text));
}

Result<Secret> signing_key(World& world, const std::string& directory) {
  const std::string path = directory + "/audit-key.pem", public_path = directory + "/audit-key.pub";
  if (file_version(path) == FileVersion{}) {
    auto made = gate::make_signing_key();
    if (!made) return made;
    const int error = write_new_file(path, made->reveal(), 0600);
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
  const int error = write_new_file(public_path, *public_key, 0644);
  if (error != 0 && error != EEXIST)
    return fail(ErrorCode::server_error, "write " + public_path, std::strerror(error), "Check the directory");
  return key;
}

}  // namespace fairlead::cli
