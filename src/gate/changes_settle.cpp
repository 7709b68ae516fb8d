// What became of a change whose process has gone: the cluster shows it.
#include <fmt/format.h>

#include "gate/changes.h"
#include "ops/settle.h"

namespace fairlead::gate {

awaitable<Result<void>> Changes::settle(ops::Call& call, const Change& change, Journal::Recorded recorded) {
  const std::int64_t id = change.id;
  auto cluster = co_await kube::identify(call.client, call.deadline);
  if (!cluster) co_return fail(std::move(cluster.error()));
  Journal::End end;
  end.only_interrupted = true;  // whoever else looks may have been quicker
  if (!cluster->is(change.identity)) {
    end.state = ChangeState::interrupted;
    end.error_code = to_string(ErrorCode::conflict);
    end.error = "its process ended, and '" + change.cluster +
                "' names another cluster now than the one that it was made on: look with the kubeconfig of that one";
    co_return co_await journal_.finish(id, std::move(end), clock_.unix_seconds(), call.deadline);
  }
  std::size_t done = 0, gone = 0, total = change.writes.size();
  std::string unclear;
  for (std::size_t i = 0; i < total; ++i) {
    if (change.writes[i].state == WriteState::done) {
      ++done;
      continue;
    }
    if (change.writes[i].state == WriteState::failed) {  // somebody else had done it
      ++gone;
      continue;
    }
    if (change.writes[i].state == WriteState::planned) continue;  // one is under way at a time
    auto settled = co_await ops::settle(call, change.plan.writes[i]);
    if (!settled) co_return fail(std::move(settled.error()));
    if (settled->landed == ops::Landed::yes) {
      // The mark is ours, and tells of another change as well.
      auto others = co_await journal_.is_written_since(change, change.plan.writes[i].object.words(), call.deadline);
      if (!others) co_return fail(std::move(others.error()));
      if (*others) settled->landed = ops::Landed::unclear;
    }
    if (settled->landed == ops::Landed::yes) {
      ++done;
      end.answer = std::pair(i, std::move(settled->after));
    } else if (settled->landed == ops::Landed::not_yet && clock_.unix_seconds() < change.updated + kMayStillLand) {
      end.state = ChangeState::interrupted;
      end.error_code = "cancelled";
      end.error = "its process ended, and its request to change " + change.plan.writes[i].object.words() +
                  " may still be on its way: look again in a minute";
      co_return co_await journal_.finish(id, std::move(end), clock_.unix_seconds(), call.deadline);
    } else {
      end.failed_write = i;
      // What is not there may have been made, and deleted since.
      const bool creates = change.plan.writes[i].before.is_null();
      const bool is_unclear = settled->landed == ops::Landed::unclear || creates;
      end.failed_as = is_unclear ? WriteState::unknown : WriteState::failed;
      if (is_unclear) {
        unclear = change.plan.writes[i].object.words();
        end.may_have_left = std::move(settled->after);
      }
    }
  }
  end.state = done + gone == total && total > 0 ? ChangeState::completed : ChangeState::failed;
  if (end.state == ChangeState::completed) {
    end.verification = "nobody has looked at once; by what the cluster shows, all of it was done";
    if (change.plan.left.empty()) end.undoes = change.undo_of;
  } else {
    end.error_code = "cancelled";
    end.error = unclear.empty() ? fmt::format("its process ended: {} of {} writes were done", done, total)
                                : fmt::format(
                                      "its process ended: {} of {} writes are known to be done, and the cluster "
                                      "does not show whether it was this change that {} is as it is now",
                                      done, total, unclear);
  }
  end.recorded = std::move(recorded);
  co_return co_await journal_.finish(id, std::move(end), clock_.unix_seconds(), call.deadline);
}

}  // namespace fairlead::gate
