// Archives of files (POSIX ustar), as tar in a container makes and reads them for kubectl cp.
#include <algorithm>

#include "sandbox/commands.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t block = 512;

std::string octal(std::size_t value, int digits) {
  std::string out(static_cast<std::size_t>(digits), '0');
  for (int i = digits - 1; i >= 0; --i, value /= 8)
    out[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 8);
  return out;
}

std::size_t number(std::string_view field) {
  std::size_t out = 0;
  for (char c : field) {
    if (c >= '0' && c <= '7')
      out = out * 8 + static_cast<std::size_t>(c - '0');
    else if (c != ' ')
      break;
    if (out > (std::size_t(1) << 40)) return out;
  }
  return out;
}

std::string text(std::string_view field) { return std::string(field.substr(0, field.find('\0'))); }

void put(std::string& header, std::size_t at, std::string_view value) { header.replace(at, value.size(), value); }

std::size_t checksum(std::string_view header) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < block; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header[i]);
  return sum;
}

std::size_t rounded(std::size_t size) { return (size + block - 1) / block * block; }

}  // namespace

std::string tar_of(const ContainerFiles& files,
                   const std::vector<std::pair<std::string, std::string>>& names_and_paths) {
  std::string out;
  for (const auto& [given, path] : names_and_paths) {
    const FileNode* node = files.find(path);
    std::string name = given.substr(std::min(given.find_first_not_of('/'), given.size()));
    if (!node || node->kind == FileNode::Kind::null_device || name.empty()) continue;
    bool directory = node->kind == FileNode::Kind::directory;
    if (directory) name += "/";
    std::string header(block, '\0');
    if (name.size() > 100) {
      // The part in front goes into another field, cut at a slash; what does not fit has no place in the format.
      std::size_t cut = name.rfind('/', 154);
      if (cut == name.npos || name.size() - cut - 1 > 100) continue;
      put(header, 345, std::string_view(name).substr(0, cut));
      put(header, 0, std::string_view(name).substr(cut + 1));
    } else {
      put(header, 0, name);
    }
    put(header, 100, octal(static_cast<std::size_t>(node->mode), 7));
    put(header, 108, octal(0, 7));
    put(header, 116, octal(0, 7));
    put(header, 124, octal(directory ? 0 : node->content.size(), 11));
    put(header, 136, octal(static_cast<std::size_t>(std::max<std::int64_t>(0, node->modified)), 11));
    header[156] = directory ? '5' : '0';
    put(header, 257, std::string_view("ustar\00000", 8));
    put(header, 265, "root");
    put(header, 297, "root");
    put(header, 148, octal(checksum(header), 6));
    header[155] = ' ';
    out += header;
    if (directory) continue;
    out += node->content;
    out.resize(rounded(out.size()));
  }
  out.append(2 * block, '\0');
  return out;
}

tl::expected<void, std::string> untar(ContainerFiles& files, std::string_view archive, std::string_view directory,
                                      std::int64_t now) {
  while (archive.size() >= block && archive.substr(0, block).find_first_not_of('\0') != archive.npos) {
    std::string_view header = archive.substr(0, block);
    if (number(header.substr(148, 8)) != checksum(header)) return tl::unexpected<std::string>("invalid tar magic");
    std::string name = text(header.substr(0, 100)),
                prefix = header.substr(257, 5) == "ustar" ? text(header.substr(345, 155)) : "";
    if (!prefix.empty()) name = prefix + "/" + name;
    std::size_t size = number(header.substr(124, 12));
    archive.remove_prefix(block);
    if (size > archive.size()) return tl::unexpected<std::string>("short read");
    name.erase(0, std::min(name.find_first_not_of('/'), name.size()));
    std::string path = absolute_path(directory, name);
    bool inside = std::string_view(path + "/").starts_with(directory == "/" ? "/" : std::string(directory) + "/");
    FileProblem problem = FileProblem::none;
    char type = header[156];
    if (!inside) return tl::unexpected("name with '..' in tar archive: '" + name + "'");
    if (type == '5') {
      problem = files.make_directory(path, true, now);
    } else if (type == '0' || type == '\0') {
      std::string parent = absolute_path(path, "..");
      problem = files.make_directory(parent, true, now);
      if (problem == FileProblem::none) problem = files.write(path, archive.substr(0, size), false, now);
      if (problem == FileProblem::none)
        problem = files.set_mode(path, static_cast<int>(number(header.substr(100, 8)) & 07777));
    }
    if (problem != FileProblem::none)
      return tl::unexpected("can't open '" + name + "': " + std::string(words_of(problem)));
    archive.remove_prefix(std::min(rounded(size), archive.size()));
  }
  if (!archive.empty() && archive.size() < block) return tl::unexpected<std::string>("short read");
  return {};
}

}  // namespace fairlead::sandbox
