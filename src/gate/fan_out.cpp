#include "gate/fan_out.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/explain.h"
#include "ops/merge_lists.h"

namespace fairlead::gate {
namespace {

Error all_failed(std::vector<ClusterAnswer> answers) {
  Error out = std::move(answers[0].reply.error());
  out.cause = fmt::format("none of the {} clusters answered: {}: {}", answers.size(), answers[0].cluster, out.cause);
  out.status = nullptr;
  if (!out.foreign.empty()) out.foreign = answers[0].cluster + ": " + out.foreign;
  for (std::size_t i = 1; i < answers.size(); ++i) {
    const Error& other = answers[i].reply.error();
    out.cause += fmt::format("; {}: {}", answers[i].cluster, other.cause);
    if (other.remedy != out.remedy) out.remedy = "Ask each cluster by itself to see what to do about it";
    if (!other.foreign.empty())
      out.foreign += (out.foreign.empty() ? "" : "\n") + answers[i].cluster + ": " + other.foreign;
  }
  return out;
}

// A log as a value of its cluster, where no line of it can look like another cluster's.
ops::Document as_document(ops::Reply& reply) {
  if (auto* document = std::get_if<ops::Document>(&reply.body)) return std::move(*document);
  auto* text = std::get_if<ops::Text>(&reply.body);
  if (!text) return {};
  if (text->left_out > 0) reply.notes.push_back(fmt::format("cut: the first {} bytes are left out", text->left_out));
  return {json::value(std::move(text->text)), nullptr};
}

ops::Reply merge_documents(std::vector<ops::Part> parts) {
  json::object whole, brief;
  for (auto& part : parts) {
    ops::Document document = as_document(part.reply);
    brief[part.place] = document.brief.is_null() ? document.value : std::move(document.brief);
    whole[part.place] = std::move(document.value);
  }
  return {ops::Document{std::move(whole), std::move(brief)}, ops::merge_notes(parts)};
}

}  // namespace

awaitable<Result<std::vector<std::string>>> choose_clusters(Clusters& clusters, std::vector<std::string> asked,
                                                            std::string_view operation) {
  auto known = co_await clusters.list();
  if (!known) co_return fail(std::move(known.error()));
  std::vector<std::string> ids;
  if (asked.size() == 1) {
    for (auto& cluster : *known) ids.push_back(std::move(cluster.id));
    if (!ids.empty()) co_return ids;
    std::string any;
    auto none = co_await clusters.find(std::move(any), "");
    if (!none) co_return fail(std::move(none.error()));
    co_return fail(ErrorCode::not_found, std::string(operation), "there is no cluster to choose",
                   "Add a context to the kubeconfig");
  }
  for (auto& id : asked) {
    if (id.empty() || id == kAllClusters)
      co_return fail(ErrorCode::invalid_request, std::string(operation),
                     id.empty() ? "one of the clusters has no name" : "'*' stands for all clusters",
                     id.empty() ? "Name each, as list_clusters shows them" : "Give it alone, or name those you mean");
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) continue;
    const bool is_known =
        std::any_of(known->begin(), known->end(), [&](const KnownCluster& one) { return one.id == id; });
    if (!is_known) {
      auto why = co_await clusters.find(id, "");
      if (!why) co_return fail(std::move(why.error()));
    }
    ids.push_back(std::move(id));
  }
  co_return ids;
}

Result<ops::Reply> merge_answers(const ops::Operation& operation, const ops::Arguments& arguments,
                                 std::vector<ClusterAnswer> answers) {
  std::vector<ops::Part> parts;
  std::vector<std::string> failures;
  for (auto& answer : answers) {
    if (answer.reply) {
      parts.push_back({answer.cluster, std::move(*answer.reply)});
      continue;
    }
    const Error& error = answer.reply.error();
    if (error.code == ErrorCode::cancelled) return fail(error);
    failures.push_back(fmt::format("cluster {} did not answer: {}: {}", answer.cluster, to_string(error.code),
                                   ops::explain(error).ours));
  }
  if (parts.empty()) return fail(all_failed(std::move(answers)));
  const bool rows = std::all_of(parts.begin(), parts.end(), [](const ops::Part& part) {
    return std::holds_alternative<ops::Table>(part.reply.body);
  });
  auto reply = rows ? ops::merge_lists(operation, arguments, std::move(parts), "cluster")
                    : Result<ops::Reply>(merge_documents(std::move(parts)));
  if (reply) reply->notes.insert(reply->notes.begin(), failures.begin(), failures.end());
  return reply;
}

}  // namespace fairlead::gate
