// What a controller is: it is woken by changes, and brings one object at a time closer to what is wanted. Each is a
// file of its own (x_controller.cpp) and one line in controllers.cpp. No clock and no threads: time is that of Work.
// Not thread-safe: one loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sandbox/objects.h"
#include "sandbox/recorder.h"

namespace fairlead::sandbox {

// What a controller works on; mostly an object's namespace and name, but the controller decides.
struct Key {
  std::string namespace_name, name;
  bool operator==(const Key&) const = default;
};

class Controller;
class Containers;

// What controllers share.
class Work {
 public:
  explicit Work(Objects& objects_used);
  virtual ~Work() = default;

  // Has `controller` reconcile the key once, at that time or sooner.
  virtual void wake(Controller& controller, Key key, std::int64_t delay_ms = 0) = 0;
  // Goes on evenly and never back; Objects::now() is the wall clock beside it, in whole seconds.
  virtual std::int64_t now_ms() const = 0;
  std::int64_t now() const { return objects.now(); }

  // Records an event about the object.
  void note(const Object& about, std::string_view component, std::string_view type, std::string_view reason,
            std::string message);

  Objects& objects;
  Store& store;
  Recorder recorder;
  std::string authority_pem;               // the cluster's CA certificate
  std::shared_ptr<Containers> containers;  // of all pods
  const Resource &pods, &nodes, &replicasets, &claims, &revisions;
};

class Controller {
 public:
  explicit Controller(Work& work) : work_(work), objects_(work.objects), store_(work.store) {}
  virtual ~Controller() = default;

  // The resources whose changes it sees; empty: all of them.
  virtual std::vector<const Resource*> watched() const = 0;
  // Looks at a change and wakes what it concerns; must not write.
  virtual void changed(const Change& change) = 0;
  // May write, which calls changed() of all controllers before it returns.
  virtual void reconcile(const Key& key) = 0;
  // Called once, before the first change: what is in the store is in order, but for what this wakes.
  virtual void adopt() {}

 protected:
  void wake(const Object& object, std::int64_t delay_ms = 0) {
    work_.wake(*this, Key{object.namespace_name, object.name}, delay_ms);
  }
  // Its owners of that resource, those that it had before too.
  void wake_owners(const Change& change, const Resource& owners);
  void wake_owners(const Object& object, const Resource& owners);
  const Resource& resource(std::string_view group, std::string_view plural) const {
    return objects_.resources().get(group, plural);
  }

  Work& work_;
  Objects& objects_;
  Store& store_;
};

}  // namespace fairlead::sandbox
