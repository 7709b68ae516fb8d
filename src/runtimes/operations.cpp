#include "runtimes/operations.h"

#include "gate/keeper.h"
#include "ops/change_answer.h"
#include "ops/list.h"
#include "runtimes/book.h"
#include "runtimes/look.h"

namespace fairlead::runtimes {
namespace {

using ops::Access;
using ops::Operation;
using ops::Parameter;
using ops::ParameterType;
using ops::Reach;
using ops::Trust;

Parameter agent_parameter() {
  return {.name = "name", .type = ParameterType::container, .meaning = "The agent's name", .required = true};
}
Parameter namespace_parameter() {
  return {.name = "namespace",
          .type = ParameterType::ns,
          .meaning = "Its namespace; left out: the runtime's own of the cluster's row, or where the agent is"};
}

// As ops::change_parameters, about an agent.
std::vector<Parameter> parameters(std::vector<Parameter> own) {
  std::vector<Parameter> out{agent_parameter(), namespace_parameter()};
  for (auto& one : ops::change_parameters(false, std::move(own)))
    if (one.name != "name") out.push_back(std::move(one));
  return out;
}

std::vector<Parameter> with_spec(std::vector<Parameter> own) {
  for (const auto& one : spec_parameters()) own.push_back(one);
  return parameters(std::move(own));
}

// What each change reads to see what is there, and looks at to verify.
std::vector<Access> looks(std::vector<Access> own) {
  own.push_back({"", "pods", {"list"}, Reach::call_namespace, true});
  return own;
}
Access deployments(std::vector<std::string_view> verbs) { return {"apps", "deployments", std::move(verbs)}; }

std::vector<Access> all_objects() {
  const std::vector<std::string_view> verbs{"get", "create", "patch", "delete"};
  return looks({{"", "namespaces", {"get"}, Reach::call_namespace, true},
                {"", "namespaces", {"create", "patch"}, Reach::cluster, true},
                {"", "configmaps", verbs},
                {"", "secrets", verbs},
                {"", "persistentvolumeclaims", verbs},
                {"", "services", verbs},
                {"networking.k8s.io", "networkpolicies", verbs, Reach::call_namespace, true},
                deployments(verbs)});
}

Result<ops::Reply> finish(const ops::Call& call, const ops::Plan& plan, const ops::Answers& answers) {
  auto facts = facts_of(plan);
  if (!facts) return fail(std::move(facts.error()));
  const AgentPlace& place = facts->place;
  json::object result{{"agent", place.name},
                      {"deed", to_string(facts->deed)},
                      {"cluster", place.cluster},
                      {"namespace", place.ns},
                      {"deployment", place.object},
                      {"service", place.object},
                      {"volume_claim", facts->keeps_state ? json::value(place.volume_claim()) : json::value(nullptr)},
                      {"revision", facts->revision},
                      {"changed", !answers.empty() && !call.dry_run}};
  std::string note = answers.empty() ? "agent " + place.name + " is so already: nothing changed"
                                     : (call.dry_run ? "dry run: would " : "") + plan.summary;
  return ops::change_reply(std::move(result), std::move(note));
}

constexpr ops::ChangeSteps kSteps{nullptr, finish, nullptr, 0, nullptr};
constexpr ops::ChangeSteps kStopSteps{nullptr, finish, nullptr, 60, nullptr};

Operation change(std::string_view name, Trust trust, std::string_view summary, std::vector<Parameter> parameters,
                 std::vector<Access> access, std::string_view example, const ops::ChangeSteps& steps = kSteps) {
  return {.name = name,
          .family = gate::kAgentFamily,
          .trust = trust,
          .summary = summary,
          .parameters = std::move(parameters),
          .access = std::move(access),
          .example = example,
          .change = &steps};
}

Operation list_agents() {
  std::vector<Parameter> parameters = ops::list_parameters(true);
  std::erase_if(parameters, [](const Parameter& one) { return one.name.ends_with("_selector"); });
  return {.name = "list_agents",
          .family = gate::kAgentFamily,
          .summary = "List the agents that Fairlead runs, those that are being changed first",
          .parameters = std::move(parameters),
          .columns = {{"name", ops::CellType::text, false, "As it was deployed"},
                      {"runtime", ops::CellType::text, false, "Its family: openclaw, hermes"},
                      {"cluster", ops::CellType::text, false, "Its execution target"},
                      {"namespace", ops::CellType::text, false, "Where its objects are"},
                      {"desired", ops::CellType::text, false, "running, stopped or deleted"},
                      {"revision", ops::CellType::integer, false, "The newest one"},
                      {"busy", ops::CellType::flag, false, "Whether a change of it is under way"},
                      {"deployment", ops::CellType::text, true, "Of its Deployment and Service"},
                      {"change", ops::CellType::integer, true, "The latest change about it"},
                      {"created", ops::CellType::time, true, "When it was first deployed"}},
          .example = ""};
}

Operation read(std::string_view name, std::string_view summary, std::vector<Parameter> own, std::vector<Access> access,
               std::string_view example) {
  std::vector<Parameter> parameters{agent_parameter(), namespace_parameter()};
  for (auto& one : own) parameters.push_back(std::move(one));
  parameters.push_back(ops::format_parameter());
  return {.name = name,
          .family = gate::kAgentFamily,
          .summary = summary,
          .parameters = std::move(parameters),
          .access = std::move(access),
          .example = example};
}

}  // namespace

std::vector<Operation> operations() {
  const Parameter runtime{.name = "runtime",
                          .type = ParameterType::word,
                          .meaning = "Its family: openclaw, hermes, or one of your own",
                          .required = true};
  const Parameter from{
      .name = "from", .type = ParameterType::integer, .meaning = "A revision of it", .required = true, .minimum = 1};
  const Parameter to{
      .name = "to", .type = ParameterType::integer, .meaning = "Another; left out: the newest", .minimum = 1};
  const Parameter revision{.name = "revision",
                           .type = ParameterType::integer,
                           .meaning = "Which revision is to run again",
                           .required = true,
                           .minimum = 1};
  const Parameter delete_state{.name = "delete_state",
                               .type = ParameterType::boolean,
                               .meaning = "Delete its state volume as well; left out: it is kept"};
  const Parameter attempts{.name = "attempts",
                           .type = ParameterType::integer,
                           .meaning =
                               "How often each check is tried; left out: once, or with wait_seconds as often as "
                               "the family says",
                           .minimum = 1,
                           .maximum = 100};
  const Parameter wait_seconds{.name = "wait_seconds",
                               .type = ParameterType::integer,
                               .meaning = "Try for so long at most, with the family's pauses, until it answers",
                               .minimum = 0,
                               .maximum = 3600};
  std::vector<Operation> out;
  out.push_back(list_agents());
  out.push_back(read("get_agent",
                     "Show an agent: what is wanted, what its cluster shows of it now and why it does not run, its "
                     "addresses, what differs from its newest revision, its revisions",
                     {}, sight_access(), "--name helper"));
  out.push_back(read("check_agent",
                     "Ask an agent, through its cluster, whether it answers as its family's checks want it",
                     {attempts, wait_seconds}, {{"", "services/proxy", {"get"}}}, "--name helper"));
  out.push_back(read("compare_agent_revisions", "Tell what differs between two revisions of an agent", {from, to},
                     looks({deployments({"get"})}), "--name helper --from 1 --to 2"));
  out.push_back(change("deploy_agent", Trust::write,
                       "Run an agent on a registered cluster: one Deployment, Service, bootstrap ConfigMap, Secret and "
                       "state volume",
                       with_spec({runtime}), all_objects(),
                       "--cluster k8s:aks-eastus2 --name helper --runtime openclaw"));
  out.push_back(change("redeploy_agent", Trust::write,
                       "Deploy an agent anew, as a new revision: Deployment, Service and ConfigMap are deleted first, "
                       "its state volume is kept",
                       with_spec({}), all_objects(), "--name helper --image registry.example.com/openclaw:2"));
  out.push_back(change("rollback_agent", Trust::write, "Deploy an earlier revision of an agent again, as a new one",
                       parameters({revision}), all_objects(), "--name helper --revision 1"));
  out.push_back(change("repair_agent", Trust::write, "Set back what differs from the newest revision of an agent",
                       parameters({}), all_objects(), "--name helper"));
  out.push_back(change("start_agent", Trust::write, "Start an agent that was stopped: one replica", parameters({}),
                       looks({deployments({"get", "patch"})}), "--name helper"));
  out.push_back(change("stop_agent", Trust::write,
                       "Stop an agent: no replicas, and no pods left; its objects and its state stay", parameters({}),
                       looks({deployments({"get", "patch"})}), "--name helper", kStopSteps));
  out.push_back(change("restart_agent", Trust::write, "Replace the pods of an agent that runs", parameters({}),
                       looks({deployments({"get", "patch"})}), "--name helper"));
  out.push_back(change("delete_agent", Trust::destructive, "Delete an agent: all its objects, but its state volume",
                       parameters({delete_state}), all_objects(), "--name helper"));
  return out;
}

}  // namespace fairlead::runtimes
