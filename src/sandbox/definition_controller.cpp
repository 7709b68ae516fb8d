// Custom resources: what is served, and the objects of definitions that go.
#include "sandbox/controller.h"
#include "sandbox/custom_kinds.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t look_again_ms = 200;

class DefinitionController final : public Controller {
 public:
  explicit DefinitionController(Work& work) : Controller(work), kinds_(work.objects) {}

  std::vector<const Resource*> watched() const override { return {&kinds_.definitions()}; }
  void changed(const Change& change) override { wake(*change.object); }
  void reconcile(const Key& key) override {
    if (kinds_.reconcile(key.name)) work_.wake(*this, key, look_again_ms);
  }

 private:
  CustomKinds kinds_;
};

}  // namespace

std::unique_ptr<Controller> definition_controller(Work& work) { return std::make_unique<DefinitionController>(work); }

}  // namespace fairlead::sandbox
