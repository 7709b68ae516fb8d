// How much of the program's own code stays in memory.
#pragma once

namespace fairlead {

// Gives back the pages of code and constants that starting up has touched: the program's and its libraries'. What is
// still needed comes back from the page cache at its first use, 64 KB for some microseconds; what only start-up needed
// (relocation, symbol lookup, building the catalog), several MB, does not. Only mappings that cannot be written are
// touched, so nothing is lost but a debugger's breakpoints, which it sets again when it stops next. Thread-safe.
void give_back_startup_pages();

}  // namespace fairlead
