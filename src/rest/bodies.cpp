#include "rest/bodies.h"

namespace fairlead::rest {

using ops::Parameter;
using ops::ParameterType;

namespace {

Parameter timeout(std::string_view seconds = "50") {
  return {.name = "timeout_seconds",
          .type = ParameterType::integer,
          .meaning = "Give up after so many seconds",
          .minimum = 1,
          .maximum = 600,
          .default_value = seconds};
}

Parameter format() {
  return {.name = "format",
          .type = ParameterType::text,
          .meaning = "json: the result is a value; the others: it is text",
          .default_value = "json",
          .choices = {"json", "yaml", "table", "wide", "name"}};
}

}  // namespace

const std::vector<Parameter>& call_body() {
  static const std::vector<Parameter> all{
      {.name = "cluster", .type = ParameterType::text, .meaning = "Which cluster, such as k8s:prod; of a READ also *"},
      {.name = "clusters", .type = ParameterType::text_list, .meaning = "Several clusters, for a READ"},
      {.name = "arguments", .type = ParameterType::document, .meaning = "The operation's own arguments"},
      {.name = "follow",
       .type = ParameterType::boolean,
       .meaning = "Go on with what is new, as events 'lines' and 'note', until it ends or the connection is closed; "
                  "with 'Accept: text/event-stream' alone, and without timeout_seconds for as long as it takes",
       .default_value = "false"},
      format(),
      timeout(),
  };
  return all;
}

const std::vector<Parameter>& approval_body() {
  static const std::vector<Parameter> all{
      {.name = "typed",
       .type = ParameterType::text,
       .meaning =
           "Of a DESTRUCTIVE change: what it is about, typed by the person who has looked at it (its type_back)"},
  };
  return all;
}

const std::vector<Parameter>& rollback_body() {
  static const std::vector<Parameter> all{
      {.name = "reason", .type = ParameterType::text, .meaning = "Why it is taken back"},
      {.name = "force",
       .type = ParameterType::boolean,
       .meaning = "Overwrite what somebody has changed since; recorded",
       .default_value = "false"},
      {.name = "dry_run",
       .type = ParameterType::boolean,
       .meaning = "Only show what it would do",
       .default_value = "false"},
      format(),
      timeout(),
  };
  return all;
}

const std::vector<Parameter>& close_body() {
  static const std::vector<Parameter> all{
      {.name = "reason", .type = ParameterType::text, .meaning = "Why nobody looks any more", .required = true},
  };
  return all;
}

const std::vector<Parameter>& test_body() {
  static const std::vector<Parameter> all{timeout("30")};
  return all;
}

const std::vector<Parameter>& policy_check_body() {
  static const std::vector<Parameter> all{
      {.name = "operation", .type = ParameterType::text, .meaning = "Which operation", .required = true},
      {.name = "arguments", .type = ParameterType::document, .meaning = "The operation's own arguments"},
      {.name = "cluster",
       .type = ParameterType::text,
       .meaning = "On which cluster; left out: the strictest of all counts"},
      {.name = "who", .type = ParameterType::text, .meaning = "Whose call, such as api:deploy-bot [yours]"},
      {.name = "roles", .type = ParameterType::text_list, .meaning = "Of 'who', where it is no token"},
      {.name = "at", .type = ParameterType::time, .meaning = "When, RFC 3339 [now]"},
  };
  return all;
}

const std::vector<Parameter>& token_body() {
  static const std::vector<Parameter> all{
      {.name = "name", .type = ParameterType::text, .meaning = "Who it is for, such as ci-deployer", .required = true},
      {.name = "roles",
       .type = ParameterType::text_list,
       .meaning =
           "Such as viewer, operator@k8s:prod, agent@k8s:prod/shop; with several clusters or namespaces once for each",
       .required = true},
      {.name = "expires",
       .type = ParameterType::time,
       .meaning = "Until when it is good; left out: until it is revoked"},
  };
  return all;
}

}  // namespace fairlead::rest
