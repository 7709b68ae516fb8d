#include "diagnosis/log_lines.h"

#include <gtest/gtest.h>

namespace fairlead::diagnosis {
namespace {

// "code subject:port who" of the first; empty: none.
std::string first(std::string_view log) {
  const auto troubles = read_troubles(log);
  if (troubles.empty()) return "";
  const auto& one = troubles[0];
  std::string out(code_of(one.trouble));
  if (!one.subject.empty()) out += " " + one.subject;
  if (!one.port.empty()) out += ":" + one.port;
  if (!one.who.empty()) out += " by " + one.who;
  return out;
}

struct Said {
  std::string_view line, means;
};

TEST(LogLines, AsProgramsSayIt) {
  for (const Said& said : {
           Said{"panic: environment variable DATABASE_URL is not set", "variable_missing DATABASE_URL"},
           Said{"KeyError: 'API_TOKEN_NAME'", "variable_missing API_TOKEN_NAME"},
           Said{"/entry.sh: line 3: DB_HOST: unbound variable", "variable_missing DB_HOST"},
           Said{"Missing required environment variable: REDIS_URL", "variable_missing REDIS_URL"},
           Said{"dial tcp: lookup db on 10.96.0.10:53: no such host", "name_unresolved db"},
           Said{"Error: getaddrinfo ENOTFOUND orders-db", "name_unresolved orders-db"},
           Said{"wget: bad address 'orders-db:5432'", "name_unresolved orders-db"},
           Said{"psycopg2.OperationalError: could not translate host name \"db\" to address: Name or service not known",
                "name_unresolved db"},
           Said{"dial tcp 10.0.0.7:5432: connect: connection refused", "connection_refused 10.0.0.7:5432"},
           Said{"Error: connect ECONNREFUSED 10.0.0.7:6379", "connection_refused 10.0.0.7:6379"},
           Said{"could not connect to redis:6379: Connection refused", "connection_refused redis:6379"},
           Said{"connection to server at \"db\" (10.0.0.7), port 5432 failed: Connection refused",
                "connection_refused db:5432"},
           Said{"dial tcp 10.96.44.7:5432: i/o timeout (connecting to db:5432)", "connection_timeout db:5432"},
           Said{"pods is forbidden: User \"system:serviceaccount:shop:web\" cannot list resource \"pods\" in API group "
                "\"\" "
                "in the namespace \"shop\"",
                "access_forbidden cannot list resource \"pods\" in API group \"\" in the namespace \"shop\" by "
                "shop:web"},
           Said{"FATAL: password authentication failed for user \"app\"", "login_refused"},
           Said{"x509: certificate has expired or is not yet valid", "certificate"},
           Said{"open /data/lock: permission denied", "permission_denied /data/lock"},
           Said{"touch: /run/app.pid: Read-only file system", "permission_denied /run/app.pid"},
           Said{"FileNotFoundError: [Errno 2] No such file or directory: '/etc/app/config.yaml'",
                "file_missing /etc/app/config.yaml"},
           Said{"write /data/x: no space left on device", "disk_full"},
           Said{"listen tcp :8080: bind: address already in use", "port_in_use:8080"},
           Said{"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
                "memory_exhausted"},
           Said{"ModuleNotFoundError: No module named 'flask'", "module_missing flask"},
           Said{"exec /app: exec format error", "image_wrong_platform"},
           Said{"Error: unknown flag: --verbosee", "configuration_invalid"},
           Said{"java.lang.IllegalStateException: no bean", "program_error"},
           Said{"ERROR Missing required environment variable: STRIPE_KEY", "variable_missing STRIPE_KEY"},
           Said{"ERROR missing required environment variable API_URL", "variable_missing API_URL"},
           Said{"requests.exceptions.ConnectionError: HTTPConnectionPool(host=db, port=5432): Max retries exceeded: "
                "Temporary failure in name resolution",
                "name_unresolved db"},
           Said{"Max retries exceeded: Temporary failure in name resolution", "name_unresolved"},
           Said{"dial tcp: lookup db on 10.96.0.10:53: read udp 10.0.0.9:4152->10.96.0.10:53: i/o timeout",
                "name_unresolved db"},
           Said{"read udp 10.0.0.9:4152->10.96.0.10:53: i/o timeout", "name_unresolved"},
           Said{"/bin/sh: 1: psql: not found", "command_missing psql"},
           Said{"bash: line 3: jq: command not found", "command_missing jq"},
           Said{"nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", "port_forbidden:80"},
           Said{"Error: listen EACCES: permission denied 0.0.0.0:443", "port_forbidden:443"},
           Said{"ERROR 2003 (HY000): Can't connect to MySQL server on 'mysql' (111)", "connection_refused mysql"},
           Said{"ERROR upstream http://catalog:8080/items returned 503 Service Unavailable",
                "upstream_fails catalog:8080"},
       })
    EXPECT_EQ(first(said.line), said.means) << said.line;
}

TEST(LogLines, WellProgramsSayNothing) {
  for (std::string_view line :
       {"listening on :8080", "0 errors, 3 warnings", "GET /error_log 200", "connected to db:5432",
        "level=info msg=\"no errors found\" error=null", "DB_HOST is set to db", "GET /favicon.ico: not found", ""})
    EXPECT_EQ(first(line), "") << line;
}

TEST(LogLines, TheTellingOneComesFirst) {
  EXPECT_EQ(first("error: shutting down\ndial tcp: lookup db: no such host\nerror: exit\n"), "name_unresolved db");
}

TEST(LogLines, AWarningIsNotWhatItEndsOf) {
  EXPECT_EQ(first("WARN metrics disabled: lookup statsd: no such host\nFATAL license key expired on 2026-01-01\n"),
            "program_error");
  EXPECT_EQ(first("WARN GET /favicon.ico: not found\nFATAL migration 042 has a wrong checksum\n"), "program_error");
  EXPECT_EQ(first("WARN cannot reach db:5432: connection refused, retrying\n"), "connection_refused db:5432")
      << "where it says nothing else";
}

TEST(LogLines, NorIsWhatItGotOver) {
  EXPECT_EQ(
      first("ERROR db:5432: connection refused\nINFO connected to db:5432\npanic: assignment to entry in nil map\n"),
      "program_error");
  EXPECT_EQ(first("ERROR db:5432: connection refused\nINFO connected to cache:6379\nerror: exit\n"),
            "connection_refused db:5432");
  EXPECT_EQ(first("ERROR db:5432: connection refused\nnot connected\n"), "connection_refused db:5432");
}

TEST(LogLines, TheLastOfSeveralReasonsComesFirst) {
  EXPECT_EQ(first("ERROR lookup statsd: no such host\nFATAL license key expired on 2026-01-01\n"), "program_error");
  EXPECT_EQ(first("ERROR lookup db: no such host\nFATAL: exiting\n"), "name_unresolved db");
}

TEST(LogLines, LastLinesAreNotEmpty) {
  const auto lines = last_lines("one\n\ntwo\nthree\n\n", 2);
  EXPECT_EQ(lines, (std::vector<std::string>{"two", "three"}));
}

}  // namespace
}  // namespace fairlead::diagnosis
