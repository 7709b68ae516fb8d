#include "ops/exec.h"

#include <fmt/format.h>

#include "kube/remote_command.h"
#include "kube/remote_session.h"
#include "ops/access_question.h"
#include "ops/blast_radius.h"
#include "ops/catalog.h"
#include "ops/change_answer.h"
#include "ops/clip.h"
#include "ops/list.h"
#include "ops/planning.h"
#include "ops/pod_logs.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kKept = 256 << 10;  // of each stream; what is shown has limits of its own

// How a session is told of, in the plan that a person approves.
std::string_view session_words(std::string_view session) {
  if (session == "output") return ", its output going to the caller as it is";
  if (session == "input") return ", its input and output with the caller: what is sent is not known beforehand";
  if (session == "terminal") return ", in a terminal of the caller: what is typed is not known beforehand";
  return "";
}

kube::RemoteStreams* streams_of(const Call& call) { return call.progress ? call.progress->streams() : nullptr; }

void add(json::object& into, std::string name, const kube::CommandOutput& output) {
  into[name] = redact::text(output.text);
  if (output.bytes > output.text.size()) into[name + "_bytes"] = output.bytes;
}

// Whether a container of that name runs now; else why not.
Result<void> check_runs(const Call& call, const json::value& pod, const std::string& container) {
  for (std::string_view list : {"containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"})
    for (const auto& status : array_at(pod, {"status", list})) {
      if (text_at(status, {"name"}) != container) continue;
      if (find(status, "state") && find(*find(status, "state"), "running")) return {};
      return fail(ErrorCode::conflict, std::string(call.operation.name), "container " + container + " does not run now",
                  "diagnose_pod says why");
    }
  return fail(ErrorCode::conflict, std::string(call.operation.name), "container " + container + " has not started yet",
              "diagnose_pod says why");
}

bool is_privileged(const json::value& pod, const std::string& container) {
  for (std::string_view list : {"containers", "initContainers", "ephemeralContainers"})
    for (const auto& one : array_at(pod, {"spec", list}))
      if (text_at(one, {"name"}) == container && flag_at(one, {"securityContext", "privileged"})) return true;
  return false;
}

// A command cannot be rehearsed, but whether it may be run can be asked. Servers take a WebSocket for a "get".
awaitable<Result<json::value>> check_may_run(Call& call, ObjectRef pod) {
  Right right{"get", "", "pods", "exec", pod.name, ""};
  auto status = co_await review_right(call, std::move(right), pod.ns);
  if (!status) co_return fail(std::move(status.error()));
  if (!flag_at(*status, {"allowed"}))
    co_return fail(ErrorCode::permission_denied, std::string(call.operation.name),
                   "the present credentials may not get pods/exec in namespace " + pod.ns,
                   "Ask whoever grants roles there, or choose another context");
  co_return json::value(nullptr);
}

awaitable<Result<Plan>> plan_exec(Call& call) {
  const std::string session = call.arguments.text("session");
  if (!session.empty() && !streams_of(call) && !call.dry_run)
    co_return fail(ErrorCode::invalid_request, std::string(call.operation.name),
                   "nobody is there for its input and its output",
                   "Leave 'session' out; 'fairlead call exec_in_pod -i' and the WebSocket of docs/exec.md bring both");
  if (session.empty() && streams_of(call))
    co_return fail(ErrorCode::invalid_request, std::string(call.operation.name),
                   "the call does not say that it is a session", "Give 'session'");
  ObjectRef pod{"", "v1", "pods", "Pod", call.object_namespace(), call.arguments.text("name"), {}, {}};
  auto before = co_await read_for_change(call, pod);
  if (!before) co_return fail(std::move(before.error()));
  std::string others, container = call.arguments.text("container");
  std::string names;
  bool there = false;
  for (const auto& one : containers_of(*before)) {
    there = there || one.name == container;
    names += (names.empty() ? "" : ", ") + one.name;
  }
  if (!container.empty() && !there)
    co_return fail(ErrorCode::not_found, std::string(call.operation.name),
                   "the pod has no container " + container + "; it has: " + names, "Choose one of them");
  if (container.empty()) container = default_container(*before, &others);
  if (auto runs = check_runs(call, *before, container); !runs) co_return fail(std::move(runs.error()));
  const json::value command = *call.arguments.value("command");
  Plan plan;
  plan.summary = fmt::format("run {} in container {} of pod {}/{}{}", clip(compact(command), 200), container, pod.ns,
                             pod.name, session_words(session));
  plan.no_undo = "nobody knows what a command has done";
  if (is_privileged(*before, container))
    plan.reach.push_back("container " + container + " is privileged: it can do anything to node " +
                         clip(text_at(*before, {"spec", "nodeName"}), 253));
  plan.facts = json::object{{"container", container}, {"others", others}};
  Write write;
  write.verb = Write::Verb::exec;
  write.object = std::move(pod);
  json::object body{{"container", container}, {"command", command}};
  if (!session.empty()) body["session"] = session;
  write.body = std::move(body);
  write.before = std::move(*before);
  plan.writes.push_back(std::move(write));
  co_return plan;
}

