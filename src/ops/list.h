// What every list has in common: its parameters, and choosing which rows are shown.
#pragma once

#include "ops/operation.h"

namespace fairlead::ops {

// namespace (if namespaced), label_selector, field_selector, limit, cursor, format, columns; then the family's own.
[[gnu::cold]] std::vector<Parameter> list_parameters(bool namespaced, std::vector<Parameter> own = {},
                                                     std::string_view field_example = "Such as metadata.name=web");
// name, namespace (if namespaced), format; then the family's own.
[[gnu::cold]] std::vector<Parameter> object_parameters(bool namespaced, std::vector<Parameter> own = {},
                                                       ParameterType name = ParameterType::name);
// As above, with dry_run and reason, which every change takes.
[[gnu::cold]] std::vector<Parameter> change_parameters(bool namespaced, std::vector<Parameter> own = {});

// Which kind, of any that the cluster has (ops/resolve.h).
[[gnu::cold]] Parameter kind_parameter();

// table, json or yaml: every reading operation takes it.
[[gnu::cold]] Parameter format_parameter();

// "/api/v1/pods" with the selectors of the call, all namespaces or one.
std::string list_target(const Call& call, std::string_view group, std::string_view version, std::string_view plural);

// Puts problems first, then by the first two columns; applies limit and cursor; picks the columns asked for. A cursor
// holds the place after the last row shown, so it stays good while rows come and go; a row whose rank changes in
// between may be missed or come twice. One of another list or of other arguments is refused (invalid_request). Neither
// our own credentials nor others' are in it: rows are ordered by what is shown.
// `columns`: where they are not the operation's own.
Result<Reply> arrange(const Call& call, Rows rows, std::string noun, std::vector<std::string> notes = {},
                      std::vector<Column> columns = {});

// The same for what needs no cluster to be read from.
Result<Reply> arrange(const Operation& operation, const Arguments& arguments, const std::string& default_namespace,
                      Rows rows, std::string noun, std::vector<std::string> notes = {},
                      std::vector<Column> columns = {});

// Refuses a cursor that is not one of this list, and columns that an operation which declares its columns does not have
// (invalid_request), before anything is read. `keys`: Table::keys of the answer.
Result<void> check_list(const Operation& operation, const Arguments& arguments, std::size_t keys);

// The parts of it: what a cursor is bound to beside its place, and sorting `order` and cutting it by cursor and limit.
std::uint32_t list_scope(const Operation& operation, const Arguments& arguments);
Result<void> choose_rows(Table& table, const Arguments& arguments);

// The cursor for the rows after this one; under 2 KiB whatever the row holds.
std::string row_cursor(const Table& table, std::uint32_t row);

}  // namespace fairlead::ops
