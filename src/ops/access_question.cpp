#include "ops/access_question.h"

#include <algorithm>

#include "base/similar.h"
#include "base/text.h"
#include "ops/clip.h"
#include "ops/resolve.h"

namespace fairlead::ops {
namespace {

// Verbs that are rights and no requests: discovery names them nowhere.
constexpr std::string_view kBeyondRequests[] = {"*",        "approve",     "attest", "bind",
                                                "escalate", "impersonate", "sign",   "use"};

tl::unexpected<Error> refuse(const Call& call, std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, std::string(call.operation.name), std::move(cause), std::move(remedy));
}

std::string shown(std::string_view text) { return "'" + escape_untrusted(clip(text, 80), Newlines::escape) + "'"; }

bool is_word(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// "pods", "pods/log", "deployments.apps/scale" and "deployments/scale.apps".
struct Written {
  std::string kind, subresource;  // the kind with its group
};

Result<Written> read_resource(const Call& call, std::string_view text) {
  const std::size_t slash = text.find('/');
  Written out{std::string(text.substr(0, slash)), {}};
  bool good = out.kind == "*" || is_word(out.kind, "-_.");
  if (slash != std::string_view::npos) {
    out.subresource = std::string(text.substr(slash + 1));
    const std::size_t dot = out.subresource.find('.');
    if (dot != std::string::npos) {
      out.kind += out.subresource.substr(dot);
      out.subresource.resize(dot);
    }
    good = good && is_word(out.subresource, "-_");
  }
  if (!good)
    return refuse(call, "there is no resource " + shown(text),
                  "Name it as in pods, deployments.apps or pods/log, or write a path that begins with /, or *");
  return out;
}

// The plain document of one group and version names subresources, which kube::discover() leaves out.
awaitable<Result<std::vector<std::string>>> subresource_verbs(Call& call, kube::ApiResource resource,
                                                              std::string subresource) {
  const std::string target = (resource.group.empty() ? "/api/" : "/apis/") + resource.group_version();
  auto document = co_await call.client.get(target, call.deadline);
  if (!document) co_return fail(std::move(document.error()));
  std::vector<std::string> verbs, others;
  const std::string prefix = resource.plural + "/";
  for (const auto& entry : array_at(*document, {"resources"})) {
    const std::string name(text_at(entry, {"name"}));
    if (!name.starts_with(prefix)) continue;
    others.push_back(plain_word(name));
    if (name != prefix + subresource) continue;
    for (const auto& verb : array_at(entry, {"verbs"}))
      if (verb.is_string()) verbs.emplace_back(verb.get_string());
  }
  if (verbs.empty())
    co_return fail(ErrorCode::not_found, std::string(call.operation.name),
                   plain_word(resource.plural) + " have no subresource " + shown(subresource),
                   others.empty() ? "They have none" : "They have " + joined(others));
  co_return verbs;
}

Result<void> check_verb(const Call& call, const std::string& verb, const std::string& resource,
                        const std::vector<std::string>& verbs) {
  if (std::find(verbs.begin(), verbs.end(), verb) != verbs.end() ||
      std::find(std::begin(kBeyondRequests), std::end(kBeyondRequests), verb) != std::end(kBeyondRequests))
    return {};
  std::vector<std::string> plain;
  for (const auto& one : verbs) plain.push_back(plain_word(one));
  const auto near = similar_names(verb, plain);
  return refuse(
      call, plain_word(resource) + " have no verb " + shown(verb),
      near.empty() ? "They have " + joined(plain) : "Did you mean " + near[0] + "? They have " + joined(plain));
}

}  // namespace

std::vector<Parameter> question_parameters(bool required, std::string_view where_left_out) {
  return {
      {.name = "verb",
       .meaning = "Such as get, list, watch, create, update, patch, delete, deletecollection, impersonate or *",
       .required = required},
      {.name = "resource",
       .meaning =
           "A kind, with a subresource where one is meant: pods, deploy, pods/log, certificates.cert-manager.io; or "
           "a path such as /metrics; or * for all",
       .required = required},
      {.name = "namespace", .type = ParameterType::ns, .meaning = where_left_out},
      {.name = "name", .type = ParameterType::any_name, .meaning = "Only the object with this name"},
      {.name = "group",
       .type = ParameterType::word,
       .meaning =
           "API group, core for the core one: the resource is then taken as it is written, in the plural, whether "
           "or not the cluster has it"},
  };
}

awaitable<Result<AccessQuestion>> read_question(Call& call) {
  AccessQuestion out;
  Right& right = out.right;
  right.verb = call.arguments.text("verb");
  right.name = call.arguments.text("name");
  out.ns = call.arguments.text("namespace");
  const std::string written = call.arguments.text("resource"), group = call.arguments.text("group");
  if (right.verb != "*" && !is_word(right.verb, ""))
    co_return refuse(call, "there is no verb " + shown(right.verb), "Such as get, list or delete, or * for all");
  if (written.starts_with('/')) {
    const bool plain = written.size() <= 1024 && std::all_of(written.begin(), written.end(), [](char c) {
                         return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '%';
                       });
    if (!plain) co_return refuse(call, "there is no path " + shown(written), "Such as /metrics, without a query");
    if (!out.ns.empty() || !right.name.empty() || !group.empty())
      co_return refuse(call, "a path is in no namespace and no group, and has no name",
                       "Leave namespace, name and group out");
    right.url = written;
    co_return out;
  }
  auto read = read_resource(call, written);
  if (!read) co_return fail(std::move(read.error()));
  right.subresource = read->subresource;
  out.namespaced = true;
  if (read->kind == "*" || !group.empty()) {
    right.resource = read->kind;
    right.group = group.empty() ? "*" : group == "core" ? "" : group;
  } else {
    auto kind = co_await resolve_kind(call, read->kind);
    if (!kind) co_return fail(std::move(kind.error()));
    std::vector<std::string> verbs = kind->verbs;
    if (!right.subresource.empty()) {
      auto of_subresource = co_await subresource_verbs(call, *kind, right.subresource);
      if (!of_subresource) co_return fail(std::move(of_subresource.error()));
      verbs = std::move(*of_subresource);
    }
    auto checked = check_verb(call, right.verb, resource_text("", kind->plural, right.subresource), verbs);
    if (!checked) co_return fail(std::move(checked.error()));
    right.group = kind->group;
    right.resource = kind->plural;
    out.namespaced = kind->namespaced;
  }
  // For the API server a request for a namespace is one in it.
  if (right.group.empty() && right.resource == "namespaces") {
    out.namespaced = right.verb != "list" && right.verb != "watch" && right.verb != "create";
    if (out.namespaced && out.ns.empty()) out.ns = right.name;
  }
  if (!out.namespaced && !out.ns.empty())
    co_return refuse(call, plain_word(right.resource) + " are in no namespace", "Leave namespace out");
  co_return out;
}

}  // namespace fairlead::ops
