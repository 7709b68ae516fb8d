// How much of the program's own code stays in memory.
#pragma once

namespace fairlead {

// Gives back the pages that starting up has touched: the program's own code and constants, and its libraries' constants
// (symbols, relocations). Their code, which others may have put probes into, is left alone. What is needed again comes
// back from the page cache at its first use, 64 KB for some microseconds. Only mappings that cannot be written are
// touched, so nothing is lost but a debugger's breakpoints, which it sets again when it stops next. Thread-safe.
void give_back_startup_pages();

}  // namespace fairlead
