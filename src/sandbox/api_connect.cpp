// The subresources of a pod that upgrade the connection: exec, attach and portforward.
#include <array>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/api_send.h"
#include "sandbox/behaviour.h"
#include "sandbox/containers.h"
#include "sandbox/logs.h"
#include "sandbox/lost_node.h"
#include "sandbox/main_process.h"
#include "sandbox/pod_states.h"
#include "sandbox/port_forward.h"
#include "sandbox/remote_session.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_input = 256 << 10;
constexpr std::int64_t young_seconds = 10;
constexpr auto look_every = std::chrono::milliseconds(100);

constexpr std::string_view lists[] = {"initContainers", "containers", "ephemeralContainers"};

// The container that a request means.
ApiResult<std::string> container_of(const json::value& pod, std::string_view asked) {
  std::string name(text_at(pod, {"metadata", "name"})), all;
  bool found = false;
  for (std::string_view list : lists) {
    for (const json::value& container : array_at(pod, {"spec", list})) {
      std::string_view one = text_at(container, {"name"});
      found = found || one == asked;
      all.append(all.empty() ? "" : " ").append(one);
    }
  }
  if (!asked.empty()) {
    if (!found) return refuse(bad_request("container " + std::string(asked) + " is not valid for pod " + name));
    return std::string(asked);
  }
  const json::array& containers = array_at(pod, {"spec", "containers"});
  if (containers.size() == 1) return std::string(text_at(containers.front(), {"name"}));
  return refuse(bad_request("a container name must be specified for pod " + name + ", choose one of: [" + all + "]"));
}

// Status as the runtime writes it on the error channel, without its type.
json::object success() { return {{"metadata", json::object()}, {"status", "Success"}}; }
json::object failure(std::string message, std::string_view reason, std::string_view cause, std::string detail,
                     int code) {
  json::object entry;
  if (!cause.empty()) entry["reason"] = cause;
  entry["message"] = std::move(detail);
  json::object out{{"metadata", json::object()},
                   {"status", "Failure"},
                   {"message", std::move(message)},
                   {"reason", reason},
                   {"details", json::object{{"causes", json::array{std::move(entry)}}}}};
  if (code != 0) out["code"] = code;
  return out;
}

json::object status_of(const ProcessEnd& end, const std::vector<std::string>& argv, const std::string& exec_id) {
  if (!end.start_error.empty()) {
    std::string text = "error executing command in container: failed to exec in container: failed to start exec \"" +
                       exec_id + "\": " + end.start_error;
    return failure("Internal error occurred: " + text, "InternalError", "", text, 500);
  }
  if (end.exit_code == 0) return success();
  std::string words;
  for (const std::string& word : argv) words += (words.empty() ? "" : " ") + word;
  std::string code = std::to_string(end.exit_code);
  return failure(
      "command terminated with non-zero exit code: error executing command [" + words + "], exit code " + code,
      "NonZeroExitCode", "ExitCode", code, 0);
}

// What an attached client talks to, when the container's main process is a shell that reads its standard input.
std::vector<std::string> main_shell(const json::value& container) {
  std::vector<std::string> command = main_command(container);
  bool shell = command.empty() || is_bare_shell(command);
  return flag_at(container, {"stdin"}) && shell ? std::vector<std::string>{"sh"} : std::vector<std::string>();
}

net::awaitable<json::object> run_exec(std::shared_ptr<Machine> machine, std::vector<std::string> argv,
                                      std::string exec_id, ProcessIo* io) {
  Shell shell(*machine, *io);
  ProcessEnd end = co_await shell.execute(argv);
  co_return status_of(end, argv, exec_id);
}

net::awaitable<json::object> run_main(Containers* containers, std::shared_ptr<Container> container,
                                      std::shared_ptr<Machine> machine, std::vector<std::string> argv, ProcessIo* io) {
  Shell shell(*machine, *io);
  ProcessEnd end = co_await shell.execute(std::move(argv));
  if (!io->ended()) containers->end(*container, end.exit_code);
  co_return success();
}

