#include "kube/table.h"

namespace fairlead::kube {

TableSink::TableSink(TableDecoder::Options options, OnRow on_row, std::function<void()> on_start)
    : options_(options), on_row_(std::move(on_row)), on_start_(std::move(on_start)), decoder_(options_, on_row_) {}

Result<void> TableSink::on_head(const net::HttpHead& head) {
  if (head.status < 200 || head.status > 299) {
    return fail(ErrorCode::server_error, "read the table",
                "the server answered with HTTP status " + std::to_string(head.status));
  }
  decoder_ = TableDecoder(options_, on_row_);
  if (on_start_) on_start_();
  return {};
}

Result<net::Flow> TableSink::on_body(std::string_view bytes) { return decoder_.feed(bytes); }

Result<ListMeta> TableSink::finish() { return decoder_.finish(); }

}  // namespace fairlead::kube
