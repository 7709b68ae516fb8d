#include "sandbox/container_files.h"

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_bytes = 8 << 20, most_nodes = 5000, longest_path = 4096;

std::string_view parent_of(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return slash == 0 || slash == path.npos ? std::string_view("/") : path.substr(0, slash);
}

bool below(std::string_view path, std::string_view directory) {
  return directory == "/"
             ? path.size() > 1
             : path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/';
}

}  // namespace

std::string_view words_of(FileProblem problem) {
  switch (problem) {
    case FileProblem::none: return "Success";
    case FileProblem::missing: return "No such file or directory";
    case FileProblem::exists: return "File exists";
    case FileProblem::not_a_directory: return "Not a directory";
    case FileProblem::is_a_directory: return "Is a directory";
    case FileProblem::read_only: return "Read-only file system";
    case FileProblem::full: return "No space left on device";
    case FileProblem::not_empty: return "Directory not empty";
  }
  return "Input/output error";
}

std::string absolute_path(std::string_view directory, std::string_view path) {
  std::vector<std::string_view> steps;
  auto walk = [&](std::string_view part) {
    for (std::string_view step : split(part, '/')) {
      if (step.empty() || step == ".") continue;
      if (step != "..")
        steps.push_back(step);
      else if (!steps.empty())
        steps.pop_back();
    }
  };
  if (!path.starts_with('/')) walk(directory);
  walk(path);
  std::string out;
  for (std::string_view step : steps) out.append("/").append(step);
  return out.empty() ? "/" : out;
}

ContainerFiles::ContainerFiles() {
  mounts_["/"] = false;
  nodes_["/"] = FileNode{FileNode::Kind::directory, "", 0, 0755};
}

const FileNode* ContainerFiles::find(std::string_view path) const {
  auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

bool ContainerFiles::is_directory(std::string_view path) const {
  const FileNode* node = find(path);
  return node && node->kind == FileNode::Kind::directory;
}

std::vector<std::string> ContainerFiles::names(std::string_view directory) const {
  std::string prefix(directory);
  if (prefix != "/") prefix += '/';
  std::vector<std::string> out;
  for (auto at = nodes_.upper_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix); ++at) {
    std::string_view rest = std::string_view(at->first).substr(prefix.size());
    if (rest.find('/') == rest.npos) out.emplace_back(rest);
  }
  return out;
}

bool ContainerFiles::read_only(std::string_view path) const {
  bool out = false;
  std::size_t longest = 0;
  for (const auto& [place, mode] : mounts_) {
    if ((path != place && !below(path, place)) || place.size() < longest) continue;
    longest = place.size();
    out = mode;
  }
  return out;
}

FileProblem ContainerFiles::check_parent(std::string_view path) const {
  const FileNode* parent = find(parent_of(path));
  if (!parent) return FileProblem::missing;
  if (parent->kind != FileNode::Kind::directory) return FileProblem::not_a_directory;
  if (read_only(path)) return FileProblem::read_only;
  return FileProblem::none;
}

FileProblem ContainerFiles::write(std::string_view path, std::string_view content, bool append, std::int64_t now) {
  auto found = nodes_.find(path);
  if (found != nodes_.end() && found->second.kind == FileNode::Kind::directory) return FileProblem::is_a_directory;
  if (found != nodes_.end() && found->second.kind == FileNode::Kind::null_device) return FileProblem::none;
  if (auto problem = check_parent(path); problem != FileProblem::none) return problem;
  std::size_t kept = found != nodes_.end() && append ? 0 : found != nodes_.end() ? found->second.content.size() : 0;
  if (bytes_ - kept + content.size() > most_bytes) return FileProblem::full;
  if (found == nodes_.end()) {
    if (nodes_.size() >= most_nodes || path.size() > longest_path) return FileProblem::full;
    found = nodes_.emplace(std::string(path), FileNode()).first;
  }
  if (!append) found->second.content.clear();
  found->second.content += content;
  found->second.modified = now;
  bytes_ = bytes_ - kept + content.size();
  return FileProblem::none;
}

FileProblem ContainerFiles::touch(std::string_view path, std::int64_t now) {
  auto found = nodes_.find(path);
  if (found == nodes_.end()) return write(path, "", false, now);
  if (read_only(path)) return FileProblem::read_only;
  found->second.modified = now;
  return FileProblem::none;
}

FileProblem ContainerFiles::make_directory(std::string_view path, bool parents, std::int64_t now) {
  if (const FileNode* node = find(path))
    return parents && node->kind == FileNode::Kind::directory ? FileProblem::none : FileProblem::exists;
  if (parents && !find(parent_of(path))) {
    if (auto problem = make_directory(parent_of(path), true, now); problem != FileProblem::none) return problem;
  }
  if (auto problem = check_parent(path); problem != FileProblem::none) return problem;
  if (nodes_.size() >= most_nodes || path.size() > longest_path) return FileProblem::full;
  nodes_.emplace(std::string(path), FileNode{FileNode::Kind::directory, "", now, 0755});
  return FileProblem::none;
}

FileProblem ContainerFiles::remove(std::string_view path, bool recursive) {
  auto found = nodes_.find(path);
  if (found == nodes_.end()) return FileProblem::missing;
  if (read_only(path) || path == "/") return FileProblem::read_only;
  if (found->second.kind == FileNode::Kind::directory) {
    if (!recursive) return names(path).empty() ? (nodes_.erase(found), FileProblem::none) : FileProblem::not_empty;
    for (const auto& [place, mode] : mounts_) {
      if (mode && below(place, path)) return FileProblem::read_only;
    }
    std::string prefix = std::string(path) + "/";
    for (auto at = nodes_.upper_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix);) {
      bytes_ -= at->second.content.size();
      at = nodes_.erase(at);
    }
  }
  bytes_ -= found->second.content.size();
  nodes_.erase(found);
  return FileProblem::none;
}

FileProblem ContainerFiles::set_mode(std::string_view path, int mode) {
  auto found = nodes_.find(path);
  if (found == nodes_.end()) return FileProblem::missing;
  if (read_only(path)) return FileProblem::read_only;
  found->second.mode = mode;
  return FileProblem::none;
}

void ContainerFiles::place(std::string_view path, FileNode node) {
  if (path != "/" && !find(parent_of(path)))
    place(parent_of(path), FileNode{FileNode::Kind::directory, "", node.modified, 0755});
  FileNode& slot = nodes_[std::string(path)];
  bytes_ += node.content.size();
  bytes_ -= slot.content.size();
  slot = std::move(node);
}

void ContainerFiles::mount(std::string_view path, bool is_read_only, bool fresh, std::int64_t now) {
  if (fresh) {
    std::string prefix = std::string(path) + "/";
    for (auto at = nodes_.upper_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix);) {
      bytes_ -= at->second.content.size();
      at = nodes_.erase(at);
    }
  }
  mounts_[std::string(path)] = is_read_only;
  if (!is_directory(path)) place(path, FileNode{FileNode::Kind::directory, "", now, 0755});
}

}  // namespace fairlead::sandbox
