// Questions that people ask of a cluster, with what a model needs to know to answer them well: which operations to
// call, and how to judge what they say.
#pragma once

#include "mcp/prompt.h"

namespace fairlead::mcp_server {

// why_is_this_pod_failing, what_changed, review_namespace.
Result<mcp::PromptSet> make_prompts();

}  // namespace fairlead::mcp_server
