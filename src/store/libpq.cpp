#include "store/libpq.h"

#include <dlfcn.h>

#include <mutex>

namespace fairlead::store {
namespace {

template <class Function>
bool bind(void* library, const char* name, Function& to) {
  to = reinterpret_cast<Function>(::dlsym(library, name));
  return to != nullptr;
}

bool bind_all(void* library, Libpq& out) {
  return bind(library, "PQconninfoParse", out.conninfo_parse) && bind(library, "PQconninfoFree", out.conninfo_free) &&
         bind(library, "PQconnectdbParams", out.connect) && bind(library, "PQfinish", out.finish) &&
         bind(library, "PQstatus", out.status) && bind(library, "PQtransactionStatus", out.transaction_status) &&
         bind(library, "PQerrorMessage", out.error_message) &&
         bind(library, "PQsetNoticeProcessor", out.set_notice_processor) && bind(library, "PQexec", out.exec) &&
         bind(library, "PQprepare", out.prepare) && bind(library, "PQexecPrepared", out.exec_prepared) &&
         bind(library, "PQresultStatus", out.result_status) && bind(library, "PQresultErrorField", out.error_field) &&
         bind(library, "PQcmdStatus", out.command_status) && bind(library, "PQcmdTuples", out.command_tuples) &&
         bind(library, "PQntuples", out.row_count) && bind(library, "PQnfields", out.column_count) &&
         bind(library, "PQftype", out.column_type) && bind(library, "PQgetisnull", out.is_null) &&
         bind(library, "PQgetvalue", out.value) && bind(library, "PQgetlength", out.length) &&
         bind(library, "PQunescapeBytea", out.unescape_bytea) && bind(library, "PQclear", out.clear) &&
         bind(library, "PQfreemem", out.free_memory);
}

}  // namespace

Result<const Libpq*> Libpq::load() {
  static std::mutex mutex;
  static Libpq loaded;
  static bool is_loaded = false;
  std::lock_guard lock(mutex);  // where it failed it is tried again
  if (is_loaded) return &loaded;
  void* library = ::dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fail(ErrorCode::server_error, "use PostgreSQL", "its client library, libpq.so.5, is not installed",
                "Install it: apt-get install libpq5");
  if (!bind_all(library, loaded)) {
    ::dlclose(library);
    return fail(ErrorCode::server_error, "use PostgreSQL", "its client library, libpq.so.5, is too old",
                "Install that of PostgreSQL 10 or newer");
  }
  is_loaded = true;
  return &loaded;
}

}  // namespace fairlead::store
