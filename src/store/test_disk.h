// Tests only: a disk that hangs, is full or answers errors, as SQLite's default VFS while it lives.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace fairlead::store::testing {

class TestDisk {
 public:
  TestDisk() {
    if (current()) throw std::runtime_error("one at a time");
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "test_disk";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xGetLastError = last_error;
    current() = this;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~TestDisk() {
    release();
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    current() = nullptr;
  }
  TestDisk(const TestDisk&) = delete;
  TestDisk& operator=(const TestDisk&) = delete;

  std::atomic<int> fail_write = 0;  // a result code
  std::atomic<int> fail_sync = 0;
  std::atomic<int> largest_write = 0;  // larger ones find no room; 0: any
  std::atomic<int> syncs = 0;

  void hang() {
    std::lock_guard lock(mutex_);
    hangs_ = true;
  }
  void release() {
    std::lock_guard lock(mutex_);
    hangs_ = false;
    changed_.notify_all();
  }
  void wait_until_it_hangs() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return hanging_ > 0; });
  }

 private:
  struct File {
    sqlite3_file base;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static TestDisk*& current() {
    static TestDisk* disk = nullptr;
    return disk;
  }
  static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    file->pMethods = nullptr;
    int code = current()->real_->xOpen(current()->real_, name, real(file), flags, out);
    if (code == SQLITE_OK) file->pMethods = &methods();
    return code;
  }
  static int last_error(sqlite3_vfs*, int size, char* text) {
    return current()->real_->xGetLastError(current()->real_, size, text);
  }
  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    current()->block();
    if (int code = current()->fail_write) return code;
    const int largest = current()->largest_write;
    if (largest != 0 && offset + size > largest) return SQLITE_FULL;
    return real(file)->pMethods->xWrite(real(file), bytes, size, offset);
  }
  static int sync(sqlite3_file* file, int flags) {
    current()->block();
    ++current()->syncs;
    if (int code = current()->fail_sync) return code;
    return real(file)->pMethods->xSync(real(file), flags);
  }
  void block() {
    std::unique_lock lock(mutex_);
    ++hanging_;
    if (hangs_) changed_.notify_all();
    changed_.wait(lock, [&] { return !hangs_; });
    --hanging_;
  }

  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods all = {
        3,
        [](sqlite3_file* f) { return real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK; },
        [](sqlite3_file* f, void* into, int size, sqlite3_int64 at) {
          return real(f)->pMethods->xRead(real(f), into, size, at);
        },
        write,
        [](sqlite3_file* f, sqlite3_int64 size) { return real(f)->pMethods->xTruncate(real(f), size); },
        sync,
        [](sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
        [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); },
        [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); },
        [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
        [](sqlite3_file* f, int op, void* argument) { return real(f)->pMethods->xFileControl(real(f), op, argument); },
        [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
        [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
        [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
          return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
        },
        [](sqlite3_file* f, int offset, int count, int flags) {
          return real(f)->pMethods->xShmLock(real(f), offset, count, flags);
        },
        [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
        [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
        [](sqlite3_file* f, sqlite3_int64 at, int size, void** out) {
          return real(f)->pMethods->xFetch(real(f), at, size, out);
        },
        [](sqlite3_file* f, sqlite3_int64 at, void* page) { return real(f)->pMethods->xUnfetch(real(f), at, page); },
    };
    return all;
  }

  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool hangs_ = false;
  int hanging_ = 0;
};

}  // namespace fairlead::store::testing
