// Inside store/ only: one connection to a database. Of one thread; blocks. worker.h drives it.
#pragma once

#include <memory>

#include "store/database.h"

namespace fairlead::store {

class Connection : public Session {
 public:
  // One process writes at a time: at once, or after a moment in the queue for it, begun or is_busy().
  virtual Result<void> begin_write() = 0;
  virtual Result<void> begin_read() = 0;  // statements that write are refused until the end
  virtual Result<void> commit() = 0;
  virtual void roll_back() = 0;  // nothing where there is no transaction
  virtual bool in_transaction() const = 0;

  // Of the last statement that failed: another process writes; there is no room.
  virtual bool is_busy() const = 0;
  virtual bool is_full() const = 0;
  // To be opened anew.
  virtual bool is_spent() const = 0;
};

}  // namespace fairlead::store
