// Inside store/ only: one connection to a PostgreSQL database. Of one thread; blocks.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "store/connection.h"
#include "store/libpq.h"

namespace fairlead::store {

// "$1" for each "?", and "$N" for "?N"; what stands in quotes stays. Pure.
std::string numbered(std::string_view sql);

class PostgresConnection final : public Connection {
 public:
  // Makes the tables that are not there.
  static Result<std::unique_ptr<PostgresConnection>> open(std::shared_ptr<const PostgresOptions> options);
  ~PostgresConnection() override;
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  Result<std::uint64_t> execute(std::string_view sql, std::vector<Value> values = {}) override;
  Result<std::vector<Row>> query(std::string_view sql, std::vector<Value> values = {}) override;

  // Those who write take turns by an advisory lock. One who has waited for 200 ms asks again, behind the others.
  Result<void> begin_write() override;
  Result<void> begin_read() override;  // of one moment
  Result<void> commit() override;
  void roll_back() override;
  bool in_transaction() const override;

  bool is_busy() const override { return is_busy_; }
  bool is_full() const override { return is_full_; }
  bool is_spent() const override;

 private:
  struct Clear {
    const Libpq* library;
    void operator()(PGresult* result) const { library->clear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Clear>;

  PostgresConnection(const Libpq& library, std::shared_ptr<const PostgresOptions> options)
      : library_(library), options_(std::move(options)) {}
  Result<void> connect();
  Result<void> migrate();
  Result<Answer> run(std::string_view sql, const std::vector<Value>& values);
  Result<void> command(const char* sql);  // one or several statements without values
  Result<Answer> checked(PGresult* result);

  const Libpq& library_;
  std::shared_ptr<const PostgresOptions> options_;
  PGconn* connection_ = nullptr;
  std::map<std::string, std::string, std::less<>> statements_;  // what each is prepared as
  bool is_busy_ = false, is_full_ = false;
};

}  // namespace fairlead::store