net::awaitable<void> give_input(std::shared_ptr<Container> container, ProcessIo* io) {
  std::shared_ptr<MainInput> input = container->input;
  while (!io->ended()) {
    std::string more = co_await io->read();
    if (more.empty()) break;
    input->bytes += more.size();
    input->pieces.push_back(std::move(more));
    if (input->changed) input->changed();
    for (bool waited = true; waited && input->bytes > most_input;) waited = co_await io->pause(look_every);
  }
  input->ended |= flag_at(container->spec, {"stdinOnce"});
  if (input->changed) input->changed();
}

// The log of the container's run, as it goes on or as it ended; nothing when it is gone.
std::optional<ContainerLog> log_of_run(const Objects& objects, Containers& containers, const Container& container) {
  ObjectPtr pod = objects.store().find_uid(container.pod_uid);
  if (!pod) return std::nullopt;
  json::value value = objects.load_brief(*pod);
  LogRequest request;
  request.container = container.name;
  auto begun = find_log(container.pod, request, containers.logs());
  for (bool previous : {false, true}) {
    request.previous = previous;
    auto log = find_log(value, request, containers.logs());
    if (begun && log && log->same_run(*begun)) return *log;
  }
  return std::nullopt;
}

// What the main process writes, until it ends: from now on, or of one that has just begun all.
net::awaitable<json::object> follow_main(Objects* objects, Containers* containers, std::shared_ptr<Container> container,
                                         bool gives, ProcessIo* io) {
  net::TaskGroup input(co_await net::current_executor());
  if (gives && container->input) input.spawn(give_input(container, io));
  auto now_ms = [&] { return objects->now() * 1000 + 999; };
  auto log = log_of_run(*objects, *containers, *container);
  bool young = objects->now() - container->started_at < young_seconds;
  std::int64_t next = !log ? 0 : young ? log->kept_from(now_ms()) : log->count(now_ms());
  while (log && !io->ended()) {
    bool last = !containers->alive(*container);
    log = log_of_run(*objects, *containers, *container);
    for (std::int64_t end = log ? log->count(now_ms()) : 0; next < end; ++next) {
      LogLine line = log->line(next);
      bool written = co_await io->write(false, line.text + (line.whole ? "\n" : ""));
      if (!written) break;
    }
    if (last) break;
    bool waited = co_await io->pause(look_every);
    if (!waited && !io->take_interrupt()) break;
  }
  input.cancel_all();
  co_await input.join();
  co_return success();
}

net::awaitable<void> refuse_upgrade(net::ResponseWriter* writer, const Upgrade* upgrade) {
  Answer answer{upgrade->refused, "text/plain; charset=utf-8", upgrade->text, upgrade->refused_headers};
  co_await send_answer(writer, std::move(answer));
}

}  // namespace

net::awaitable<void> Api::connect(Call call, net::HttpRequest request, net::ResponseWriter* writer) {
  if (call.method != "GET" && call.method != "POST") {
    co_await send_error(writer, method_not_allowed(), Format::json);
    co_return;
  }
  auto pod = existing(call);
  bool forwards = call.path.subresource == "portforward";
  ApiResult<std::string> container = std::string();
  if (pod) {
    json::value value = objects_.load_brief(**pod);
    if (!forwards) container = container_of(value, call.target.query.get("container"));
    if (container && text_at(value, {"spec", "nodeName"}).empty())
      container = refuse(bad_request("pod " + call.path.name + " does not have a host assigned"));
    auto lost = kubelet_error(objects_, value);
    if (container && lost) container = refuse(plain_error("error dialing backend: " + *lost));
    if (container && !wants_upgrade(request)) container = refuse(bad_request("Upgrade request required"));
  }
  if (!pod || !container) {
    co_await send_error(writer, pod ? container.error() : pod.error(), Format::json);
    co_return;
  }
  if (forwards)
    co_await forward_ports(std::move(*pod), std::move(call), std::move(request), writer);
  else
    co_await run_remote(std::move(*pod), std::move(*container), std::move(call), std::move(request), writer);
}

