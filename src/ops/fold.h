// Makes a long list of pods short: healthy ones of one owner become one row.
#pragma once

#include "ops/reply.h"

namespace fairlead::ops {

struct Folded {
  Rows rows;
  std::size_t pods = 0;    // that stand in folded rows,
  std::size_t groups = 0;  // and in how many of them
};

// Rows of list_pods (its columns) whose rank is at least `healthy` and that have the same namespace, owner, status,
// ready cell and rank become one, at the place of the first: its name is "OWNER-*", its status "12xRunning"; restarts
// are added up, the last restart is the latest, the age that of the oldest; a node, address or request stays where all
// have the same. Others stay as they are. Pure.
Folded fold_pods(const Rows& rows, int healthy);

}  // namespace fairlead::ops
