// Which processes that share a data directory (those that share a PostgreSQL database: lease.h) still live: each holds
// a lock on a file of its own, which the kernel lets go when it ends, however it ends.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"

namespace fairlead::gate {

class Instance {
 public:
  // Makes DIRECTORY/instances/NAME and locks it. `name` is unique: random bits, in letters and digits.
  static Result<std::unique_ptr<Instance>> enter(const std::string& directory, std::string name);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const std::string& name() const { return name_; }
  // Whether a process of this name holds its lock. Unknown names have ended.
  static bool is_alive(const std::string& directory, const std::string& name);

 private:
  Instance(std::string path, std::string name, int file)
      : path_(std::move(path)), name_(std::move(name)), file_(file) {}
  std::string path_, name_;
  int file_ = -1;
};

}  // namespace fairlead::gate
