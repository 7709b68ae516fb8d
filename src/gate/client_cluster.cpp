#include "gate/client_cluster.h"

#include "gate/masked_progress.h"
#include "ops/mask.h"
#include "ops/permitted.h"

namespace fairlead::gate {
namespace {

class ClientCluster final : public Cluster {
 public:
  ClientCluster(std::string id, std::unique_ptr<kube::Client> client, const Clock& clock, std::string default_namespace,
                std::string list_namespace, std::shared_ptr<KnownCredentials> credentials, bool short_lived)
      : id_(std::move(id)),
        client_(std::move(client)),
        clock_(clock),
        default_namespace_(std::move(default_namespace)),
        list_namespace_(std::move(list_namespace)),
        credentials_(std::move(credentials)),
        short_lived_(short_lived) {}
  // Tokens of plugins and token files outlive the connection that used them: the cluster may still hold them.
  ~ClientCluster() override {
    if (short_lived_) return;
    for (const auto& bearer : client_->bearers()) credentials_->remember(bearer);
  }

  std::string id() const override { return id_; }

  awaitable<Result<ops::Reply>> run(const ops::Operation& operation, ops::Arguments arguments, Deadline deadline,
                                    ops::Progress* progress) override {
    if (progress) progress->report(0, std::nullopt, "asking the cluster");
    const bool narrowed = !list_namespace_.empty() && arguments.text("namespace").empty();
    Work work = [](ops::Call& call) { return ops::run_where_permitted(call); };
    auto reply = co_await this->work(operation, std::move(arguments), deadline, progress, std::move(work));
    if (reply && narrowed && std::holds_alternative<ops::Table>(reply->body) && ops::takes_namespace(operation))
      reply->notes.push_back("only namespace " + list_namespace_ +
                             ", as Fairlead was started; name another one to see it");
    co_return reply;
  }

  awaitable<Result<ops::Reply>> work(const ops::Operation& operation, ops::Arguments arguments, Deadline deadline,
                                     ops::Progress* progress, Work work) override {
    MaskedProgress masked(progress, [this] { return own_credentials(); });
    if (progress) progress = &masked;
    ops::Call call{operation,       *client_,
                   arguments,       clock_,
                   deadline,        default_namespace_,
                   list_namespace_, arguments.flag("dry_run"),
                   progress,        &credentials_->all()};
    auto reply = co_await work(call);
    // Whoever can write into the cluster may have put our own token there.
    const ops::Mask mask = own_credentials();
    reply ? mask.apply(*reply) : mask.apply(reply.error());
    co_return reply;
  }

  DefaultNamespaces default_namespaces() const override { return {default_namespace_, list_namespace_}; }

 private:
  ops::Mask own_credentials() const { return ops::Mask{&client_->bearers(), &credentials_->all()}; }

  std::string id_;
  std::unique_ptr<kube::Client> client_;
  const Clock& clock_;
  std::string default_namespace_, list_namespace_;
  std::shared_ptr<KnownCredentials> credentials_;
  bool short_lived_;
};

}  // namespace

void KnownCredentials::remember(const Secret& credential) {
  constexpr std::size_t most = 1000;
  for (const auto& known : all_)
    if (known.reveal() == credential.reveal()) return;
  if (credential.empty()) return;
  if (all_.size() >= most) all_.erase(all_.begin());
  all_.push_back(credential);
}

std::shared_ptr<Cluster> client_cluster(std::string id, std::unique_ptr<kube::Client> client, const Clock& clock,
                                        std::string of_objects, std::string of_lists,
                                        std::shared_ptr<KnownCredentials> credentials, bool short_lived) {
  return std::make_shared<ClientCluster>(std::move(id), std::move(client), clock, std::move(of_objects),
                                         std::move(of_lists), std::move(credentials), short_lived);
}

std::string place_of(const net::Url& server) {
  return (server.host.find(':') == std::string::npos ? server.host : "[" + server.host + "]") + ":" +
         std::to_string(server.port);
}

}  // namespace fairlead::gate
