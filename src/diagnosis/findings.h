// What a diagnosis found: causes, ranked, each with the evidence for it.
#pragma once

#include <compare>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace fairlead::diagnosis {

struct Unread;  // source.h

struct Ref {
  std::string kind, ns, name;
  auto operator<=>(const Ref&) const = default;
  std::string text() const;  // "Pod shop/web-1", "Node worker-3"
};
Ref ref_of(std::string_view kind, const json::value& object);

// How sure a cause is. Within one, causes that more depends on come first.
enum class Certainty {
  proven,      // the cluster itself shows it: the ConfigMap is not there
  told,        // a component says it: the kubelet's event, the scheduler's message
  inferred,    // it fits what is seen: a line of the log names it
  symptom,     // what happens, without a reason for it
  suspicious,  // wrong or doubtful by itself, with no harm seen
};
std::string_view to_string(Certainty certainty);

struct Cause {
  std::string code;  // stable word for programs: "image_not_found"
  Certainty certainty = Certainty::told;
  std::string sentence;  // for people
  Ref at;                // what has to be mended
  std::vector<std::string> evidence = {};
  std::string next = {};          // what to do about it
  std::vector<Ref> affects = {};  // who suffers from it
};

// Causes that explain something come before symptoms, and these before what is only suspicious; within those, the surer
// first, or the one that more suffer from: for a whole cluster.
enum class Order { certainty, reach };

// Collects what rules find. The same cause found twice becomes one: its evidence and its sufferers together.
class Findings {
 public:
  void add(Cause cause);
  // All of another's, as the reasons for what `sufferer` has; `evidence` says how that was seen.
  void add_reasons(const Findings& reasons, const Ref& sufferer, std::string_view evidence);
  // More sufferers of a cause that is known.
  void add_affected(std::string_view code, const Ref& at, const std::vector<Ref>& affects);
  // That something is not as it should be, whether or not a cause is found.
  void symptom(std::string line);

  bool empty() const { return causes_.empty(); }
  bool explains() const;  // a cause that is more than a symptom, and more than suspicious
  bool healthy() const { return symptoms_.empty() && !explains(); }
  const std::vector<std::string>& symptoms() const { return symptoms_; }
  std::vector<Cause> ranked(Order order = Order::certainty) const;

 private:
  std::vector<Cause> causes_;
  std::vector<std::string> symptoms_;
};

// {"verdict", "healthy", "symptoms", "causes": [{"rank", "code", "certainty", "cause", "at", "affects", "evidence",
// "next"}], "suspicious": […], "not_checked": […]}; what is empty is left out. Texts of the cluster are without
// credentials.
json::object findings_document(const Findings& findings, std::string_view subject, Order order,
                               const std::vector<Unread>& unreadable);

}  // namespace fairlead::diagnosis
