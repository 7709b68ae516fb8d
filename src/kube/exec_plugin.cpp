#include "kube/exec_plugin.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace fairlead::kube {
namespace {

constexpr std::int64_t expiry_margin_seconds = 10;
constexpr std::size_t longest_hint = 500;
constexpr std::string_view info_variable = "KUBERNETES_EXEC_INFO";

struct Cached {
  Authorization authorization;
  std::int64_t until;
};

// One run that several callers may wait for.
struct Flight {
  explicit Flight(net::Executor executor) : done(std::move(executor)) {}
  net::Event done;
  std::optional<Result<Authorization>> result;
  std::size_t waiters = 0;
  net::TaskGroup::Id task = 0;
};

struct State {
  ExecConfig config;
  ExecCluster cluster;
  ExecSurroundings surroundings;
  std::string step;
  std::optional<Cached> cached;
  std::shared_ptr<Flight> flight;
};

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

std::string value_of(const std::vector<std::string>& environment, std::string_view name) {
  for (const auto& variable : environment)
    if (name_of(variable) == name && variable.size() > name.size()) return variable.substr(name.size() + 1);
  return {};
}

void set_variable(std::vector<std::string>& environment, std::string_view name, std::string_view value) {
  std::erase_if(environment, [&](const std::string& variable) { return name_of(variable) == name; });
  environment.push_back(std::string(name) + "=" + std::string(value));
}

constexpr std::string_view install = "Install it, or put its directory into PATH";

// The kubeconfig's author says how.
std::string hint_of(const ExecConfig& config) {
  return std::string(trim(std::string_view(config.install_hint).substr(0, longest_hint)));
}

tl::unexpected<Error> no_credential(const std::string& step, std::string cause, std::string remedy,
                                    std::string foreign = {}) {
  return fail_with(std::move(foreign), ErrorCode::authentication_failed, step, std::move(cause), std::move(remedy));
}

Result<net::ProcessOptions> process_options(const State& state) {
  const auto& config = state.config;
  const auto& surroundings = state.surroundings;
  if (config.interactive_mode == "Always" && !surroundings.terminal)
    return no_credential(
        state.step, "it must be able to ask (interactiveMode Always), and there is no terminal",
        "Log in with it by hand first and set interactiveMode to IfAvailable, or use another kind of credential");
  auto program = net::find_program(config.command, value_of(surroundings.environment, "PATH"));
  if (!program)
    return no_credential(state.step, "there is no program \"" + plain_word(config.command) + "\" in PATH",
                         std::string(install), hint_of(config));
  const bool interactive = surroundings.terminal && config.interactive_mode != "Never";
  net::ProcessOptions options;
  options.program = std::move(*program);
  options.arguments = config.args;
  options.arguments.insert(options.arguments.begin(), config.command);
  options.environment = surroundings.environment;
  for (const auto& variable : config.env) set_variable(options.environment, variable.name, variable.value.reveal());
  set_variable(options.environment, info_variable, exec_info(config, state.cluster, interactive));
  options.input = interactive ? net::ProcessOptions::Input::terminal : net::ProcessOptions::Input::none;
  options.diagnostics = surroundings.show_diagnostics ? net::ProcessOptions::Diagnostics::inherit
                                                      : net::ProcessOptions::Diagnostics::capture;
  return options;
}

tl::unexpected<Error> not_run(const State& state, Error error) {
  switch (error.code) {
    case ErrorCode::not_found:
      return no_credential(state.step, error.cause, std::string(install), hint_of(state.config));
    case ErrorCode::permission_denied:
      return no_credential(state.step, error.cause, "Make it executable for the user that runs Fairlead");
    case ErrorCode::timeout:
    case ErrorCode::cancelled: return fail(error.code, state.step, error.cause, error.remedy);
    default: return no_credential(state.step, error.cause, error.remedy);
  }
}

Result<ExecAnswer> read_result(const State& state, const net::ProcessResult& result) {
  if (result.output_limit_passed)
    return no_credential(state.step, "it printed more than 1 MiB",
                         "Check that the command prints an ExecCredential and nothing else");
  if (result.signal == 0 && result.exit_code == 0)
    return parse_exec_credential(result.output.reveal(), state.config.api_version, state.step);
  std::string cause = result.signal != 0 ? "it was ended by signal " + std::to_string(result.signal)
                                         : "it failed with exit code " + std::to_string(result.exit_code);
  return no_credential(state.step, std::move(cause),
                       "Run the command by hand to see what it needs; often a login has expired",
                       presentable_diagnostics(result.diagnostics, state.config, result.output.reveal()));
}

std::int64_t now(const State& state) { return state.surroundings.clock->unix_seconds(); }

// A short-lived credential is used for at least half of its time.
std::int64_t fresh_until(std::int64_t now, std::optional<std::int64_t> expires) {
  if (!expires) return std::numeric_limits<std::int64_t>::max();
  return *expires - std::clamp<std::int64_t>((*expires - now) / 2, 0, expiry_margin_seconds);
}

awaitable<Result<Authorization>> run_once(std::shared_ptr<State> state) {
  auto options = process_options(*state);
  if (!options) co_return fail(std::move(options.error()));
  // The run lives as long as somebody waits for it; they bring the deadlines.
  auto result = co_await state->surroundings.runner(std::move(*options), Deadline::never());
  if (!result) co_return not_run(*state, std::move(result.error()));
  auto answer = read_result(*state, *result);
  if (!answer) co_return fail(std::move(answer.error()));
  state->cached = Cached{answer->authorization, fresh_until(now(*state), answer->expires)};
  co_return std::move(answer->authorization);
}

awaitable<void> fly(std::shared_ptr<State> state, std::shared_ptr<Flight> flight) {
  Result<Authorization> result = co_await run_once(state);
  flight->result = std::move(result);
  if (state->flight == flight) state->flight.reset();
  flight->done.set();
}

class ExecCredentials final : public Credentials {
 public:
  explicit ExecCredentials(std::shared_ptr<State> state) : state_(std::move(state)) {}

