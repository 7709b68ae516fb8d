#include "diagnosis/probes.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "diagnosis/log_lines.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

struct Answer {
  std::string code, words, next;
  Certainty certainty = Certainty::told;
};

// Which port the container is told to listen on, by its environment: "PORT=9090".
std::string port_variable(const json::value& container, std::int64_t not_this) {
  static const RE2 expression(R"re((?i)(?:^|_)port$)re");
  std::string found;
  for (const auto& variable : array_at(container, {"env"})) {
    const std::string name(text_at(variable, {"name"})), value(text_at(variable, {"value"}));
    if (RE2::PartialMatch(name, expression) && !value.empty() && value != std::to_string(not_this))
      found = name + "=" + value;
  }
  return found;
}

Answer judge(const json::value& probe, const json::value& container, const std::string& message) {
  const auto has = [&](std::string_view words) { return message.find(words) != std::string::npos; };
  const auto* port = ::fairlead::find(probe, "httpGet", "port");
  if (!port) port = ::fairlead::find(probe, "tcpSocket", "port");
  const auto number = probe_port(probe, container);
  const std::string declared = declared_ports(container);
  if (port && port->is_string() && !number)
    return {"probe_port_absent",
            fmt::format("its port \"{}\" is no port of the container, which declares {}",
                        std::string_view(port->as_string()), declared.empty() ? "none" : declared),
            "Name a port that the container declares, or use a number", Certainty::proven};
  if (const std::string host(text_at(probe, {"httpGet", "host"}));
      !host.empty() && message.find(host) != std::string::npos)
    return {"probe_host",
            fmt::format("it asks {} instead of the pod (httpGet.host), and gets no answer from there", host),
            "Leave out the probe's host: it asks the pod then; for the Host header set httpHeaders"};
  static const RE2 refused(R"re(dial tcp [0-9a-fA-F.:\[\]]+: (?:connect: )?connection refused)re");
  const bool asks_port = port && RE2::PartialMatch(message, refused);
  if (asks_port) {
    Answer answer{"probe_refused", fmt::format("nothing listens on port {}", number.value_or(0)),
                  "Let the probe ask the port that the program listens on", Certainty::told};
    if (number && !declared.empty() && !declares_port(container, *number))
      answer.words += fmt::format("; the container declares {}", declared);
    if (number)
      if (const auto variable = port_variable(container, *number); !variable.empty())
        answer.words += fmt::format("; its environment says {}", variable);
    return answer;
  }
  std::string status;
  static const RE2 code(R"re(statuscode: ([0-9]{3}))re");
  if (RE2::PartialMatch(message, code, &status)) {
    const std::string path(text_at(probe, {"httpGet", "path"}));
    if (status == "404")
      return {"probe_path", fmt::format("its path {} is not there (HTTP 404)", path), "Correct the probe's path"};
    if (status == "401" || status == "403")
      return {"probe_denied", fmt::format("its path {} wants credentials (HTTP {})", path, status),
              "Let the probe ask a path that needs none"};
    return {"probe_status", fmt::format("the program answers {} with HTTP {}", path, status),
            "The program itself says that it is not well: its log says more (get_pod_logs)"};
  }
  if (has("HTTP request to an HTTPS server") || has("HTTP response to HTTPS client") ||
      has("malformed HTTP response") || has("first record does not look like a TLS"))
    return {"probe_scheme", "it speaks HTTP where the program speaks HTTPS, or the other way around",
            "Correct the probe's scheme"};
  if (has("deadline exceeded") || has("Client.Timeout") || has("timed out") || has("i/o timeout"))
    return {
        "probe_timeout",
        fmt::format("no answer comes within {} s", std::max<std::int64_t>(1, integer_at(probe, {"timeoutSeconds"}, 1))),
        "See why the program is slow (its CPU limit, what it waits for), or raise timeoutSeconds"};
  if (has("executable file not found") || has("no such file"))
    return {"probe_command", "its command is not in the image", "Correct the probe's command"};
  if (has("no route to host") || has("network is unreachable"))
    return {"probe_unreachable", "the node does not reach the pod", "Look at the node's network (describe_node)"};
  const std::int64_t timeout = integer_at(probe, {"timeoutSeconds"}, 1);
  const auto said = message.find(": ");
  const bool silent = said == std::string::npos || trim(std::string_view(message).substr(said + 2)).empty();
  if (::fairlead::find(probe, "exec") && silent && timeout <= 5)
    return {"probe_fails",
            fmt::format("its command fails and says nothing: it may take longer than its timeout of {} s", timeout),
            "Run the command by hand; raise timeoutSeconds if it is slow", Certainty::told};
  return {"probe_fails", "it does not succeed", "Look at what the probe asks and what the program's log says"};
}

