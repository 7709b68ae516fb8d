#include "kube/remote_command.h"

#include "kube/remote_session.h"

namespace fairlead::kube {
namespace {

// Keeps the beginning of both.
class Kept final : public RemoteStreams {
 public:
  Kept(CommandOutcome& outcome, std::size_t most) : outcome_(outcome), most_(most) {}
  awaitable<Result<void>> begun(bool) override { co_return Result<void>(); }
  awaitable<Result<RemoteInput>> input() override { co_return RemoteInput{"", true, {}}; }
  awaitable<Result<void>> output(bool is_error_output, std::string_view bytes) override {
    CommandOutput& output = is_error_output ? outcome_.err : outcome_.out;
    output.bytes += bytes.size();
    output.text.append(bytes.substr(0, most_ - output.text.size()));
    co_return Result<void>();
  }
  Duration idle_limit() const override { return Duration::max(); }

 private:
  CommandOutcome& outcome_;
  const std::size_t most_;
};

}  // namespace

awaitable<Result<CommandOutcome>> run_command(Client& client, RemoteCommand command, Deadline deadline) {
  CommandOutcome out;
  Kept kept(out, command.most_bytes);
  RemoteSession session{std::move(command.ns), std::move(command.pod), std::move(command.container),
                        std::move(command.command)};
  auto end = co_await run_session(client, std::move(session), kept, deadline);
  if (!end) co_return fail(std::move(end.error()));
  out.exit_code = end->exit_code.value_or(0);  // it is told: nothing else ends this session
  co_return out;
}

}  // namespace fairlead::kube
