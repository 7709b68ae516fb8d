// Internal to the API: those who wait for changes.
#pragma once

#include <set>

#include "sandbox/api.h"

namespace fairlead::sandbox {

// Every change of the store wakes all of them; each then looks for what concerns it.
struct Api::Watchers {
  std::set<net::Event*> events;
  struct Registration {
    Registration(std::shared_ptr<Watchers> all, net::Event* event) : all_(std::move(all)), event_(event) {
      all_->events.insert(event_);
    }
    ~Registration() { all_->events.erase(event_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    std::shared_ptr<Watchers> all_;
    net::Event* event_;
  };
};

}  // namespace fairlead::sandbox
