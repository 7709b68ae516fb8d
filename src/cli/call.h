// Inside cli/ only: what the command line of `call` says.
#pragma once

#include "cli/agents.h"
#include "cli/books.h"
#include "cli/fleet.h"
#include "cli/parameters.h"
#include "cli/remote.h"

namespace fairlead::cli {

struct CallOptions {
  ConnectionOptions connection;
  GrantOption grant;
  BooksOption books;
  FleetOption fleet;
  AgentsOption agents;
  ServerOption server;
  const ops::Operation* operation = nullptr;
  ParameterOptions parameters;
  std::string cluster;
  std::string output = "table";
  bool all_namespaces = false, follow = false;
  double timeout = 60;
  bool timeout_given = false;
};

// Has a server make the call, with --follow, too; answers the exit status.
int call_server(World& world, const CallOptions& options, json::object arguments);

}  // namespace fairlead::cli