// Why a session ended before its command.
std::string_view was_left(const json::value& answer) { return text_at(answer, {"left"}); }

std::string how_it_ended(const Answers& answers) {
  if (const auto why = was_left(answers[0]); !why.empty())
    return fmt::format("was left while it ran, and may go on: {}", why);
  return fmt::format("ended with exit code {}", integer_at(answers[0], {"exit_code"}));
}

Result<Reply> finish_exec(const Call& call, const Plan& plan, const Answers& answers) {
  const std::string container(text_at(plan.facts, {"container"})), others(text_at(plan.facts, {"others"}));
  json::object result{
      {"namespace", call.object_namespace()}, {"pod", call.arguments.text("name")}, {"container", container}};
  std::string note = did_or_would(call, "run ");
  if (!call.dry_run && !answers.empty()) {
    for (const auto& member : answers[0].is_object() ? answers[0].get_object() : json::object())
      result[member.key()] = member.value();
    note = "it " + how_it_ended(answers);
  } else {
    note += plan.summary.substr(4);
  }
  Reply reply = change_reply(std::move(result), std::move(note));
  if (!call.arguments.has("container") && !others.empty())
    reply.notes.push_back(fmt::format("this is container {}; the pod also has: {}", container, others));
  return reply;
}

awaitable<Result<Verification>> verify_exec(Call&, const Plan&, const Answers& answers) {
  Verification out{true, false, "exit code 0"};
  if (answers.empty()) co_return out;
  out.reached = was_left(answers[0]).empty();
  out.state = out.reached ? fmt::format("exit code {}", integer_at(answers[0], {"exit_code"})) : how_it_ended(answers);
  co_return out;
}

constexpr ChangeSteps kExec{plan_exec, finish_exec, verify_exec};

// {"exit_code", "left"}: the output has gone to the caller.
awaitable<Result<json::value>> connect_session(Call& call, const Write& write, std::string session) {
  kube::RemoteSession what;
  what.ns = write.object.ns;
  what.pod = write.object.name;
  what.container = text_at(write.body, {"container"});
  for (const auto& word : array_at(write.body, {"command"})) what.command.emplace_back(word.get_string());
  what.terminal = session == "terminal";
  what.input = what.terminal || session == "input";
  auto end = co_await kube::run_session(call.client, std::move(what), *streams_of(call), call.deadline);
  if (!end) co_return fail(std::move(end.error()));
  json::object answer{{"exit_code", nullptr}};
  if (end->exit_code)
    answer["exit_code"] = *end->exit_code;
  else
    answer["left"] = end->why;
  co_return json::value(std::move(answer));
}

}  // namespace

awaitable<Result<json::value>> send_command(Call& call, const Write& write, bool dry_run) {
  if (dry_run) co_return co_await check_may_run(call, write.object);
  if (const std::string session(text_at(write.body, {"session"})); !session.empty())
    co_return co_await connect_session(call, write, session);
  kube::RemoteCommand command;
  command.ns = write.object.ns;
  command.pod = write.object.name;
  command.container = text_at(write.body, {"container"});
  for (const auto& word : array_at(write.body, {"command"})) command.command.emplace_back(word.get_string());
  command.most_bytes = kKept;
  auto outcome = co_await kube::run_command(call.client, std::move(command), call.deadline);
  if (!outcome) co_return fail(std::move(outcome.error()));
  json::object answer{{"exit_code", outcome->exit_code}};
  add(answer, "stdout", outcome->out);
  add(answer, "stderr", outcome->err);
  co_return json::value(std::move(answer));
}

std::vector<Operation> exec_operations() {
  return {{
      .name = "exec_in_pod",
      .family = "pods",
      .trust = Trust::destructive,
      .idempotent = false,
      .summary = "Run a program in a container of a pod, without a shell and without input",
      .parameters = change_parameters(
          true, {{.name = "command",
                  .type = ParameterType::command,
                  .meaning = "The program and its arguments; [\"sh\", \"-c\", \"…\"] where a shell must read them",
                  .required = true},
                 {.name = "container",
                  .type = ParameterType::container,
                  .meaning = "Which one; left out: the pod's default or first"},
                 {.name = "session",
                  .meaning = "What of its streams whoever calls has while it runs",
                  .choices = {"output", "input", "terminal"},
                  .by_face = true}}),
      .access = change_access({{"", "pods", {"get"}}, {"", "pods/exec", {"create", "get"}}}),
      .example = "--namespace monitoring --name prometheus-0 -- cat /etc/hosts",
      .change = &kExec,
      .has_session = true,
  }};
}

}  // namespace fairlead::ops