// What the kubelet said last about the probe of a container; empty: nothing.
std::string last_failure(const std::vector<EventLine>& events, std::string_view which, const ContainerSeen& container,
                         EventLine* event) {
  for (const auto& line : events) {
    // "Readiness probe failed", or "errored" where it could not be asked.
    if (line.reason != "Unhealthy" || !line.message.starts_with(which)) continue;
    if (!line.field_path.empty() && line.field_path.find("{" + container.name + "}") == std::string::npos) continue;
    *event = line;
    return line.message;
  }
  return {};
}

// The line of a log that says that the port is served on the loopback address; empty: none.
std::string loopback_line(const std::string& log, std::int64_t port) {
  const RE2 expression(
      R"re((?i)(?:listen|bound|serving|running|started|server)[^\n]*(?:127\.0\.0\.1|localhost|\[?::1\]?)[: ](?:port )?)re" +
      std::to_string(port) + R"re(\b)re");
  std::string out;
  for (const auto line : split(log, '\n'))
    if (RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), expression)) out = trim(line);
  return out;
}

// Env variables set twice, one of whose values is the port that the probe asks and another the one that counts.
void blame_port_variable(const Trail& trail, const json::value& pod, const ContainerSeen& container,
                         std::int64_t port) {
  const auto* spec = ::fairlead::find(pod, "spec");
  if (!spec) return;
  for (const auto& twice : set_twice(*spec)) {
    if (twice.container != container.name) continue;
    const auto has_port = [&](const std::string& value) {
      return value.find(std::to_string(port)) != std::string::npos;
    };
    if (has_port(twice.values.back()) || !std::any_of(twice.values.begin(), twice.values.end(), has_port)) continue;
    std::string values;
    for (const auto& value : twice.values) values += (values.empty() ? "\"" : ", then \"") + value + "\"";
    trail.findings.add(
        {.code = "env_set_twice",
         .certainty = Certainty::proven,
         .sentence = fmt::format("Container {} sets the environment variable {} {} times; the last value, {}, "
                                 "counts, and the port {} that is asked for stands in another",
                                 twice.container, twice.name, twice.values.size(), twice.values.back(), port),
         .at = workload_of(pod),
         .evidence = {fmt::format("{} is {}", twice.name, values)},
         .next = "Keep the right one in the pod template",
         .affects = {ref_of("Pod", pod)}});
  }
}

awaitable<bool> explain_probe(Trail trail, const json::value& pod, ContainerSeen container, std::string member,
                              std::string which, std::string consequence) {
  const auto* probe = ::fairlead::find(*container.spec, member);
  if (!probe) co_return false;
  const Ref ref = ref_of("Pod", pod);
  EventLine event;
  const auto events = co_await events_about(trail, ref);
  const std::string message = last_failure(events, which, container, &event);
  const auto* port = ::fairlead::find(*probe, "httpGet", "port");
  if (!port) port = ::fairlead::find(*probe, "tcpSocket", "port");
  const bool bad_name = port && port->is_string() && !probe_port(*probe, *container.spec);
  if (message.empty() && !bad_name) co_return false;
  Answer answer = judge(*probe, *container.spec, message);
  std::vector<std::string> evidence{
      fmt::format("{} {}: {}", container.who(), member, probe_text(*probe, *container.spec))};
  if (!message.empty()) evidence.push_back(show(event, trail.now()));
  // The program may say itself why it is not well, or whom it waits for.
  const LogSeen* log = co_await trail.source.log(ref.ns, ref.name, container.name, false);
  if (const auto number = probe_port(*probe, *container.spec); number && answer.code == "probe_refused")
    if (const std::string line = loopback_line(log->text, *number); !line.empty()) {
      answer = {"probe_loopback",
                fmt::format("the program listens on port {} of the loopback address only, where nobody else reaches it",
                            *number),
                "Let it listen on 0.0.0.0"};
      evidence.push_back("its log: " + line);
    }
  Findings reasons;
  if (answer.certainty != Certainty::proven) co_await explain_dependencies(trail.behind(reasons), pod, log->text);
  if (reasons.explains()) trail.findings.add_reasons(reasons, ref, evidence.back());
  if (const auto number = probe_port(*probe, *container.spec); number && answer.code == "probe_refused")
    blame_port_variable(trail, pod, container, *number);
  const auto troubles = read_troubles(log->text);
  if (!troubles.empty()) evidence.push_back("its log: " + troubles[0].line);
  const bool vague = answer.code == "probe_fails" || answer.code == "probe_status";
  if (vague && reasons.explains()) co_return true;
  trail.findings.add({.code = answer.code,
                      .certainty = reasons.explains() ? Certainty::symptom : answer.certainty,
                      .sentence = fmt::format("The {} probe of {} fails, {}: {}", member.substr(0, member.size() - 5),
                                              container.who(), consequence, answer.words),
                      .at = workload_of(pod),
                      .evidence = std::move(evidence),
                      .next = answer.next,
                      .affects = {ref}});
  if (vague && !troubles.empty() && troubles[0].trouble != Trouble::other)
    trail.findings.add(
        {.code = std::string(code_of(troubles[0].trouble)),
         .certainty = Certainty::inferred,
         .sentence = fmt::format("The program of {} is not well: {}", container.who(), sentence_of(troubles[0])),
         .at = workload_of(pod),
         .evidence = {"its log: " + troubles[0].line},
         .next = std::string(next_for(troubles[0].trouble)),
         .affects = {ref}});
  co_return true;
}

}  // namespace

