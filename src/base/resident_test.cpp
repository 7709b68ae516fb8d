#include "base/resident.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace fairlead {
namespace {

long resident_file_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (long kilobytes = 0; word == "RssFile:" && status >> kilobytes) return kilobytes;
  return -1;
}

TEST(Resident, CodeThatWasGivenBackIsFewerPagesAndStillRuns) {
  const long before = resident_file_kilobytes();
  if (before < 0) GTEST_SKIP() << "this kernel does not tell file pages apart";
  give_back_startup_pages();
  const long after = resident_file_kilobytes();
  EXPECT_LT(after, before);
  EXPECT_EQ(std::string("still") + " here", "still here");  // what ran before is found again
}

}  // namespace
}  // namespace fairlead
