// Made by make_schema.py from the comments of the Kubernetes API (Copyright The Kubernetes Authors, Apache License 2.0). Do not edit.
#include "sandbox/schema_docs.h"

namespace fairlead::sandbox {

extern const char docs_definitions[] = R"docs(
#apiextensions_v1
CustomResourceColumnDefinition: CustomResourceColumnDefinition specifies a column for server side printing.
 name: name is a human readable name for the column.
 type: type is an OpenAPI type definition for this column. See https://github.com/OAI/OpenAPI-Specification/blob/master/versions/2.0.md#data-types for details.
 format: format is an optional OpenAPI type definition for this column. The 'name' format is applied to the primary identifier column to assist in clients identifying column is the resource name. See https://github.com/OAI/OpenAPI-Specification/blob/master/versions/2.0.md#data-types for details.
 description: description is a human readable description of this column.
 priority: priority is an integer defining the relative importance of this column compared to others. Lower numbers are considered higher priority. Columns that may be omitted in limited space scenarios should be given a priority greater than 0.
 jsonPath: jsonPath is a simple JSON path (i.e. with array notation) which is evaluated against each custom resource to produce the value for this column.
CustomResourceConversion: CustomResourceConversion describes how to convert different versions of a CR.
 strategy: strategy specifies how custom resources are converted between versions. Allowed values are: - `"None"`: The converter only change the apiVersion and would not touch any other field in the custom resource. - `"Webhook"`: API Server will call to an external webhook to do the conversion. Additional information is needed for this option.
 webhook: webhook describes how to call the conversion webhook. Required when `strategy` is set to `"Webhook"`.
CustomResourceDefinition: CustomResourceDefinition represents a resource that should be exposed on the API server. Its name MUST be in the format <.spec.name>.<.spec.group>.
 metadata: Standard object's metadata More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec describes how the user wants the resources to appear
 status: status indicates the actual state of the CustomResourceDefinition
CustomResourceDefinitionCondition: CustomResourceDefinitionCondition contains details for the current condition of this pod.
 type: type is the type of the condition. Types include Established, NamesAccepted and Terminating.
 status: status is the status of the condition. Can be True, False, Unknown.
 lastTransitionTime: lastTransitionTime last time the condition transitioned from one status to another.
 reason: reason is a unique, one-word, CamelCase reason for the condition's last transition.
 message: message is a human-readable message indicating details about last transition.
 observedGeneration: observedGeneration represents the .metadata.generation that the condition was set based upon. For instance, if .metadata.generation is currently 12, but the .status.conditions[x].observedGeneration is 9, the condition is out of date with respect to the current state of the instance.
CustomResourceDefinitionNames: CustomResourceDefinitionNames indicates the names to serve this CustomResourceDefinition
 plural: plural is the plural name of the resource to serve. The custom resources are served under `/apis/<group>/<version>/.../<plural>`. Must match the name of the CustomResourceDefinition (in the form `<names.plural>.<group>`). Must be all lowercase.
 singular: singular is the singular name of the resource. It must be all lowercase. Defaults to lowercased `kind`.
 shortNames: shortNames are short names for the resource, exposed in API discovery documents, and used by clients to support invocations like `kubectl get <shortname>`. It must be all lowercase.
 kind: kind is the serialized kind of the resource. It is normally CamelCase and singular. Custom resource instances will use this value as the `kind` attribute in API calls.
 listKind: listKind is the serialized kind of the list for this resource. Defaults to "`kind`List".
 categories: categories is a list of grouped resources this custom resource belongs to (e.g. 'all'). This is published in API discovery documents, and used by clients to support invocations like `kubectl get all`.
CustomResourceDefinitionSpec: CustomResourceDefinitionSpec describes how a user wants their resource to appear
 group: group is the API group of the defined custom resource. The custom resources are served under `/apis/<group>/...`. Must match the name of the CustomResourceDefinition (in the form `<names.plural>.<group>`).
 names: names specify the resource and kind names for the custom resource.
 scope: scope indicates whether the defined custom resource is cluster- or namespace-scoped. Allowed values are `Cluster` and `Namespaced`.
 versions: versions is the list of all API versions of the defined custom resource. Version names are used to compute the order in which served versions are listed in API discovery. If the version string is "kube-like", it will sort above non "kube-like" version strings, which are ordered lexicographically.
 conversion: conversion defines conversion settings for the CRD.
 preserveUnknownFields: preserveUnknownFields indicates that object fields which are not specified in the OpenAPI schema should be preserved when persisting to storage. apiVersion, kind, metadata and known fields inside metadata are always preserved.
CustomResourceDefinitionStatus: CustomResourceDefinitionStatus indicates the state of the CustomResourceDefinition
 conditions: conditions indicate state for particular aspects of a CustomResourceDefinition
 acceptedNames: acceptedNames are the names that are actually being used to serve discovery. They may be different than the names in spec.
 storedVersions: storedVersions lists all versions of CustomResources that were ever persisted. Tracking these versions allows a migration path for stored versions in etcd.
 observedGeneration: The generation observed by the CRD controller.
CustomResourceDefinitionVersion: CustomResourceDefinitionVersion describes a version for CRD.
 name: name is the version name, e.g. “v1”, “v2beta1”, etc. The custom resources are served under this version at `/apis/<group>/<version>/...` if `served` is true.
 served: served is a flag enabling/disabling this version from being served via REST APIs
 storage: storage indicates this version should be used when persisting custom resources to storage. There must be exactly one version with storage=true.
 schema: schema describes the schema used for validation, pruning, and defaulting of this version of the custom resource.
 subresources: subresources specify what subresources this version of the defined custom resource have.
 additionalPrinterColumns: additionalPrinterColumns specifies additional columns returned in Table output. See https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables for details. If no columns are specified, a single column displaying the age of the custom resource is used.
 deprecated: deprecated indicates this version of the custom resource API is deprecated. When set to true, API requests to this version receive a warning header in the server response. Defaults to false.
 deprecationWarning: deprecationWarning overrides the default warning returned to API clients. May only be set when `deprecated` is true. The default warning indicates this version is deprecated and recommends use of the newest served version of equal or greater stability, if one exists.
 selectableFields: selectableFields specifies paths to fields that may be used as field selectors. A maximum of 8 selectable fields are allowed. See https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors
CustomResourceSubresourceScale: CustomResourceSubresourceScale defines how to serve the scale subresource for CustomResources.
 specReplicasPath: specReplicasPath defines the JSON path inside of a custom resource that corresponds to Scale `spec.replicas`. Only JSON paths without the array notation are allowed. Must be a JSON Path under `.spec`. If there is no value under the given path in the custom resource, the `/scale` subresource will return an error on GET.
 statusReplicasPath: statusReplicasPath defines the JSON path inside of a custom resource that corresponds to Scale `status.replicas`. Only JSON paths without the array notation are allowed. Must be a JSON Path under `.status`.
 labelSelectorPath: labelSelectorPath defines the JSON path inside of a custom resource that corresponds to Scale `status.selector`. Only JSON paths without the array notation are allowed. Must be a JSON Path under `.status` or `.spec`. Must be set to work with HorizontalPodAutoscaler.
CustomResourceSubresourceStatus: CustomResourceSubresourceStatus defines how to serve the status subresource for CustomResources. Status is represented by the `.status` JSON path inside of a CustomResource.
CustomResourceSubresources: CustomResourceSubresources defines the status and scale subresources for CustomResources.
 status: status indicates the custom resource should serve a `/status` subresource. When enabled: 1. requests to the custom resource primary endpoint ignore changes to the `status` stanza of the object. 2. requests to the custom resource `/status` subresource ignore changes to anything other than the `status` stanza of the object.
 scale: scale indicates the custom resource should serve a `/scale` subresource that returns an `autoscaling/v1` Scale object.
CustomResourceValidation: CustomResourceValidation is a list of validation methods for CustomResources.
 openAPIV3Schema: openAPIV3Schema is the OpenAPI v3 schema to use for validation and pruning.
ExternalDocumentation: ExternalDocumentation allows referencing an external resource for extended documentation.
JSONSchemaProps: JSONSchemaProps is a JSON-Schema following Specification Draft 4 (http://json-schema.org/).
 format: format is an OpenAPI v3 format string. Unknown formats are ignored. The following formats are validated:
 default: default is a default value for undefined object fields. Defaulting is a beta feature under the CustomResourceDefaulting feature gate. Defaulting requires spec.preserveUnknownFields to be false.
 x-kubernetes-preserve-unknown-fields: x-kubernetes-preserve-unknown-fields stops the API server decoding step from pruning fields which are not specified in the validation schema. This affects fields recursively, but switches back to normal pruning behaviour if nested properties or additionalProperties are specified in the schema. This can either be true or undefined.
 x-kubernetes-embedded-resource: x-kubernetes-embedded-resource defines that the value is an embedded Kubernetes runtime.Object, with TypeMeta and ObjectMeta. The type must be object.
 x-kubernetes-int-or-string: x-kubernetes-int-or-string specifies that this value is either an integer or a string. If this is true, an empty type is allowed and type as child of anyOf is permitted if following one of the following patterns:
 x-kubernetes-list-map-keys: x-kubernetes-list-map-keys annotates an array with the x-kubernetes-list-type `map` by specifying the keys used as the index of the map.
 x-kubernetes-list-type: x-kubernetes-list-type annotates an array to further describe its topology. This extension must only be used on lists and may have 3 possible values:
 x-kubernetes-map-type: x-kubernetes-map-type annotates an object to further describe its topology. This extension must only be used when type is object and may have 2 possible values:
 x-kubernetes-validations: x-kubernetes-validations describes a list of validation rules written in the CEL expression language.
JSONSchemaPropsOrArray: JSONSchemaPropsOrArray represents a value that can either be a JSONSchemaProps or an array of JSONSchemaProps. Mainly here for serialization purposes.
JSONSchemaPropsOrBool: JSONSchemaPropsOrBool represents JSONSchemaProps or a boolean value. Defaults to true for the boolean property.
JSONSchemaPropsOrStringArray: JSONSchemaPropsOrStringArray represents a JSONSchemaProps or a string array.
SelectableField: SelectableField specifies the JSON path of a field that may be used with field selectors.
 jsonPath: jsonPath is a simple JSON path which is evaluated against each custom resource to produce a field selector value. Only JSON paths without the array notation are allowed. Must point to a field of type string, boolean or integer. Types with enum values and strings with formats are allowed.
ServiceReference: ServiceReference holds a reference to Service.legacy.k8s.io
 namespace: namespace is the namespace of the service. Required
 name: name is the name of the service. Required
 path: path is an optional URL path at which the webhook will be contacted.
 port: port is an optional service port at which the webhook will be contacted. `port` should be a valid port number (1-65535, inclusive). Defaults to 443 for backward compatibility.
ValidationRule: ValidationRule describes a validation rule written in the CEL expression language.
 rule: Rule represents the expression which will be evaluated by CEL. ref: https://github.com/google/cel-spec The Rule is scoped to the location of the x-kubernetes-validations extension in the schema. The `self` variable in the CEL expression is bound to the scoped value.
 message: Message represents the message displayed when validation fails. The message is required if the Rule contains line breaks. The message must not contain line breaks. If unset, the message is "failed rule: {Rule}". e.g. "must be a URL with the host matching spec.host"
 messageExpression: MessageExpression declares a CEL expression that evaluates to the validation failure message that is returned when this rule fails. Since messageExpression is used as a failure message, it must evaluate to a string. If both message and messageExpression are present on a rule, then messageExpression will be used if validation fails.
 reason: reason provides a machine-readable validation failure reason that is returned to the caller when a request fails this validation rule. The HTTP status code returned to the caller will match the reason of the reason of the first failed validation rule.
 fieldPath: fieldPath represents the field path returned when the validation fails.
 optionalOldSelf: optionalOldSelf is used to opt a transition rule into evaluation even when the object is first created, or if the old object is missing the value.
WebhookClientConfig: WebhookClientConfig contains the information to make a TLS connection with the webhook.
 service: service is a reference to the service for this webhook. Either service or url must be specified.
 caBundle: caBundle is a PEM encoded CA bundle which will be used to validate the webhook's server certificate. If unspecified, system trust roots on the apiserver are used.
 url: url gives the location of the webhook, in standard URL form (`scheme://host:port/path`). Exactly one of `url` or `service` must be specified.
WebhookConversion: WebhookConversion describes how to call a conversion webhook
 clientConfig: clientConfig is the instructions for how to call the webhook if strategy is `Webhook`.
 conversionReviewVersions: conversionReviewVersions is an ordered list of preferred `ConversionReview` versions the Webhook expects. The API server will use the first version in the list which it supports. If none of the versions specified in this list are supported by API server, conversion will fail for the custom resource.
)docs";

}  // namespace fairlead::sandbox
