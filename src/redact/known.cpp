#include "redact/redact.h"

namespace fairlead::redact {

void cut_out(std::string& text, std::string_view credential) {
  constexpr std::size_t shortest = 4;
  if (credential.size() < shortest || text.find(credential) == std::string::npos) return;
  std::string clean;
  for (std::size_t from = 0;;) {
    const std::size_t at = text.find(credential, from);
    clean.append(text, from, at - from);
    if (at == std::string::npos) break;
    clean += kRedacted;
    from = at + credential.size();
  }
  text = std::move(clean);
}

}  // namespace fairlead::redact
