#include "vault/holders.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "vault/key_file.h"

namespace fairlead::vault {
namespace {

constexpr std::string_view kSharedFile = "vault.key";

Result<void> done(Result<std::uint64_t> executed) {
  if (!executed) return fail(std::move(executed.error()));
  return {};
}

}  // namespace

std::string held_keys(const Environment& environment, const std::string& path, bool shares_file) {
  if (shares_file && !is_given_by_environment(environment)) return std::string(kSharedFile);
  auto keys = read_keys(environment, path, false);
  std::string out;
  if (!keys) return out;
  for (const auto& id : keys->key_ids()) out += (out.empty() ? "" : " ") + to_hex(id);
  return out;
}

bool holds_key(const KeyHolder& holder, const KeyId& id, const Result<Sealer>& shared_file) {
  if (holder.keys == kSharedFile) return shared_file && shared_file->has(id);
  const auto ids = split(holder.keys, ' ');
  return std::find(ids.begin(), ids.end(), to_hex(id)) != ids.end();
}

Result<void> tell_keys(store::Session& session, const KeyHolder& holder) {
  return done(session.execute(
      "INSERT INTO key_holders (instance, label, keys) VALUES (?, ?, ?) ON CONFLICT (instance) DO UPDATE SET "
      "label = EXCLUDED.label, keys = EXCLUDED.keys",
      {holder.instance, holder.label, holder.keys}));
}

Result<void> forget_keys(store::Session& session, const std::string& instance) {
  return done(session.execute("DELETE FROM key_holders WHERE instance = ?", {instance}));
}

Result<std::vector<KeyHolder>> key_holders(store::Session& session) {
  auto rows = session.query("SELECT instance, label, keys FROM key_holders ORDER BY label, instance");
  if (!rows) return fail(std::move(rows.error()));
  std::vector<KeyHolder> out;
  for (const auto& row : *rows) out.push_back({row.text(0), row.text(1), row.text(2)});
  return out;
}

}  // namespace fairlead::vault
