#include "store/postgres_error.h"

namespace fairlead::store {
namespace {

struct Meaning {
  std::string_view state;  // or the first characters of it: a class
  std::string_view cause, remedy;
};
// The longer ones first.
constexpr Meaning kMeanings[]{
    {"28P01", "it refuses the password", "Correct the password of --database (FAIRLEAD_DATABASE), or its PGPASSFILE"},
    {"3D000", "it has no such database", "Make it: createdb NAME"},
    {"3F000", "its search_path names no schema", "Make one that the account may use, and set it as the search_path"},
    {"25006", "it may only be read, as a standby may", "Name the primary: target_session_attrs=read-write finds it"},
    {"42501", "the account may not do that there", "Make the account the owner of the database or of a schema in it"},
    {"53100", "its disk is full", "Make room for it"},
    {"53300", "it takes no more connections", "Raise max_connections, or end other clients"},
    {"55P03", "another process holds it", "Look at pg_stat_activity, and end a transaction that was left open"},
    {"57014", "it did not answer in time", "Look at pg_stat_activity and the load of its machine"},
    {"22021", "a text is no UTF-8", "Give text without bytes that no character has"},
    {"42P07", "it holds tables of another program by the same names",
     "Give Fairlead a database of its own: createdb NAME"},
    {"28", "it does not let the account in", "Look at its pg_hba.conf, and the user of --database (FAIRLEAD_DATABASE)"},
    {"57", "it shuts down, or starts", "Try again in a moment"},
    {"53", "it has not the resources", "Look at its log"},
    {"58", "its disk or its system answered an error", "Look at its log"},
    {"XX", "it is damaged", "Look at its log, and restore a copy"},
};

}  // namespace

Error explain_postgres(std::string_view state, const std::string& step, std::string message) {
  Error out{ErrorCode::server_error, step, {}, {}, nullptr, std::move(message)};
  if (state.empty() || state.starts_with("08")) {
    out.cause = "it does not answer";
    out.remedy = "Look whether it runs, and at the host, the port and sslmode of --database (FAIRLEAD_DATABASE)";
    return out;
  }
  for (const auto& meaning : kMeanings) {
    if (!state.starts_with(meaning.state)) continue;
    out.cause = meaning.cause;
    out.remedy = meaning.remedy;
    return out;
  }
  if (state.starts_with("23")) {
    out.code = ErrorCode::conflict;
    out.cause = "what was to be written contradicts what is there";
    return out;
  }
  out.code = ErrorCode::internal;
  out.cause = "a statement failed (SQLSTATE " + std::string(state) + ")";
  return out;
}

}  // namespace fairlead::store
