// Inside store/ only: PostgreSQL's client library, loaded at the first use. Linked, it and what it needs itself (LDAP,
// Kerberos) would cost each start of the program milliseconds and megabytes.
#pragma once

#include <libpq-fe.h>

#include "base/error.h"

namespace fairlead::store {

struct Libpq {
  decltype(&::PQconninfoParse) conninfo_parse;
  decltype(&::PQconninfoFree) conninfo_free;
  decltype(&::PQconnectdbParams) connect;
  decltype(&::PQfinish) finish;
  decltype(&::PQstatus) status;
  decltype(&::PQtransactionStatus) transaction_status;
  decltype(&::PQerrorMessage) error_message;
  decltype(&::PQsetNoticeProcessor) set_notice_processor;
  decltype(&::PQexec) exec;
  decltype(&::PQprepare) prepare;
  decltype(&::PQexecPrepared) exec_prepared;
  decltype(&::PQresultStatus) result_status;
  decltype(&::PQresultErrorField) error_field;
  decltype(&::PQcmdStatus) command_status;
  decltype(&::PQcmdTuples) command_tuples;
  decltype(&::PQntuples) row_count;
  decltype(&::PQnfields) column_count;
  decltype(&::PQftype) column_type;
  decltype(&::PQgetisnull) is_null;
  decltype(&::PQgetvalue) value;
  decltype(&::PQgetlength) length;
  decltype(&::PQunescapeBytea) unescape_bytea;
  decltype(&::PQclear) clear;
  decltype(&::PQfreemem) free_memory;

  // server_error where it is not installed. Thread-safe; stays loaded.
  static Result<const Libpq*> load();
};

}  // namespace fairlead::store
