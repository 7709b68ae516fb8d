// A policy's file: any bytes end in a policy or an Error. What a policy says of itself decides the same, and whatever
// it says, a protected namespace is not changed and a call of everything is never freer than one of a part.
#include <cstdint>
#include <cstdlib>

#include "base/yaml.h"
#include "gate/policy.h"

namespace {

using namespace fairlead;

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const gate::Verdict& a, const gate::Verdict& b) {
  return a.decision == b.decision && a.rule == b.rule && a.reason_required == b.reason_required && a.why == b.why;
}

void ask(const gate::Policy& policy, const gate::Policy& again) {
  const gate::Touch pods{"", "pods", "shop", ""}, system{"", "pods", "kube-system", ""}, each{"", "pods", "*", ""},
      any{"*", "*", "*", ""};
  for (const auto trust : {ops::Trust::read, ops::Trust::write, ops::Trust::destructive}) {
    for (const char* who : {"cli:alice", "mcp:bot"}) {
      gate::PolicyRequest request{{who, {"oncall"}}, "prod", "get_pod", trust, {}, 1'772'600'000};
      const auto decide = [&](std::vector<gate::Touch> touches) {
        request.touches = std::move(touches);
        const gate::Verdict verdict = policy.decide(request);
        require(same(verdict, again.decide(request)));
        require(!verdict.rule.empty() && !verdict.why.empty() && verdict.why.find('\x01') == std::string::npos);
        return verdict.decision;
      };
      const auto part = decide({pods}), whole = decide({each}), all = decide({any});
      require(part <= whole && whole <= all);
      require(decide({pods, system}) >= part);
      request.cluster = "";
      require(decide({pods}) >= part);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto policy = gate::Policy::parse(text);
  if (!policy) {
    require(policy.error().code == ErrorCode::invalid_request && policy.error().sentence().size() < 10'000);
    return 0;
  }
  const std::string shown = to_yaml(policy->document());
  auto again = gate::Policy::parse(shown);
  require(again.has_value());
  require(to_yaml(again->document()) == shown);
  ask(*policy, *again);
  return 0;
}
