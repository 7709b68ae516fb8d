// Tests only: operations over an API server that answers what the test says.
#pragma once

#include <gtest/gtest.h>

#include "kube/decode_testing.h"
#include "kube/fake_api.h"
#include "ops/catalog.h"
#include "ops/change.h"
#include "ops/explain.h"
#include "ops/render.h"
#include "ops/writes.h"

namespace fairlead::ops::testing {

using kube::testing::Answer;
using kube::testing::Message;
using kube::testing::refusal;

constexpr std::int64_t kNow = 1'767'225'600;  // 2026-01-01T00:00:00Z

inline json::object object(std::string_view text) { return parse_json(text, "test").value().as_object(); }

// No more arguments than a call of the operation must have.
inline json::object least_arguments(const Operation& operation) {
  json::object out;
  for (const auto& parameter : operation.parameters) {
    if (!parameter.required) continue;
    switch (parameter.type) {
      case ParameterType::integer: out[parameter.name] = 1; break;
      case ParameterType::map: out[parameter.name] = json::object(); break;
      case ParameterType::command: out[parameter.name] = json::array{"ls"}; break;
      case ParameterType::document: out[parameter.name] = "{}"; break;
      default: out[parameter.name] = "web"; break;
    }
  }
  return out;
}

// What an operation plans, sends and answers. What the gate does besides (tries, asks, journals, plans anew) it does
// not.
inline awaitable<Result<Reply>> run_change(Call& call, const ChangeSteps& steps) {
  auto plan = co_await steps.plan(call);
  if (!plan) co_return fail(std::move(plan.error()));
  Answers answers;
  for (const auto& write : plan->writes) {
    auto answer = co_await send_write(call, write, call.dry_run);
    if (!answer) co_return fail(std::move(answer.error()));
    answers.push_back(std::move(*answer));
  }
  co_return steps.finish(call, *plan, answers);
}

// `look` in a call of an operation that changes things.
template <class Look>
auto in_call(kube::testing::FakeApi& api, Look look) {
  static const Catalog catalog = kubernetes_catalog();
  static const FixedClock clock{kNow};
  const Arguments arguments;
  Call call{*catalog.find("patch_resource"),
            api.client(),
            arguments,
            clock,
            net::testing::patience(),
            "shop",
            "",
            false,
            nullptr};
  return api.run(look(call));
}

// A server that knows these answers by "METHOD /path" (a query may be left out), in turn when there are several, and
// 404 for all else.
class World {
 public:
  explicit World(std::vector<std::pair<std::string, Answer>> answers)
      : api([answers = std::move(answers), used = std::vector<bool>()](const net::HttpRequest& request) mutable {
          used.resize(answers.size());
          const std::string line = request.method + " " + request.target;
          std::size_t last = answers.size();
          for (std::size_t i = 0; i < answers.size(); ++i) {
            if (answers[i].first != line && answers[i].first != line.substr(0, line.find('?'))) continue;
            last = i;
            if (!used[i]) break;
          }
          if (last == answers.size()) return refusal(404, "NotFound", "there is no " + line);
          used[last] = true;
          return answers[last].second;
        }) {}

  Result<Reply> call(std::string_view name, std::string_view arguments_text) {
    const Operation* operation = catalog.find(name);
    if (!operation) throw std::runtime_error("no such operation");
    auto arguments = Arguments::validate(object(arguments_text), operation->parameters, name);
    if (!arguments) return fail(std::move(arguments.error()));
    kube::Client& client = api.client();
    Call call{*operation,
              client,
              *arguments,
              clock,
              net::testing::patience(),
              "default",
              default_namespace,
              arguments->flag("dry_run"),
              nullptr};
    return api.run(operation->change ? run_change(call, *operation->change) : operation->run(call));
  }

  // The text that a model would see, with the notes after it; "code: sentence" when it failed.
  std::string text(std::string_view name, std::string_view arguments_text) {
    auto reply = call(name, arguments_text);
    if (!reply) return std::string(to_string(reply.error().code)) + ": " + explain_in_a_line(reply.error());
    const json::object arguments = object(arguments_text);
    RenderOptions options{.aligned = false, .bytes = 32 << 10, .now = clock.unix_seconds()};
    if (auto* format = arguments.if_contains("format"))
      options.format = *format == "json" ? Format::json : *format == "yaml" ? Format::yaml : Format::table;
    auto rendered = render(*reply, options);
    if (!rendered) return std::string(to_string(rendered.error().code)) + ": " + explain_in_a_line(rendered.error());
    std::string out = rendered->text;
    for (const auto& note : rendered->notes) out += "# " + note + "\n";
    return out;
  }

  std::string default_namespace;  // of lists, as --namespace gives it
  Catalog catalog = kubernetes_catalog();
  FixedClock clock{kNow};
  kube::testing::FakeApi api;
};

// A list in protobuf, as servers send it.
inline Answer list(std::string_view api_version, std::string_view kind, const std::vector<Message>& items) {
  Message list = Message().message(1, Message().text(2, "77"));
  for (const auto& item : items) list = std::move(list).message(2, item);
  return kube::testing::protobuf(kube::testing::envelope(api_version, kind, list));
}

inline Message meta(std::string_view ns, std::string_view name, std::int64_t created = kNow - 3600) {
  return Message().text(1, name).text(3, ns).text(5, "uid-" + std::string(name)).text(6, "77").time(8, created);
}

}  // namespace fairlead::ops::testing
