// Lists in protobuf, every object decoder, Tables, quantities: no bytes may crash them, and how the bytes are cut into
// pieces may not change what comes out.
//
// The first two bytes choose the pieces' sizes; the third what the rest is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "kube/decode.h"
#include "kube/messages.h"
#include "kube/node_status.h"
#include "kube/pod_status.h"
#include "kube/protobuf_list.h"
#include "kube/quantity.h"
#include "kube/table.h"

namespace {

using namespace fairlead;

void walk(const kube::MapView& map) {
  for (const auto& [key, value] : map) {
    (void)kube::parse_quantity(value);
    (void)kube::parse_quantity_milli(key);
  }
}

void decode_all(std::string_view object) {
  kube::PodView pod;
  (void)kube::decode(object, pod);
  const auto status = kube::pod_status(pod);
  (void)kube::pod_rank(pod, status, 1'700'000'000);
  walk(pod.meta.labels);
  for (const auto& container : pod.containers) walk(container.requests);
  kube::NodeView node;
  (void)kube::decode(object, node);
  (void)kube::node_status(node);
  (void)kube::node_roles(node);
  (void)kube::node_rank(node);
  walk(node.capacity);
  for (const auto* message : {&kube::messages::service, &kube::messages::deployment, &kube::messages::secret,
                              &kube::messages::ingress, &kube::messages::persistent_volume_claim})
    (void)kube::read_message(object, *message);
  kube::EventView event;
  (void)kube::decode(object, event);
  (void)event.last_seen();
  kube::ObjectMeta meta;
  (void)kube::decode(object, meta);
  walk(meta.annotations);
  (void)kube::decode_status(object);
}

struct Outcome {
  std::vector<std::string> parts;
  bool whole = false;
  bool operator==(const Outcome&) const = default;
};

// Sizes repeat: small, then large pieces.
template <class Decoder>
void feed(Decoder& decoder, std::string_view bytes, std::size_t small, std::size_t large, Outcome& outcome) {
  bool use_small = true;
  while (!bytes.empty()) {
    const auto size = use_small ? small : large;
    use_small = !use_small;
    // A copy of its own: reading beyond a piece is found.
    const std::string piece(bytes.substr(0, size));
    bytes.remove_prefix(piece.size());
    if (!decoder.feed(piece)) return;
  }
  outcome.whole = decoder.finish().has_value();
}

Outcome read_list(std::string_view bytes, std::size_t small, std::size_t large, bool decode) {
  Outcome outcome;
  kube::ListDecoder decoder({.object_limit = 1 << 20}, [&](std::string_view item) -> Result<net::Flow> {
    outcome.parts.emplace_back(item);
    if (decode) decode_all(item);
    return net::Flow::more;
  });
  feed(decoder, bytes, small, large, outcome);
  return outcome;
}

Outcome read_table(std::string_view bytes, std::size_t small, std::size_t large) {
  Outcome outcome;
  kube::TableDecoder decoder({.row_limit = 1 << 16, .head_limit = 1 << 16},
                             [&](const kube::TableRow& row) -> Result<net::Flow> {
                               std::string text(row.name);
                               for (const auto& cell : row.cells) text += "|" + cell.to_string();
                               outcome.parts.push_back(std::move(text));
                               return net::Flow::more;
                             });
  feed(decoder, bytes, small, large, outcome);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t small = data[0] % 16 + 1;
  const std::size_t large = static_cast<std::size_t>(data[1]) * 4 + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  switch (data[2] % 4) {
    case 0: {
      const auto body = std::string("k8s\0", 4) + std::string(bytes);
      if (!(read_list(body, body.size(), body.size(), true) == read_list(body, small, large, false))) std::abort();
      (void)fairlead::kube::open_envelope(body);
      break;
    }
    case 1: decode_all(bytes); break;
    case 2:
      if (!(read_table(bytes, bytes.size(), bytes.size()) == read_table(bytes, small, large))) std::abort();
      break;
    default: (void)fairlead::kube::parse_quantity(bytes); (void)read_list(bytes, small, large, true);
  }
  return 0;
}
