#include "sandbox/field_set.h"

#include "sandbox/stored_form.h"
#include "sandbox/structured_merge.h"

namespace fairlead::sandbox {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t number_end(std::string_view text, std::size_t from) {
  while (from < text.size() && is_digit(text[from])) ++from;
  return from;
}

std::string element_text(std::string_view element) {
  std::string_view rest = element.size() > 2 ? element.substr(2) : std::string_view();
  if (element.starts_with("f:")) return "." + std::string(rest);
  if (element.starts_with("v:")) return "[=" + std::string(rest) + "]";
  if (element.starts_with("i:")) return "[" + std::string(rest) + "]";
  auto keys = parse_json(rest, "read a list item's key");
  std::string out = "[";
  if (keys && keys->is_object()) {
    for (const auto& key : keys->get_object()) {
      if (out.size() > 1) out += ',';
      out += std::string(key.key()) + "=" + compact(key.value());
    }
  }
  return out + "]";
}

bool is_element(std::string_view text) {
  return text.starts_with("f:") || text.starts_with("k:{") || text.starts_with("v:") || text.starts_with("i:");
}

}  // namespace

std::string path_text(const FieldPath& path) {
  std::string out;
  for (const std::string& element : path) out += element_text(element);
  return out;
}

bool FieldSet::Less::operator()(std::string_view a, std::string_view b) const {
  std::size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  std::size_t start = i;
  while (start > 0 && is_digit(a[start - 1])) --start;
  bool numbers = !a.starts_with('f') && start > 0 && a[start - 1] == ':' && number_end(a, start) > start &&
                 number_end(b, start) > start;
  if (!numbers) return a < b;
  std::size_t left = number_end(a, start), right = number_end(b, start);
  return left != right ? left < right : a < b;
}

std::optional<FieldSet> FieldSet::parse(const json::value& fields_v1) {
  if (!fields_v1.is_object()) return std::nullopt;
  FieldSet out;
  for (const auto& entry : fields_v1.get_object()) {
    if (entry.key() == ".") {
      out.member_ = true;
      continue;
    }
    if (!is_element(entry.key())) return std::nullopt;
    auto below = parse(entry.value());
    if (!below) return std::nullopt;
    if (below->children_.empty()) below->member_ = true;
    out.children_.emplace(std::string(entry.key()), std::move(*below));
  }
  return out;
}

json::object FieldSet::fields_v1() const {
  json::object out;
  if (member_ && !children_.empty()) out["."] = json::object();
  for (const auto& [element, below] : children_) out[element] = below.fields_v1();
  return out;
}

bool FieldSet::empty() const { return !member_ && children_.empty(); }

const FieldSet* FieldSet::below(std::string_view element) const {
  auto found = children_.find(element);
  return found == children_.end() ? nullptr : &found->second;
}

bool FieldSet::has(const FieldPath& path) const {
  const FieldSet* at = this;
  for (const std::string& element : path) {
    at = at->below(element);
    if (!at) return false;
  }
  return at->member_;
}

void FieldSet::insert(const FieldPath& path) {
  FieldSet* at = this;
  for (const std::string& element : path) at = &at->children_[element];
  if (at != this) at->member_ = true;
}

void FieldSet::erase(const FieldPath& path) {
  FieldSet only;
  only.insert(path);
  subtract(only);
}

void FieldSet::erase_below(std::string_view element) {
  if (auto found = children_.find(element); found != children_.end()) children_.erase(found);
}

void FieldSet::keep_only_below(std::string_view element) {
  std::erase_if(children_, [&](const auto& child) { return child.first != element; });
}

void FieldSet::unite(const FieldSet& other) {
  member_ = member_ || other.member_;
  for (const auto& [element, below] : other.children_) children_[element].unite(below);
}

void FieldSet::subtract(const FieldSet& other) {
  if (other.member_) member_ = false;
  for (const auto& [element, below] : other.children_) {
    auto mine = children_.find(element);
    if (mine == children_.end()) continue;
    mine->second.subtract(below);
    if (mine->second.empty()) children_.erase(mine);
  }
}

void FieldSet::intersect(const FieldSet& other) {
  member_ = member_ && other.member_;
  for (auto mine = children_.begin(); mine != children_.end();) {
    if (const FieldSet* theirs = other.below(mine->first)) {
      mine->second.intersect(*theirs);
      if (!mine->second.empty()) {
        ++mine;
        continue;
      }
    }
    mine = children_.erase(mine);
  }
}

void FieldSet::each(const std::function<void(const FieldPath&)>& visitor) const {
  FieldPath path;
  visit(&path, visitor);
}

void FieldSet::visit(FieldPath* path, const std::function<void(const FieldPath&)>& visitor) const {
  for (const auto& [element, below] : children_) {
    if (!below.member_) continue;
    path->push_back(element);
    visitor(*path);
    path->pop_back();
  }
  for (const auto& [element, below] : children_) {
    path->push_back(element);
    below.visit(path, visitor);
    path->pop_back();
  }
}

json::object field_set(const Message& message, const json::value& value) {
  json::value nothing = as_stored(message, json::object());
  Comparison change = compare(MergeType::of(&message), nothing, as_stored(message, value));
  change.added.unite(change.modified);
  return change.added.fields_v1();
}

}  // namespace fairlead::sandbox
