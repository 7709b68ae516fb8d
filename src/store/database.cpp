#include "store/database.h"

namespace fairlead::store {

std::int64_t Row::integer(std::size_t column) const {
  const auto* value = column < values_.size() ? std::get_if<std::int64_t>(&values_[column]) : nullptr;
  return value ? *value : 0;
}

std::string Row::text(std::size_t column) const {
  const auto* value = column < values_.size() ? std::get_if<std::string>(&values_[column]) : nullptr;
  return value ? *value : std::string();
}

std::string Row::bytes(std::size_t column) const {
  const auto* value = column < values_.size() ? std::get_if<Blob>(&values_[column]) : nullptr;
  return value ? value->bytes : std::string();
}

bool Row::is_null(std::size_t column) const {
  return column >= values_.size() || std::holds_alternative<std::monostate>(values_[column]);
}

}  // namespace fairlead::store