  awaitable<Result<Authorization>> get(Deadline deadline) override {
    auto state = state_;
    if (state->cached && now(*state) < state->cached->until) co_return state->cached->authorization;
    state->cached.reset();
    if (!state->flight) {
      net::Executor executor = co_await net::current_executor();
      start(executor);
    }
    auto flight = state->flight;
    std::weak_ptr<net::TaskGroup> tasks = tasks_;
    ++flight->waiters;
    auto waited = co_await flight->done.wait(deadline);
    --flight->waiters;
    if (flight->result) co_return *flight->result;
    if (flight->waiters == 0) {
      if (state->flight == flight) state->flight.reset();
      if (auto group = tasks.lock()) group->cancel(flight->task);
    }
    if (waited) co_return fail(ErrorCode::cancelled, state->step, "the call was cancelled");
    if (waited.error().code == ErrorCode::timeout)
      co_return fail(ErrorCode::timeout, state->step, "it did not answer in time",
                     "Run the command by hand to see what it waits for");
    co_return fail(waited.error().code, state->step, waited.error().cause);
  }

  bool rejected() override {
    state_->cached.reset();
    return true;
  }

 private:
  void start(net::Executor executor) {
    if (!tasks_) tasks_ = std::make_shared<net::TaskGroup>(executor);
    state_->flight = std::make_shared<Flight>(executor);
    state_->flight->task = tasks_->spawn(fly(state_, state_->flight));
  }

  std::shared_ptr<State> state_;
  std::shared_ptr<net::TaskGroup> tasks_;
};

}  // namespace

std::shared_ptr<Credentials> exec_credentials(ExecConfig config, ExecCluster cluster, ExecSurroundings surroundings) {
  auto state = std::make_shared<State>();
  if (!surroundings.clock) surroundings.clock = std::make_shared<SystemClock>();
  if (!surroundings.runner) surroundings.runner = net::run_process;
  state->step = "run the exec plugin " + plain_word(config.command);
  state->config = std::move(config);
  state->cluster = std::move(cluster);
  state->surroundings = std::move(surroundings);
  return std::make_shared<ExecCredentials>(std::move(state));
}

}  // namespace fairlead::kube
