#include <algorithm>

#include "kube/decode.h"
#include "kube/decode_fields.h"

namespace fairlead::kube {
namespace wire {
namespace {

IntOrString read_int_or_string(std::string_view message) {
  IntOrString result;
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case int_or_string::type: result.is_text = reader.get_int64() == 1; break;
      case int_or_string::int_val: result.number = reader.get_int32(); break;
      case int_or_string::str_val: result.text = text(reader); break;
      default: reader.skip();
    }
  }
  return result;
}

void read_strategy(std::string_view message, DeploymentView& deployment) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case deployment_strategy::type: deployment.strategy = text(reader); break;
      case deployment_strategy::rolling_update: {
        auto rolling = open(text(reader));
        while (rolling.next()) {
          switch (rolling.tag_and_type()) {
            case rolling_update::max_unavailable: deployment.max_unavailable = read_int_or_string(text(rolling)); break;
            case rolling_update::max_surge: deployment.max_surge = read_int_or_string(text(rolling)); break;
            default: rolling.skip();
          }
        }
        break;
      }
      default: reader.skip();
    }
  }
}

void read_template(std::string_view message, DeploymentView& deployment) {
  auto reader = open(message);
  while (reader.next()) {
    if (reader.tag_and_type() != pod_template::spec) {
      reader.skip();
      continue;
    }
    auto spec = open(text(reader));
    while (spec.next()) {
      switch (spec.tag_and_type()) {
        case pod_spec::containers: deployment.containers.push_back(read_container(text(spec))); break;
        case pod_spec::init_containers: deployment.init_containers.push_back(read_container(text(spec))); break;
        default: spec.skip();
      }
    }
  }
}

void read_spec(std::string_view message, DeploymentView& deployment) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case deployment_spec::replicas: deployment.replicas = reader.get_int32(); break;
      case deployment_spec::selector: deployment.selector = SelectorView{text(reader)}; break;
      case deployment_spec::pod_template: read_template(text(reader), deployment); break;
      case deployment_spec::strategy: read_strategy(text(reader), deployment); break;
      case deployment_spec::paused: deployment.paused = flag(reader); break;
      default: reader.skip();
    }
  }
}

void read_status(std::string_view message, DeploymentView& deployment) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case deployment_status::observed_generation: deployment.observed_generation = reader.get_int64(); break;
      case deployment_status::replicas: deployment.status_replicas = reader.get_int32(); break;
      case deployment_status::updated_replicas: deployment.updated = reader.get_int32(); break;
      case deployment_status::ready_replicas: deployment.ready = reader.get_int32(); break;
      case deployment_status::available_replicas: deployment.available = reader.get_int32(); break;
      case deployment_status::unavailable_replicas: deployment.unavailable = reader.get_int32(); break;
      case deployment_status::conditions:
        deployment.conditions.push_back(read_condition(text(reader), deployment_condition));
        break;
      default: reader.skip();
    }
  }
}

void clear(DeploymentView& deployment) {
  auto init_containers = std::move(deployment.init_containers);
  auto containers = std::move(deployment.containers);
  auto conditions = std::move(deployment.conditions);
  init_containers.clear();
  containers.clear();
  conditions.clear();
  deployment = DeploymentView{};
  deployment.init_containers = std::move(init_containers);
  deployment.containers = std::move(containers);
  deployment.conditions = std::move(conditions);
}

// A requirement as selectors are written; empty when it is none that Kubernetes knows.
std::string requirement(std::string_view message) {
  std::string_view key;
  std::string_view op;
  std::vector<std::string_view> values;
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case label_selector_requirement::key: key = text(reader); break;
      case label_selector_requirement::op: op = text(reader); break;
      case label_selector_requirement::values: values.push_back(text(reader)); break;
      default: reader.skip();
    }
  }
  if (op == "Exists") return std::string(key);
  if (op == "DoesNotExist") return "!" + std::string(key);
  if (op != "In" && op != "NotIn") return {};
  std::sort(values.begin(), values.end());
  std::string out = std::string(key) + (op == "In" ? " in (" : " notin (");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    out += values[i];
  }
  return out + ")";
}

}  // namespace
}  // namespace wire

MapView SelectorView::match_labels() const {
  return MapView(bytes, wire::label_selector::match_labels_number, MapView::Values::text);
}

std::string format_selector(const SelectorView& selector) {
  std::vector<std::pair<std::string, std::string>> parts;  // key, text
  for (const auto& [key, value] : selector.match_labels()) {
    parts.emplace_back(key, std::string(key) + "=" + std::string(value));
  }
  // What was broken was left out, as the contract says.
  (void)wire::guarded("LabelSelector", [&] {
    auto reader = wire::open(selector.bytes);
    while (reader.next()) {
      if (reader.tag_and_type() != wire::label_selector::match_expressions) {
        reader.skip();
        continue;
      }
      auto part = wire::requirement(wire::text(reader));
      const auto from = part.starts_with('!') ? 1U : 0U;
      if (!part.empty()) parts.emplace_back(part.substr(from, part.find(' ') - from), part);
    }
  });
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty()) out += ',';
    out += part.second;
  }
  return out;
}

Result<void> decode(std::string_view object, DeploymentView& deployment) {
  wire::clear(deployment);
  return wire::guarded("Deployment", [&] {
    auto reader = wire::open(object);
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case wire::object::metadata: wire::read_meta(wire::text(reader), deployment.meta); break;
        case wire::object::spec: wire::read_spec(wire::text(reader), deployment); break;
        case wire::object::status: wire::read_status(wire::text(reader), deployment); break;
        default: reader.skip();
      }
    }
  });
}

}  // namespace fairlead::kube
