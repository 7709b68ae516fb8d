// What the identity that is used here may do, as the API server itself answers it. A review is created and answered,
// and nothing is kept: it changes nothing.
#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "ops/access_question.h"
#include "ops/catalog.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/read.h"

namespace fairlead::ops {
namespace {

// The status of a review with this spec.
awaitable<Result<json::value>> review(Call& call, std::string kind, std::string plural, json::object spec) {
  const std::string target = "/apis/authorization.k8s.io/v1/" + plural;
  const std::string body =
      compact(json::object{{"apiVersion", "authorization.k8s.io/v1"}, {"kind", kind}, {"spec", std::move(spec)}});
  auto answer = co_await call.client.send("POST", target, "", body, call.deadline);
  if (!answer) co_return fail(std::move(answer.error()));
  auto expected = expect_kind(*answer, kind, "POST " + target);
  if (!expected) co_return fail(std::move(expected.error()));
  const json::value* status = find(*answer, "status");
  co_return status ? *status : json::value(json::object());
}

awaitable<Result<Reply>> answer_question(Call& call) {
  auto question = co_await read_question(call);
  if (!question) co_return fail(std::move(question.error()));
  const Right& right = question->right;
  // Where nothing is said: the connection's namespace, and all of them beside it. A group that is given tells nothing
  // about whether its kind is in namespaces.
  const bool two_places = question->namespaced && question->ns.empty() && !call.arguments.has("group") &&
                          right.resource != "*" && right.resource != "namespaces";
  const std::string ns = two_places ? call.object_namespace() : question->ns;
  auto status = co_await review_right(call, question->right, ns);
  if (!status) co_return fail(std::move(status.error()));
  json::object document{{"verb", right.verb},
                        {"resource", right.url.empty() ? resource_text(right.group == "*" ? std::string() : right.group,
                                                                       right.resource, right.subresource)
                                                       : right.url}};
  put(document, "namespace", ns);
  put(document, "name", right.name);
  document["allowed"] = flag_at(*status, {"allowed"});
  if (two_places) {
    auto everywhere = co_await review_right(call, question->right, "");
    if (!everywhere) co_return fail(std::move(everywhere.error()));
    document["in_all_namespaces"] = flag_at(*everywhere, {"allowed"});
  }
  put(document, "reason", text_at(*status, {"reason"}));
  put(document, "evaluation_error", text_at(*status, {"evaluationError"}));
  co_return Reply{Document{std::move(document), nullptr}, {}};
}

std::string joined(const json::array& words) {
  std::string out;
  for (const auto& word : words)
    if (word.is_string()) out += (out.empty() ? "" : "\x1f") + std::string(word.get_string());
  return out;
}

void add_list(Rows& rows, std::string_view words) {
  rows.begin_list();
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = std::min(words.find('\x1f', begin), words.size());
    rows.list_item(words.substr(begin, end - begin));
    begin = end + 1;
  }
}

std::string resources_of(const json::value& rule) {
  std::string out;
  for (const auto& group : array_at(rule, {"apiGroups"}))
    for (const auto& resource : array_at(rule, {"resources"}))
      if (group.is_string() && resource.is_string())
        out += (out.empty() ? "" : "\x1f") +
               resource_text(std::string_view(group.get_string()), std::string_view(resource.get_string()));
  return out;
}

awaitable<Result<Reply>> list_rules(Call& call) {
  const std::string ns = call.object_namespace();
  json::object spec{{"namespace", ns}};
  auto status = co_await review(call, "SelfSubjectRulesReview", "selfsubjectrulesreviews", std::move(spec));
  if (!status) co_return fail(std::move(status.error()));
  Rows rows;
  std::set<std::string> seen;  // several bindings give the same
  auto add = [&](std::string resources, std::string urls, const json::value& rule) {
    const std::string verbs = joined(array_at(rule, {"verbs"})), names = joined(array_at(rule, {"resourceNames"}));
    const std::string key = resources + '\n' + verbs + '\n' + names + '\n' + urls;
    if (!seen.insert(key).second) return;
    const bool wide = resources.find('*') != std::string::npos || verbs == "*";
    rows.begin_row(!urls.empty() ? 2 : wide ? 0 : 1, fnv1a(key));
    add_list(rows, resources);
    add_list(rows, verbs);
    add_list(rows, names);
    add_list(rows, urls);
  };
  for (const auto& rule : array_at(*status, {"resourceRules"})) add(resources_of(rule), "", rule);
  for (const auto& rule : array_at(*status, {"nonResourceRules"}))
    add("", joined(array_at(rule, {"nonResourceURLs"})), rule);
  std::vector<std::string> notes{"what may be done in namespace " + ns + ", cluster-wide rights included"};
  if (flag_at(*status, {"incomplete"}))
    notes.push_back("the list is incomplete: not every authorizer of this cluster can tell its rules");
  auto reply = arrange(call, std::move(rows), "rules", std::move(notes));
  if (reply) {
    Table& table = std::get<Table>(reply->body);
    table.narrow.clear();  // another namespace has others, not fewer
    table.one_namespace = false;
  }
  co_return reply;
}

awaitable<Result<Reply>> can_i(Call& call) {
  const bool verb = call.arguments.has("verb"), resource = call.arguments.has("resource");
  if (verb && resource) co_return co_await answer_question(call);
  if (verb || resource || call.arguments.has("name") || call.arguments.has("group"))
    co_return fail(ErrorCode::invalid_request, "can_i",
                   verb       ? "verb is given without resource"
                   : resource ? "resource is given without verb"
                              : "name and group say nothing without verb and resource",
                   "Give verb and resource, or neither for all that may be done");
  co_return co_await list_rules(call);
}

}  // namespace

awaitable<Result<json::value>> review_right(Call& call, Right right, std::string ns) {
  json::object spec, attributes{{"verb", right.verb}};
  if (!right.url.empty()) {
    attributes["path"] = right.url;
    spec["nonResourceAttributes"] = std::move(attributes);
  } else {
    attributes["resource"] = right.resource;
    put(attributes, "group", right.group);
    put(attributes, "subresource", right.subresource);
    put(attributes, "namespace", ns);
    put(attributes, "name", right.name);
    spec["resourceAttributes"] = std::move(attributes);
  }
  co_return co_await review(call, "SelfSubjectAccessReview", "selfsubjectaccessreviews", std::move(spec));
}

std::vector<Operation> access_operations() {
  std::vector<Parameter> parameters = list_parameters(
      false, question_parameters(false, "In which namespace; left out: the connection's default, and all beside it"));
  std::erase_if(parameters, [](const Parameter& p) { return p.type == ParameterType::selector; });
  return {{
      .name = "can_i",
      .family = "identity",
      .summary = "Ask the API server whether the identity used here may do something; without verb and resource: list "
                 "all that "
                 "it may do",
      .parameters = std::move(parameters),
      .access = {},  // every authenticated identity may ask about itself
      .columns = {{"resources", CellType::list, false, "With their groups; *.* is every one"},
                  {"verbs", CellType::list, false, ""},
                  {"names", CellType::list, false, "Only objects with these names", Quiet::when_empty},
                  {"urls", CellType::list, false, "Paths that are no resources", Quiet::when_empty}},
      .run = can_i,
      .example = "--verb delete --resource pods --namespace shop",
  }};
}

}  // namespace fairlead::ops
