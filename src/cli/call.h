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
  bool input = false, terminal = false;  // -i, -t
  double session_idle = 1800;
  double timeout = 60;
  bool timeout_given = false;
};

// What the command shall have of our streams, as the operation takes it; empty: no session.
std::string session_of(const World& world, const CallOptions& options);

// Has a server make the call, with --follow, too; answers the exit status.
int call_server(World& world, const CallOptions& options, json::object arguments);
// Of a command whose streams are ours; answers its own exit status.
int open_server_session(World& world, const CallOptions& options, json::object arguments);

}  // namespace fairlead::cli
