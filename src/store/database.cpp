#include "store/database.h"

namespace fairlead::store {
namespace {

template <class T>
const T* get(const std::vector<Value>& values, std::size_t column) {
  return column < values.size() ? std::get_if<T>(&values[column]) : nullptr;
}

}  // namespace

std::int64_t Row::integer(std::size_t column) const {
  const auto* value = get<std::int64_t>(values_, column);
  return value ? *value : 0;
}

std::string Row::text(std::size_t column) const {
  const auto* value = get<std::string>(values_, column);
  return value ? *value : "";
}

std::string Row::bytes(std::size_t column) const {
  const auto* value = get<Blob>(values_, column);
  return value ? value->bytes : "";
}

bool Row::is_null(std::size_t column) const {
  return column >= values_.size() || std::holds_alternative<std::monostate>(values_[column]);
}

}  // namespace fairlead::store
