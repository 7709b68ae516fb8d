// What the Kubernetes API's messages and their members are for, in the words of its comments: the texts that OpenAPI
// documents show. Read by openapi_schemas.cpp; as data, because it is only needed where somebody asks for such a
// document.
#pragma once

namespace fairlead::sandbox {

extern const char docs_core[];
extern const char docs_other[];
extern const char docs_definitions[];

}  // namespace fairlead::sandbox
