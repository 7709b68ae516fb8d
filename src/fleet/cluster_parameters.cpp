// The fields of a row, as REST and the command line take them.
#include "fleet/cluster_row.h"

namespace fairlead::fleet {

using ops::Parameter;
using ops::ParameterType;

const std::vector<Parameter>& cluster_parameters() {
  static const std::vector<Parameter> all{
      {.name = "id", .meaning = "Its name here: small letters, digits and '-', such as aks-eastus2", .required = true},
      {.name = "label", .meaning = "What people call it, such as AKS East US 2 (default: the id)"},
      {.name = "provider",
       .meaning = "Where it runs; gives exposure its default",
       .default_value = "kubernetes",
       .choices = {"kind", "k3s", "aks", "gke", "eks", "kubernetes"}},
      {.name = "cluster_name", .meaning = "Its actual name in the cloud or in the kubeconfig"},
      {.name = "enabled", .type = ParameterType::boolean, .meaning = "Whether agents may be deployed to it"},
      {.name = "credential_mode",
       .meaning = "Where its credentials are: a kubeconfig mounted below the configured directory, one that is stored "
                  "encrypted, a server's URL with an encrypted token, or the pod's own service account",
       .choices = {"path", "kubeconfig", "token", "in-cluster"}},
      {.name = "kubeconfig_path", .meaning = "Of a mounted kubeconfig: its path below the directory (default: the id)"},
      {.name = "kubeconfig",
       .type = ParameterType::document,
       .meaning = "A kubeconfig's content, YAML or JSON; stored encrypted and never shown",
       .secret = true},
      {.name = "context", .meaning = "Which of the kubeconfig's contexts (default: its current one)"},
      {.name = "server", .meaning = "The API server's https URL"},
      {.name = "token", .meaning = "A bearer token for it; stored encrypted and never shown", .secret = true},
      {.name = "certificate_authority", .meaning = "The server's authority, PEM (default: the system's)"},
      {.name = "impersonate_user",
       .meaning =
           "As whom the cluster sees a call, with {name} for the caller, such as fairlead:{name} (default: as the "
           "stored identity)"},
      {.name = "impersonate_groups",
       .type = ParameterType::text_list,
       .meaning = "Of whoever is impersonated, with {name} for the caller"},
      {.name = "impersonate_extra",
       .type = ParameterType::map,
       .meaning = "Of whoever is impersonated, with {name} for the caller"},
      {.name = "service_account",
       .meaning = "Whose short-lived token a call goes with: NAMESPACE/NAME of a service account, with {name} for the "
                  "caller, such as agents/{name}, which is agents/api-bot for api:bot"},
      {.name = "service_accounts",
       .type = ParameterType::map,
       .meaning =
           "Of callers by their whole names, such as api:deploy-bot, before service_account; alone: of no others"},
      {.name = "service_account_seconds",
       .type = ParameterType::integer,
       .meaning = "How long such a token is asked for",
       .minimum = kShortestToken,
       .maximum = kLongestToken,
       .default_value = "600"},
      {.name = "namespace",
       .type = ParameterType::ns,
       .meaning = "Where agents run that have no namespace of their own",
       .default_value = "default"},
      {.name = "openclaw_namespace", .type = ParameterType::ns, .meaning = "Where OpenClaw agents run"},
      {.name = "hermes_namespace", .type = ParameterType::ns, .meaning = "Where Hermes agents run"},
      {.name = "exposure",
       .meaning = "How their Services are reached (default: node-port for kind and k3s, load-balancer in the clouds)",
       .choices = {"cluster-ip", "node-port", "load-balancer"}},
      {.name = "runtime_host", .meaning = "Of node-port: the host that the ports are reached at"},
      {.name = "runtime_node_port",
       .type = ParameterType::integer,
       .meaning = "Of node-port: a fixed port of the runtime; 0: the cluster chooses",
       .minimum = 0,
       .maximum = 65535},
      {.name = "gateway_node_port",
       .type = ParameterType::integer,
       .meaning = "Of node-port: a fixed port of the gateway or dashboard; 0: the cluster chooses",
       .minimum = 0,
       .maximum = 65535},
      {.name = "service_annotations",
       .type = ParameterType::map,
       .meaning = "Of their Services: an object of texts, or the same as text in JSON"},
      {.name = "source_ranges",
       .type = ParameterType::text_list,
       .meaning = "Of load-balancer: the CIDRs that may reach it"},
      {.name = "load_balancer_class", .meaning = "Of load-balancer: the Service's loadBalancerClass"},
      {.name = "load_balancer_timeout_ms",
       .type = ParameterType::integer,
       .meaning = "Of load-balancer: how long its address is waited for",
       .minimum = 1000,
       .maximum = 86'400'000,
       .default_value = "1200000"}};
  return all;
}

}  // namespace fairlead::fleet
