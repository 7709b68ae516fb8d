// Parts of the control plane that other rules come to.
#pragma once

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

awaitable<void> explain_api_services(Trail trail);  // aggregated APIs that do not answer
awaitable<void> explain_name_service(
    Trail trail);  // CoreDNS or kube-dns; a cluster without any is as it is meant to be

}  // namespace fairlead::diagnosis
