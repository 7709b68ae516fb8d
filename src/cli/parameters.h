// Inside cli/ only: the parameters of an operation as options of a command.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "ops/operation.h"

namespace fairlead::cli {

// All but `namespace` and `format`, which come from options that operations share. Must outlive the parsing.
class ParameterOptions {
 public:
  void add_to(CLI::App& command, const ops::Operation& operation);
  // What was given, each as its parameter takes it (invalid_request where it is no such value).
  Result<json::object> gather(const ops::Operation& operation) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;  // as typed, by parameter
  std::map<std::string, std::vector<std::string>, std::less<>> commands_;
  std::map<std::string, bool, std::less<>> flags_;
};

}  // namespace fairlead::cli
