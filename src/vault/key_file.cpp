#include "vault/key_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/digest.h"
#include "base/new_file.h"
#include "base/text.h"

namespace fairlead::vault {
namespace {

constexpr std::size_t kKey = 32;
constexpr std::uint64_t kLargest = 4096;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Result<Secret> from_hex(std::string_view text, std::string_view where) {
  auto wrong = [&] {
    return fail(ErrorCode::invalid_request, "read the encryption key", std::string(where) + " holds no key",
                "A key is 64 hexadecimal digits, as `openssl rand -hex 32` prints it");
  };
  if (text.size() != 2 * kKey) return wrong();
  std::string key(kKey, '\0');
  for (std::size_t i = 0; i < kKey; ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return wrong();
    key[i] = static_cast<char>(high * 16 + low);
  }
  return Secret(std::move(key));
}

Result<Sealer> keys_of(std::string_view text, std::string_view where, char between) {
  std::vector<Secret> keys;
  for (std::string_view one : split(text, between)) {
    one = trim(one);
    if (one.empty() && between == '\n' && !keys.empty()) continue;  // the end of the last line
    auto key = from_hex(one, where);
    if (!key) return fail(std::move(key.error()));
    keys.push_back(std::move(*key));
  }
  return Sealer::with_keys(std::move(keys));
}

tl::unexpected<Error> file_trouble(const std::string& path, int error) {
  return fail(ErrorCode::server_error, "use the encryption key", path + ": " + std::strerror(error),
              "Give a data directory that can be written, with --data-dir, or set ENCRYPTION_KEY");
}

Result<Secret> new_line() {
  std::array<unsigned char, kKey> key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
    return fail(ErrorCode::internal, "make an encryption key", "the cryptographic library refused");
  std::string text = to_hex({reinterpret_cast<const char*>(key.data()), key.size()}) + "\n";
  OPENSSL_cleanse(key.data(), key.size());
  return Secret(std::move(text));
}

// Another process may make it at the same moment: whoever links it first wins.
Result<void> make_key_file(const std::string& path) {
  auto text = new_line();
  if (!text) return fail(std::move(text.error()));
  const int error = write_new_file(path, text->reveal(), 0600);
  if (error != 0 && error != EEXIST) return file_trouble(path, error);
  return {};
}

Result<Secret> read_key_file(const std::string& path) {
  auto text = read_file(path, "read the encryption key", kLargest);
  if (!text) return fail(std::move(text.error()));
  return Secret(std::move(*text));
}

}  // namespace

bool is_given_by_environment(const Environment& environment) {
  return !environment("ENCRYPTION_KEY").value_or("").empty();
}

Result<Sealer> read_keys(const Environment& environment, const std::string& path, bool may_make) {
  if (auto given = environment("ENCRYPTION_KEY"); given && !given->empty())
    return keys_of(*given, "ENCRYPTION_KEY", ',');
  remove_drafts(path);  // they hold keys
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    if (errno != ENOENT) return file_trouble(path, errno);
    if (!may_make)
      return fail(
          ErrorCode::server_error, "use the encryption key",
          path + " is not there, and what is kept was sealed with it",
          "Put it back (or ENCRYPTION_KEY); without it nothing that was kept can be read. To begin anew, move the "
          "database away");
    if (auto made = make_key_file(path); !made) return fail(std::move(made.error()));
    if (::stat(path.c_str(), &about) != 0) return file_trouble(path, errno);
  }
  if ((about.st_mode & 077) != 0)
    return fail(ErrorCode::server_error, "use the encryption key", path + " may be read by others",
                "chmod 600 it, and think about who has read it");
  auto text = read_key_file(path);
  if (!text) return fail(std::move(text.error()));
  return keys_of(text->reveal(), path, '\n');
}

Result<KeyFileLock> KeyFileLock::take(const std::string& path) {
  // A file of its own: the one that holds the keys is another one after each change.
  const int descriptor = ::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return file_trouble(path + ".lock", errno);
  KeyFileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorCode::conflict, "change the encryption key", "another process is about to",
                "Wait till it is done");
  return lock;
}

KeyFileLock::~KeyFileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> add_key(const std::string& path, const KeyFileLock&) {
  auto others = read_key_file(path);
  if (!others) return fail(std::move(others.error()));
  auto line = new_line();
  if (!line) return fail(std::move(line.error()));
  const Secret all(std::string(line->reveal()) + std::string(others->reveal()));
  if (const int error = replace_file(path, all.reveal(), 0600); error != 0) return file_trouble(path, error);
  return {};
}

Result<void> keep_key(const std::string& path, const KeyId& id, const KeyFileLock&) {
  auto all = read_key_file(path);
  if (!all) return fail(std::move(all.error()));
  for (const std::string_view line : split(all->reveal(), '\n')) {
    auto sealer = keys_of(trim(line), path, '\n');
    if (!sealer || sealer->key_id() != id) continue;
    const Secret kept(std::string(trim(line)) + "\n");
    if (const int error = replace_file(path, kept.reveal(), 0600); error != 0) return file_trouble(path, error);
    return {};
  }
  return fail(ErrorCode::internal, "change the encryption key", "the key that seals is not in " + path);
}

}  // namespace fairlead::vault
