#include "store/sqlite_error.h"

#include <sqlite3.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace fairlead::store {
namespace {

// Where the file that was looked for is missing only because it could not be made.
int why_missing(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  struct statvfs about {};
  if (::statvfs(directory.empty() ? "." : directory.c_str(), &about) != 0) return ENOENT;
  return (about.f_flag & ST_RDONLY) != 0 ? EROFS : 0;
}

std::string reason(int system) { return system != 0 ? std::string(" (") + std::strerror(system) + ")" : ""; }

Error cannot_open(std::string step, int system) {
  Error error{ErrorCode::server_error,
              std::move(step),
              "it cannot be opened" + reason(system),
              "Check its directory, or choose another one",
              nullptr,
              {}};
  if (system == EACCES || system == EPERM) {
    error.cause = "this user may not open it";
    error.remedy = "Give the user who runs Fairlead the file and its directory, or choose another directory";
  } else if (system == EROFS) {
    error.cause = "its file system is read-only";
    error.remedy = "Mount it writable, or choose another directory";
  } else if (system == ENOENT || system == ENOTDIR) {
    error.cause = system == ENOENT ? "its directory is not there" : "what should be its directory is a file";
  } else if (system == EMFILE || system == ENFILE) {
    error.cause = "no more files may be opened" + reason(system);
    error.remedy = "Raise the limit (ulimit -n)";
  }
  return error;
}

}  // namespace

bool means_full(int extended_code, int system) {
  const int code = extended_code & 0xff;
  return code == SQLITE_FULL || (code == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT || system == EFBIG));
}

Error explain_sqlite(int extended_code, int system, const std::string& path, std::string message) {
  const std::string step = "use the database " + path;
  auto error = [&](std::string cause, std::string remedy) {
    return Error{ErrorCode::server_error, step, std::move(cause), std::move(remedy), nullptr, {}};
  };
  if (means_full(extended_code, system))
    return error("the disk is full" + reason(system == ENOSPC ? 0 : system), "Make room on its file system");
  switch (extended_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return error("another process holds it",
                   "Look which one it is (fuser -v " + path + "), and end a transaction that was left open");
    case SQLITE_IOERR:
      return error("the disk answered an error" + reason(system), "Look at the disk and the system's log (dmesg)");
    case SQLITE_READONLY:
      if (extended_code == SQLITE_READONLY_DBMOVED)
        return error("its file was moved or deleted meanwhile", "Put it back, or go on with a new one");
      return error("it may only be read, not written" + reason(system),
                   "Check the mode and owner of the file and its directory, and that the file system is mounted "
                   "writable");
    case SQLITE_CORRUPT:
      return error("it is damaged",
                   "Put it aside for an inquiry and restore a copy, or start with a new one; sqlite3 FILE .recover "
                   "saves what can be read");
    case SQLITE_NOTADB:
      return error("the file is no SQLite database", "Choose another directory, or move the file away");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH: return cannot_open(step, system == ENOENT ? why_missing(path) : system);
    case SQLITE_NOMEM: return error("there is no memory left for it", "Look at the memory limits");
    case SQLITE_CONSTRAINT:
      return Error{ErrorCode::conflict, step, "what was to be written contradicts what is there", {}, nullptr,
                   std::move(message)};
    default:
      return Error{
          ErrorCode::internal, step, "a statement failed (SQLite " + std::to_string(extended_code) + ")", {}, nullptr,
          std::move(message)};
  }
}

}  // namespace fairlead::store
