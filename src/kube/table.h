// A meta.k8s.io/v1 Table in JSON (k8s.io/apimachinery/pkg/apis/meta/v1/types.go), taken apart while its bytes
// arrive: `Accept: application/json;as=Table;v=v1;g=meta.k8s.io`. The server has computed the cells, so this serves
// any kind, custom resources included.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kube/protobuf_list.h"
#include "net/http.h"

namespace fairlead::kube {

struct TableColumn {
  std::string name;
  std::string type;           // string, integer, number, boolean, date, …
  std::string format;         // "name" marks the object's name
  std::int32_t priority = 0;  // 0 stands in the narrow table, more only in the wide one
};

struct TableCell {
  enum class Kind { null, text, integer, number, boolean, json };
  Kind kind = Kind::null;
  std::string_view text;  // text; json: a list or a map, written out
  std::int64_t integer = 0;
  double number = 0;
  bool boolean = false;

  std::string to_string() const;  // as kubectl prints it; null is "<none>"
};

struct TableRow {
  std::span<const TableCell> cells;
  // Of the row's object, when the request had includeObject=Metadata or Object; else empty.
  std::string_view name;
  std::string_view ns;
};

// Views are valid during the call. `enough` ends the reading; an error ends it with that error.
using OnRow = std::function<Result<net::Flow>(const TableRow& row)>;

// Without I/O: feed it the body in pieces of any size, then finish(). Only one row is held at a time. Not thread-safe.
// Errors: server_error for what is not a Table, ends in the middle or has a row above the limit. After an error only
// destruction is of use.
class TableDecoder {
 public:
  struct Options {
    std::size_t row_limit = 16 << 20;  // bytes of one row
    std::size_t head_limit = 4 << 20;  // bytes of the column definitions, and of the metadata
  };

  TableDecoder(Options options, OnRow on_row);
  ~TableDecoder();
  TableDecoder(TableDecoder&&) noexcept;
  TableDecoder& operator=(TableDecoder&&) noexcept;

  Result<net::Flow> feed(std::string_view bytes);
  // The body has ended (or on_row had enough).
  Result<ListMeta> finish();

  // Servers send them before the rows: complete when on_row is called first.
  const std::vector<TableColumn>& columns() const;
  const ListMeta& metadata() const;
  std::uint64_t rows() const;
  std::uint64_t bytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Feeds the body of a 2xx answer to a TableDecoder; other answers end with server_error. Not thread-safe.
class TableSink final : public net::BodySink {
 public:
  // on_start is called for each attempt before its first row: what earlier attempts gave is to be forgotten.
  TableSink(TableDecoder::Options options, OnRow on_row, std::function<void()> on_start = {});

  Result<void> on_head(const net::HttpHead& head) override;
  Result<net::Flow> on_body(std::string_view bytes) override;
  Result<ListMeta> finish();

  const TableDecoder& decoder() const { return decoder_; }

 private:
  TableDecoder::Options options_;
  OnRow on_row_;
  std::function<void()> on_start_;
  TableDecoder decoder_;
};

}  // namespace fairlead::kube
