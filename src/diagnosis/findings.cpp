#include "diagnosis/findings.h"

#include <algorithm>

#include "diagnosis/source.h"
#include "ops/clip.h"
#include "redact/redact.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::size_t kMostEvidence = 6, kMostAffected = 8, kMostSymptoms = 12, kMostCauses = 15, kLine = 320;

std::string shown(std::string_view text) { return ops::clip(redact::text(text), kLine); }

template <class T>
void add_new(std::vector<T>& to, const std::vector<T>& from) {
  for (const auto& item : from)
    if (std::find(to.begin(), to.end(), item) == to.end()) to.push_back(item);
}

bool explains(const Cause& cause) { return cause.certainty < Certainty::symptom; }

// Whether enough was read to call something healthy: what may not be read at all says nothing, but pods and events are
// needed, and what did not come in time might have shown anything.
bool complete(const std::vector<Unread>& unreadable) {
  return std::none_of(unreadable.begin(), unreadable.end(), [](const Unread& one) {
    return one.code != ErrorCode::permission_denied || one.what == kinds::pods.plural ||
           one.what == kinds::events.plural;
  });
}

// "… and 12 more" stands for what is left out.
json::array texts(const std::vector<std::string>& lines, std::size_t most) {
  json::array out;
  for (std::size_t i = 0; i < std::min(lines.size(), most); ++i) out.emplace_back(shown(lines[i]));
  if (lines.size() > most) out.emplace_back("… and " + std::to_string(lines.size() - most) + " more");
  return out;
}

json::object cause_document(const Cause& cause, std::size_t rank) {
  json::object out;
  if (rank > 0) out["rank"] = rank;
  out["code"] = cause.code;
  out["certainty"] = to_string(cause.certainty);
  out["cause"] = shown(cause.sentence);
  out["at"] = cause.at.text();
  std::vector<std::string> affected;
  for (const auto& ref : cause.affects)
    if (ref != cause.at) affected.push_back(ref.text());
  if (!affected.empty()) out["affects"] = texts(affected, kMostAffected);
  if (!cause.evidence.empty()) out["evidence"] = texts(cause.evidence, kMostEvidence);
  if (!cause.next.empty()) out["next"] = shown(cause.next);
  return out;
}

}  // namespace

std::string_view to_string(Certainty certainty) {
  switch (certainty) {
    case Certainty::proven: return "proven";
    case Certainty::told: return "told";
    case Certainty::inferred: return "inferred";
    case Certainty::symptom: return "symptom";
    case Certainty::suspicious: return "suspicious";
  }
  return "symptom";
}

std::string Ref::text() const { return kind + " " + (ns.empty() ? "" : ns + "/") + name; }

std::string Unread::text() const {
  return what + (ns.empty() ? "" : " of " + ns) + " (" + std::string(code ? to_string(*code) : "too many") + ")";
}

Ref ref_of(std::string_view kind, const json::value& object) {
  return {std::string(kind), std::string(text_at(object, {"metadata", "namespace"})),
          std::string(text_at(object, {"metadata", "name"}))};
}

void Findings::add(Cause cause) {
  for (auto& known : causes_) {
    if (known.code != cause.code || known.at != cause.at || known.sentence != cause.sentence) continue;
    known.certainty = std::min(known.certainty, cause.certainty);
    add_new(known.evidence, cause.evidence);
    add_new(known.affects, cause.affects);
    return;
  }
  causes_.push_back(std::move(cause));
}

void Findings::add_reasons(const Findings& reasons, const Ref& sufferer, std::string_view evidence) {
  for (Cause cause : reasons.causes_) {
    if (diagnosis::explains(cause)) {
      add_new(cause.affects, {sufferer});
      if (!evidence.empty()) add_new(cause.evidence, {std::string(evidence)});
    }
    add(std::move(cause));
  }
  for (const auto& line : reasons.symptoms_) symptom(line);
}

void Findings::add_affected(std::string_view code, const Ref& at, const std::vector<Ref>& affects) {
  for (auto& cause : causes_)
    if (cause.code == code && cause.at == at) add_new(cause.affects, affects);
}

void Findings::symptom(std::string line) { add_new(symptoms_, {std::move(line)}); }

bool Findings::explains() const {
  return std::any_of(causes_.begin(), causes_.end(), [](const Cause& cause) { return diagnosis::explains(cause); });
}

std::vector<Cause> Findings::ranked(Order order) const {
  std::vector<Cause> out = causes_;
  const auto tier = [](const Cause& cause) {
    return cause.certainty < Certainty::symptom ? 0 : static_cast<int>(cause.certainty);
  };
  std::stable_sort(out.begin(), out.end(), [&](const Cause& a, const Cause& b) {
    if (tier(a) != tier(b)) return tier(a) < tier(b);
    if (order == Order::reach && a.affects.size() != b.affects.size()) return a.affects.size() > b.affects.size();
    if (a.certainty != b.certainty) return a.certainty < b.certainty;
    return a.affects.size() > b.affects.size();
  });
  return out;
}

json::object findings_document(const Findings& findings, std::string_view subject, Order order,
                               const std::vector<Unread>& unreadable) {
  json::object out;
  out["subject"] = subject;
  json::array causes, suspicious;
  std::size_t left_out = 0;
  std::string top;
  const std::vector<Cause> all = findings.ranked(order);
  for (const auto& cause : all) {
    if (cause.certainty == Certainty::suspicious) {
      // What harms already stands among the causes.
      if (std::any_of(all.begin(), all.end(), [&](const Cause& other) {
            return other.code == cause.code && other.at == cause.at && other.certainty < Certainty::suspicious;
          }))
        continue;
      if (suspicious.size() < kMostCauses) suspicious.push_back(cause_document(cause, 0));
      continue;
    }
    if (top.empty()) {
      const bool named = cause.sentence.find(cause.at.name) != std::string::npos;
      top = (named ? "" : cause.at.text() + ": ") + shown(cause.sentence);
    }
    if (causes.size() < kMostCauses)
      causes.push_back(cause_document(cause, causes.size() + 1));
    else
      ++left_out;
  }
  std::string verdict;
  if (!causes.empty())
    verdict =
        (findings.explains() ? "" : "no cause was found beyond what is seen: ") + top +
        (causes.size() + left_out > 1 ? " (the first of " + std::to_string(causes.size() + left_out) + " causes)" : "");
  else if (!findings.symptoms().empty())
    verdict = "something is not as it should be, and its cause was not found";
  else if (!complete(unreadable))
    verdict = "nothing wrong was found in what could be read: see not_checked";
  else
    verdict =
        suspicious.empty() ? "healthy: nothing wrong was found" : "healthy, but something looks wrong: see suspicious";
  out["verdict"] = verdict;
  out["healthy"] = findings.healthy() && causes.empty() && complete(unreadable);
  if (!findings.symptoms().empty()) out["symptoms"] = texts(findings.symptoms(), kMostSymptoms);
  if (!causes.empty()) out["causes"] = std::move(causes);
  if (left_out > 0) out["more_causes"] = left_out;
  if (!suspicious.empty()) out["suspicious"] = std::move(suspicious);
  std::vector<std::string> not_checked;
  for (const auto& one : unreadable) not_checked.push_back(one.text());
  if (!not_checked.empty()) out["not_checked"] = texts(not_checked, kMostSymptoms);
  return out;
}

}  // namespace fairlead::diagnosis