std::string probe_text(const json::value& probe, const json::value& container) {
  const auto port = probe_port(probe, container);
  const std::string number = port ? std::to_string(*port) : "?";
  if (const auto* get = ::fairlead::find(probe, "httpGet")) {
    const auto scheme = text_at(*get, {"scheme"});
    return fmt::format("GET {}://:{}{}", scheme == "HTTPS" ? "https" : "http", number, text_at(*get, {"path"}));
  }
  if (::fairlead::find(probe, "tcpSocket")) return "TCP " + number;
  if (::fairlead::find(probe, "grpc")) return "gRPC " + number;
  std::string command;
  for (const auto& word : array_at(probe, {"exec", "command"}))
    if (word.is_string()) command += (command.empty() ? "" : " ") + std::string(word.as_string());
  return "exec [" + command + "]";
}

awaitable<bool> explain_killing_probe(Trail trail, const json::value& pod, ContainerSeen container) {
  const Ref ref = ref_of("Pod", pod);
  const auto events = co_await events_about(trail, ref, "Killing");
  for (auto [member, which, word] : {std::tuple{"livenessProbe", "Liveness probe ", "liveness"},
                                     std::tuple{"startupProbe", "Startup probe ", "startup"}}) {
    const std::string killed = fmt::format("Container {} failed {} probe", container.name, word);
    const bool said = std::any_of(events.begin(), events.end(),
                                  [&](const EventLine& event) { return event.message.starts_with(killed); });
    if (!said) continue;
    const std::string probe(member), failure(which);
    const bool explained =
        co_await explain_probe(trail, pod, container, probe, failure, "and the container is killed for it");
    if (explained) co_return true;
  }
  co_return false;
}

awaitable<void> explain_readiness(Trail trail, const json::value& pod) {
  const Ref ref = ref_of("Pod", pod);
  bool explained = false, unready = false;
  for (const auto& container : containers_of(pod)) {
    if (container.init || container.ready() || !container.running()) continue;
    unready = true;
    const auto started = container.status && ::fairlead::find(*container.status, "started");
    const bool starting = started && !flag_at(*container.status, {"started"});
    bool found = false;
    if (starting)
      found = co_await explain_probe(trail, pod, container, "startupProbe", "Startup probe ",
                                     "and it does not count as started");
    if (!found)
      found =
          co_await explain_probe(trail, pod, container, "readinessProbe", "Readiness probe ", "and it gets no traffic");
    explained = explained || found;
  }
  for (const auto& gate : array_at(pod, {"spec", "readinessGates"})) {
    const auto type = text_at(gate, {"conditionType"});
    const auto* condition = ops::condition_of(pod, type);
    if (condition && text_at(*condition, {"status"}) == "True") continue;
    trail.findings.add({.code = "readiness_gate",
                        .certainty = Certainty::proven,
                        .sentence = fmt::format(
                            "Its readiness gate {} is not met: {}", type,
                            condition ? fmt::format("it is {}", text_at(*condition, {"status"})) : "nobody has set it"),
                        .at = ref,
                        .next = "Look at the controller that sets this condition"});
    explained = true;
  }
  if (!unready || explained || !deserves_a_look(pod, trail.now())) co_return;
  // No probe failed yet: the program may say what it waits for.
  for (const auto& container : containers_of(pod)) {
    if (container.init || container.ready() || !container.running()) continue;
    const LogSeen* log = co_await trail.source.log(ref.ns, ref.name, container.name, false);
    Findings reasons;
    co_await explain_dependencies(trail.behind(reasons), pod, log->text);
    trail.findings.add_reasons(reasons, ref, container.who() + " runs and is not ready");
    explained = explained || reasons.explains();
  }
  const auto started = ops::time_at(pod, {"status", "startTime"}).value_or(trail.now());
  if (explained || started + 30 > trail.now()) co_return;
  trail.findings.add({.code = "not_ready",
                      .certainty = Certainty::symptom,
                      .sentence = "It runs but is not ready, and no event says why",
                      .at = ref,
                      .next = fmt::format("get_pod_logs name={} namespace={}", ref.name, ref.ns)});
}

}  // namespace fairlead::diagnosis
