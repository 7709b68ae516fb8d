#include "kube/decode.h"
#include "kube/decode_fields.h"

namespace fairlead::kube {
namespace wire {
namespace {

ContainerState read_state(std::string_view message) {
  ContainerState state;
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case container_state::waiting: {
        state = ContainerState{};
        state.kind = ContainerState::Kind::waiting;
        auto inner = open(text(reader));
        while (inner.next()) {
          switch (inner.tag_and_type()) {
            case waiting::reason: state.reason = text(inner); break;
            case waiting::message: state.message = text(inner); break;
            default: inner.skip();
          }
        }
        break;
      }
      case container_state::running: {
        state = ContainerState{};
        state.kind = ContainerState::Kind::running;
        auto inner = open(text(reader));
        while (inner.next()) {
          if (inner.tag_and_type() == running::started_at)
            state.started_at = read_time(text(inner));
          else
            inner.skip();
        }
        break;
      }
      case container_state::terminated: {
        state = ContainerState{};
        state.kind = ContainerState::Kind::terminated;
        auto inner = open(text(reader));
        while (inner.next()) {
          switch (inner.tag_and_type()) {
            case terminated::exit_code: state.exit_code = inner.get_int32(); break;
            case terminated::signal: state.signal = inner.get_int32(); break;
            case terminated::reason: state.reason = text(inner); break;
            case terminated::message: state.message = text(inner); break;
            case terminated::started_at: state.started_at = read_time(text(inner)); break;
            case terminated::finished_at: state.finished_at = read_time(text(inner)); break;
            default: inner.skip();
          }
        }
        break;
      }
      default: reader.skip();
    }
  }
  return state;
}

void read_container_status(std::string_view message, ContainerStatus& status) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case container_status::name: status.name = text(reader); break;
      case container_status::image: status.image = text(reader); break;
      case container_status::state: status.state = read_state(text(reader)); break;
      case container_status::last_state: status.last_state = read_state(text(reader)); break;
      case container_status::ready: status.ready = flag(reader); break;
      case container_status::started: status.started = flag(reader); break;
      case container_status::restart_count: status.restart_count = reader.get_int32(); break;
      default: reader.skip();
    }
  }
}

std::string_view first_text(std::string_view message, std::uint32_t number) {
  auto reader = open(message);
  return reader.next(number, protozero::pbf_wire_type::length_delimited) ? text(reader) : std::string_view();
}

void read_spec(std::string_view message, PodView& pod) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case pod_spec::node_name: pod.node_name = text(reader); break;
      case pod_spec::service_account_name: pod.service_account = text(reader); break;
      case pod_spec::containers: pod.containers.push_back(read_container(text(reader))); break;
      case pod_spec::init_containers: pod.init_containers.push_back(read_container(text(reader))); break;
      case pod_spec::ephemeral_containers: {
        auto ephemeral = open(text(reader));
        while (ephemeral.next()) {
          if (ephemeral.tag_and_type() == ephemeral_container::common) {
            pod.ephemeral_containers.push_back(read_container(text(ephemeral)));
          } else {
            ephemeral.skip();
          }
        }
        break;
      }
      case pod_spec::readiness_gates:
        pod.readiness_gates.push_back(first_text(text(reader), readiness_gate::condition_type_number));
        break;
      default: reader.skip();
    }
  }
}

void read_status(std::string_view message, PodView& pod) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case pod_status::phase: pod.phase = text(reader); break;
      case pod_status::reason: pod.reason = text(reader); break;
      case pod_status::message: pod.message = text(reader); break;
      case pod_status::pod_ip: pod.pod_ip = text(reader); break;
      case pod_status::host_ip: pod.host_ip = text(reader); break;
      case pod_status::qos_class: pod.qos_class = text(reader); break;
      case pod_status::start_time: pod.started = read_time(text(reader)); break;
      case pod_status::conditions: pod.conditions.push_back(read_condition(text(reader), pod_condition)); break;
      case pod_status::init_container_statuses:
        read_container_status(text(reader), pod.init_statuses.emplace_back());
        break;
      case pod_status::container_statuses: read_container_status(text(reader), pod.statuses.emplace_back()); break;
      case pod_status::ephemeral_container_statuses:
        read_container_status(text(reader), pod.ephemeral_statuses.emplace_back());
        break;
      default: reader.skip();
    }
  }
}

void clear(PodView& pod) {
  pod.meta = ObjectMeta{};
  pod.node_name = pod.service_account = {};
  pod.phase = pod.reason = pod.message = pod.pod_ip = pod.host_ip = pod.qos_class = {};
  pod.started.reset();
  pod.init_containers.clear();
  pod.containers.clear();
  pod.ephemeral_containers.clear();
  pod.readiness_gates.clear();
  pod.conditions.clear();
  pod.init_statuses.clear();
  pod.statuses.clear();
  pod.ephemeral_statuses.clear();
}

}  // namespace

ContainerView read_container(std::string_view message) {
  ContainerView container;
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case container::name: container.name = text(reader); break;
      case container::image: container.image = text(reader); break;
      case container::restart_policy: container.restart_policy = text(reader); break;
      case container::resources: {
        const auto resources = text(reader);
        container.requests = checked_map(resources, resource_requirements::requests_number, MapView::Values::quantity);
        container.limits = checked_map(resources, resource_requirements::limits_number, MapView::Values::quantity);
        break;
      }
      default: reader.skip();
    }
  }
  return container;
}

}  // namespace wire

Result<void> decode(std::string_view object, PodView& pod) {
  wire::clear(pod);
  return wire::guarded("Pod", [&] {
    auto reader = wire::open(object);
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case wire::object::metadata: wire::read_meta(wire::text(reader), pod.meta); break;
        case wire::object::spec: wire::read_spec(wire::text(reader), pod); break;
        case wire::object::status: wire::read_status(wire::text(reader), pod); break;
        default: reader.skip();
      }
    }
  });
}

}  // namespace fairlead::kube