net::awaitable<void> Api::run_remote(ObjectPtr pod, std::string name, Call call, net::HttpRequest request,
                                     net::ResponseWriter* writer) {
  const Query& query = call.target.query;
  bool attaches = call.path.subresource == "attach";
  RemoteOptions options{query.flag("stdin"), query.flag("stdout"), query.flag("stderr"), query.flag("tty")};
  if (options.tty) options.err = false;
  std::shared_ptr<Container> container = containers_->running(*pod, name);
  Upgrade upgrade;
  if (!options.in && !options.out && !options.err) {
    upgrade.refused = 400;
    upgrade.text = "you must specify at least 1 of stdin, stdout, stderr";
  } else if (!container) {
    upgrade.refused = 500;
    upgrade.text = attaches ? "container " + name + " not found in pod " + pod->name + "_" + pod->namespace_name
                            : "container not found (\"" + name + "\")";
  } else {
    upgrade = negotiate_remote(request, options);
  }
  if (upgrade.refused != 0) {
    co_await refuse_upgrade(writer, &upgrade);
    co_return;
  }
  auto stream = co_await writer->upgrade(std::move(upgrade.headers));
  if (!stream) co_return;
  std::vector<std::string> argv;
  for (std::string_view word : query.all("command")) argv.emplace_back(word);
  auto machine = std::make_shared<Machine>(*containers_, objects_, container);
  bool tty = attaches ? options.tty && flag_at(container->spec, {"tty"}) : options.tty;
  net::Executor executor = co_await net::current_executor();
  RemoteSession session(executor, std::move(upgrade.channels), tty);
  RemoteSession::Process process;
  auto reached = [this, container] { return !kubelet_error(objects_, container->pod); };
  std::function<bool()> alive = [this, container, reached] { return containers_->alive(*container) && reached(); };
  if (!attaches) {
    process = [machine, argv, id = hex_digest(objects_.random())](ProcessIo& io) {
      return run_exec(machine, argv, id, &io);
    };
  } else if (std::vector<std::string> shell = main_shell(container->spec); !shell.empty() && options.in) {
    process = [this, container, machine, shell](ProcessIo& io) {
      return run_main(containers_.get(), container, machine, shell, &io);
    };
  } else {
    process = [this, container, gives = options.in](ProcessIo& io) {
      return follow_main(&objects_, containers_.get(), container, gives, &io);
    };
    alive = reached;  // it sees itself when the container ends, and then shows the rest
  }
  co_await session.serve(stream->get(), std::move(process), std::move(alive));
}

net::awaitable<void> Api::forward_ports(ObjectPtr pod, Call call, net::HttpRequest request,
                                        net::ResponseWriter* writer) {
  json::value value = objects_.load_brief(*pod);
  auto connect = [this, uid = pod->uid](std::int64_t port) -> tl::expected<Connection, std::string> {
    ObjectPtr current = objects_.store().find_uid(uid);
    Connection connection = current ? connect_to_pod(objects_, *current, port) : Connection{};
    if (connection.outcome == Connection::Outcome::answered) return connection;
    std::string sandbox = hex_digest(stable_hash(uid)), number = std::to_string(port);
    return tl::unexpected(
        "error forwarding port " + number + " to pod " + sandbox +
        ", uid : failed to execute portforward in network namespace \"/var/run/netns/cni-" + uid +
        "\": failed to connect to localhost:" + number + " inside namespace \"" + sandbox +
        "\", IPv4: dial tcp4 127.0.0.1:" + number +
        ": connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found ");
  };
  PortForwardUpgrade chosen;
  if (text_at(value, {"status", "phase"}) != "Running") {
    chosen.upgrade.refused = 500;
    chosen.upgrade.text = "pod not found (\"" + pod->name + "_" + pod->namespace_name + "\")";
  } else {
    chosen = negotiate_port_forward(request, call.target.query.all("ports"), std::move(connect));
  }
  if (chosen.upgrade.refused != 0) {
    co_await refuse_upgrade(writer, &chosen.upgrade);
    co_return;
  }
  auto stream = co_await writer->upgrade(std::move(chosen.upgrade.headers));
  if (!stream) co_return;
  auto greeted = co_await (*stream)->write(chosen.forward->greeting());
  std::array<char, 16 << 10> bytes;
  while (greeted && !chosen.forward->ended()) {
    auto count = co_await (*stream)->read_some(bytes);
    if (!count || *count == 0 || kubelet_error(objects_, value)) break;
    greeted = co_await (*stream)->write(chosen.forward->feed(std::string_view(bytes.data(), *count)));
  }
}

}  // namespace fairlead::sandbox
