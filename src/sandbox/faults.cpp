#include "sandbox/faults.h"

#include <algorithm>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_rules = 100, longest_text = 1024;
constexpr std::int64_t longest_delay_ms = 600'000;

// Takes members out of a JSON object one by one and remembers the first thing that is wrong.
class Reader {
 public:
  explicit Reader(const json::value& value, std::string where) : where_(std::move(where)) {
    if (value.is_object()) {
      rest_ = value.get_object();
    } else {
      fail("it must be an object");
    }
  }
  void text(std::string_view name, std::string& out) {
    if (auto value = take(name)) {
      if (value->is_string() && value->get_string().size() <= longest_text)
        out = std::string(value->get_string());
      else
        fail(std::string(name) + " must be a text of at most 1,024 bytes");
    }
  }
  template <class Number>
  void number(std::string_view name, Number& out, std::int64_t least, std::int64_t most) {
    if (auto value = take(name)) {
      if (value->is_int64() && value->get_int64() >= least && value->get_int64() <= most)
        out = static_cast<Number>(value->get_int64());
      else
        fail(std::string(name) + " must be a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
  }
  std::optional<bool> flag(std::string_view name) {
    auto value = take(name);
    if (value && !value->is_bool()) fail(std::string(name) + " must be true or false");
    return value && value->is_bool() ? std::optional<bool>(value->get_bool()) : std::nullopt;
  }
  std::optional<json::value> take(std::string_view name) {
    auto found = rest_.find(name);
    if (found == rest_.end()) return std::nullopt;
    json::value out = std::move(found->value());
    rest_.erase(found);
    return out;
  }
  void fail(const std::string& why) {
    if (problem.empty()) problem = where_ + why;
  }
  void finish() {
    if (!rest_.empty())
      fail("there is no member '" +
           escape_untrusted(std::string_view(rest_.begin()->key()).substr(0, 80), Newlines::escape) + "'");
  }
  std::string problem;

 private:
  std::string where_;
  json::object rest_;
};

StatusError status_of(const FaultRule& rule) {
  std::string message = rule.message.empty() ? "fault '" + rule.name + "' asked for this answer" : rule.message;
  if (rule.status == 429) return too_many_requests(std::move(message), rule.retry_after);
  StatusError out = internal_error(message);
  out.code = rule.status;
  out.message = std::move(message);
  constexpr std::pair<int, const char*> reasons[] = {
      {400, "BadRequest"},         {401, "Unauthorized"}, {403, "Forbidden"}, {404, "NotFound"},
      {409, "Conflict"},           {410, "Expired"},      {422, "Invalid"},   {500, "InternalError"},
      {503, "ServiceUnavailable"}, {504, "Timeout"}};
  out.reason = "";
  for (auto [code, reason] : reasons) {
    if (code == rule.status) out.reason = reason;
  }
  out.details = json::object();
  if (rule.retry_after > 0) out.details["retryAfterSeconds"] = rule.retry_after;
  return out;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

tl::expected<FaultRule, std::string> Faults::read(const json::value& value) {
  FaultRule rule;
  Reader reader(value, "a fault: ");
  reader.text("name", rule.name);
  if (rule.name.empty()) reader.fail("it needs a name");
  if (auto match = reader.take("match")) {
    Reader inner(*match, "a fault's match: ");
    if (auto methods = inner.take("methods")) {
      if (!methods->is_array() || methods->get_array().size() > 10) inner.fail("methods must be a list");
      for (const json::value& method : methods->is_array() ? methods->get_array() : json::array()) {
        if (!method.is_string())
          inner.fail("methods must be a list of texts");
        else
          rule.methods.emplace_back(method.get_string());
      }
    }
    inner.text("path", rule.path);
    rule.watch = inner.flag("watch");
    inner.text("userAgent", rule.user_agent);
    inner.finish();
    if (!inner.problem.empty()) return tl::unexpected(inner.problem);
  }
  reader.number("percent", rule.percent, 0, 100);
  reader.number("skip", rule.skip, 0, 1'000'000'000);
  reader.number("times", rule.times, -1, 1'000'000'000);
  reader.number("delayMs", rule.delay_ms, 0, longest_delay_ms);
  reader.number("status", rule.status, 400, 599);
  reader.text("message", rule.message);
  reader.number("retryAfter", rule.retry_after, 0, 3600);
  rule.drop = reader.flag("drop").value_or(false);
  reader.number("tearAfter", rule.tear_after, 0, std::int64_t{1} << 40);
  reader.finish();
  int effects = (rule.status != 0) + rule.drop + (rule.tear_after >= 0);
  if (effects > 1) reader.fail("status, drop and tearAfter exclude each other");
  if (effects == 0 && rule.delay_ms == 0) reader.fail("it needs an effect: delayMs, status, drop or tearAfter");
  if (!reader.problem.empty()) return tl::unexpected(reader.problem);
  return rule;
}

json::object Faults::show(const FaultRule& rule) {
  json::object match;
  if (!rule.methods.empty()) match["methods"] = json::array(rule.methods.begin(), rule.methods.end());
  match["path"] = rule.path;
  if (rule.watch) match["watch"] = *rule.watch;
  if (!rule.user_agent.empty()) match["userAgent"] = rule.user_agent;
  json::object out{{"name", rule.name}, {"match", std::move(match)}, {"percent", rule.percent}};
  if (rule.skip > 0) out["skip"] = rule.skip;
  if (rule.times >= 0) out["times"] = rule.times;
  if (rule.delay_ms > 0) out["delayMs"] = rule.delay_ms;
  if (rule.status != 0) out["status"] = rule.status;
  if (!rule.message.empty()) out["message"] = rule.message;
  if (rule.retry_after > 0) out["retryAfter"] = rule.retry_after;
  if (rule.drop) out["drop"] = true;
  if (rule.tear_after >= 0) out["tearAfter"] = rule.tear_after;
  return out;
}

bool Faults::set(FaultRule rule) {
  auto same = std::find_if(rules_.begin(), rules_.end(), [&](const Held& held) { return held.rule.name == rule.name; });
  if (same != rules_.end()) {
    *same = Held{std::move(rule)};
    return true;
  }
  if (rules_.size() >= most_rules) return false;
  rules_.push_back(Held{std::move(rule)});
  return true;
}

bool Faults::remove(std::string_view name) {
  return std::erase_if(rules_, [&](const Held& held) { return held.rule.name == name; }) > 0;
}

json::array Faults::show() const {
  json::array out;
  for (const Held& held : rules_) {
    json::object entry = show(held.rule);
    entry["seen"] = held.seen;
    entry["hits"] = held.hits;
    out.push_back(std::move(entry));
  }
  return out;
}

FaultEffect Faults::hit(std::string_view method, std::string_view path, bool watch, std::string_view user_agent) {
  FaultEffect out;
  bool decided = false;
  for (Held& held : rules_) {
    const FaultRule& rule = held.rule;
    if (!rule.methods.empty() && std::find(rule.methods.begin(), rule.methods.end(), method) == rule.methods.end())
      continue;
    if (rule.watch && *rule.watch != watch) continue;
    if (!rule.user_agent.empty() && user_agent.find(rule.user_agent) == user_agent.npos) continue;
    if (!matches_pattern(rule.path, path)) continue;
    std::int64_t number = held.seen++ - rule.skip;
    if (number < 0 || (rule.times >= 0 && held.hits >= rule.times)) continue;
    // Evenly spread: 30 percent hit three of any ten in a row.
    if ((number + 1) * rule.percent / 100 == number * rule.percent / 100) continue;
    ++held.hits;
    out.delay_ms = std::min(out.delay_ms + rule.delay_ms, longest_delay_ms);
    bool decides = rule.status != 0 || rule.drop || rule.tear_after >= 0;
    if (decided || !decides) continue;
    decided = true;
    if (rule.status != 0) {
      out.error = status_of(rule);
      out.retry_after = rule.retry_after;
    }
    out.drop = rule.drop;
    out.tear_after = rule.tear_after;
  }
  return out;
}

}  // namespace fairlead::sandbox
