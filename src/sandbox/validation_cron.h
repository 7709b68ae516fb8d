// The syntax of schedules as CronJobs have them: five fields, or @daily and its like. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace fairlead::sandbox {

// Empty when it is one, else what is wrong, in the words that the API server passes on.
std::string cron_problem(std::string_view schedule);

}  // namespace fairlead::sandbox
