#include "base/text.h"
#include "sandbox/controllers_test_support.h"
#include "sandbox/cron_schedule.h"

namespace fairlead::sandbox {
namespace {

bool is(Lab& lab, const std::string& job, std::string_view condition) {
  return is_true(lab.at(batch + "jobs/" + job), condition);
}

std::string reason(Lab& lab, const std::string& job, std::string_view type) {
  json::value value = lab.at(batch + "jobs/" + job);
  for (const json::value& condition : array_at(value, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == type) return std::string(text_at(condition, {"reason"}));
  }
  return {};
}

TEST(Job, RunsUntilEnoughHaveSucceeded) {
  Lab lab;
  lab.make(batch + "jobs", job_text("sum", "sleep 2", R"("completions":5,"parallelism":2,)"));
  for (int i = 0; i < 200; ++i) {
    lab.pass(100);
    EXPECT_LE(integer_at(lab.at(batch + "jobs/sum"), {"status", "active"}), 2);
  }
  json::value job = lab.at(batch + "jobs/sum");
  EXPECT_EQ(integer_at(job, {"status", "succeeded"}), 5);
  EXPECT_TRUE(is_true(job, "Complete"));
  EXPECT_FALSE(text_at(job, {"status", "completionTime"}).empty());
  EXPECT_EQ(lab.items(default_pods).size(), 5u);
  EXPECT_EQ(lab.message("sum", "Completed"), "Job completed");
}

TEST(Job, GivesUpAfterItsLimit) {
  Lab lab;
  lab.make(batch + "jobs", job_text("bad", "exit 3", R"("backoffLimit":2,)"));
  lab.pass(5000);
  EXPECT_EQ(integer_at(lab.at(batch + "jobs/bad"), {"status", "failed"}), 1);
  lab.pass(120'000);
  EXPECT_EQ(integer_at(lab.at(batch + "jobs/bad"), {"status", "failed"}), 3);
  EXPECT_EQ(reason(lab, "bad", "Failed"), "BackoffLimitExceeded");
  EXPECT_EQ(lab.items(default_pods).size(), 3u);
  lab.make(batch + "jobs", job_text("again", "exit 3", R"("backoffLimit":1,)", "OnFailure"));
  lab.pass(120'000);
  EXPECT_EQ(reason(lab, "again", "Failed"), "BackoffLimitExceeded");
}

TEST(Job, RunsEachIndexOnce) {
  Lab lab;
  lab.make(batch + "jobs",
           job_text("parts", "sleep 1", R"("completions":4,"parallelism":3,"completionMode":"Indexed",)"));
  lab.pass(15'000);
  json::value job = lab.at(batch + "jobs/parts");
  EXPECT_EQ(text_at(job, {"status", "completedIndexes"}), "0-3");
  std::set<std::string> indexes;
  for (const json::value& pod : lab.items(default_pods)) {
    indexes.emplace(text_at(pod, {"metadata", "annotations", "batch.kubernetes.io/job-completion-index"}));
    EXPECT_EQ(text_at(array_at(array_at(pod, {"spec", "containers"})[0], {"env"})[0], {"name"}),
              "JOB_COMPLETION_INDEX");
  }
  EXPECT_EQ(indexes, (std::set<std::string>{"0", "1", "2", "3"}));
}

TEST(Job, IsSuspendedTimedOutAndForgotten) {
  Lab lab;
  lab.make(batch + "jobs",
           job_text("long", "sleep 1000", R"("activeDeadlineSeconds":60,"ttlSecondsAfterFinished":30,)"));
  lab.pass(2000);
  lab.merge(batch + "jobs/long", R"({"spec":{"suspend":true}})");
  lab.pass(3000);
  EXPECT_TRUE(is(lab, "long", "Suspended"));
  EXPECT_TRUE(lab.items(default_pods).empty());
  lab.merge(batch + "jobs/long", R"({"spec":{"suspend":false}})");
  lab.pass(50'000);
  EXPECT_EQ(lab.items(default_pods).size(), 1u);
  EXPECT_FALSE(is(lab, "long", "Suspended"));
  lab.pass(15'000);
  EXPECT_EQ(reason(lab, "long", "Failed"), "DeadlineExceeded");
  lab.pass(40'000);
  EXPECT_EQ(lab.get(batch + "jobs/long").status, 404);
  EXPECT_TRUE(lab.items(default_pods).empty());
}

std::string cronjob(const std::string& command, const std::string& more = "") {
  return R"({"metadata":{"name":"tick"},"spec":{"schedule":"*/1 * * * *",)" + more +
         R"("jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"busybox","command":["sh","-c",")" +
         command + R"("]}]}}}}}})";
}

TEST(CronJob, StartsAJobWhenItIsTime) {
  Lab lab;
  lab.make(batch + "cronjobs", cronjob("sleep 5", R"("successfulJobsHistoryLimit":2,)"));
  lab.pass(10 * 60'000);
  json::array jobs = lab.items(batch + "jobs");
  EXPECT_GE(jobs.size(), 2u);
  EXPECT_LE(jobs.size(), 3u);
  json::value tick = lab.at(batch + "cronjobs/tick");
  EXPECT_EQ(*parse_rfc3339(text_at(tick, {"status", "lastScheduleTime"})) % 60, 0);
  EXPECT_FALSE(text_at(tick, {"status", "lastSuccessfulTime"}).empty());
  lab.merge(batch + "cronjobs/tick", R"({"spec":{"suspend":true}})");
  lab.pass(60'000);
  std::size_t events = lab.reasons("tick").size();
  lab.pass(5 * 60'000);
  EXPECT_EQ(lab.reasons("tick").size(), events);
}

TEST(CronJob, KeepsToItsPolicyOfConcurrency) {
  for (auto [policy, most, least] :
       {std::tuple("Allow", 4u, 2u), std::tuple("Forbid", 1u, 1u), std::tuple("Replace", 1u, 1u)}) {
    Lab lab;
    lab.make(batch + "cronjobs", cronjob("sleep 600", std::string(R"("concurrencyPolicy":")") + policy + "\","));
    lab.pass(200'000);
    std::size_t active = array_at(lab.at(batch + "cronjobs/tick"), {"status", "active"}).size();
    EXPECT_LE(active, most) << policy;
    EXPECT_GE(active, least) << policy;
    EXPECT_EQ(lab.items(batch + "jobs").size(), active) << policy;
  }
}

std::string next(std::string_view schedule, std::string_view after) {
  auto parsed = CronSchedule::parse(schedule);
  if (!parsed) return parsed.error();
  auto at = parsed->next_after(parse_rfc3339(after).value_or(0));
  return at ? format_rfc3339(*at) : "never";
}

TEST(CronSchedule, KnowsTheNextTime) {
  EXPECT_EQ(next("* * * * *", "2026-03-01T10:15:30Z"), "2026-03-01T10:16:00Z");
  EXPECT_EQ(next("*/15 9-17 * * mon-fri", "2026-02-27T17:45:00Z"), "2026-03-02T09:00:00Z");
  EXPECT_EQ(next("0 0 29 2 *", "2026-03-01T00:00:00Z"), "2028-02-29T00:00:00Z");
  EXPECT_EQ(next("30 4 1,15 * 5", "2026-01-01T05:00:00Z"), "2026-01-02T04:30:00Z");  // either day is enough
  EXPECT_EQ(next("@weekly", "2026-01-01T00:00:00Z"), "2026-01-04T00:00:00Z");
  EXPECT_EQ(next("@every 1h30m", "2026-01-01T00:00:00Z"), "2026-01-01T01:30:00Z");
  EXPECT_EQ(next("5/20 * * jan,DEC *", "2026-01-31T23:50:00Z"), "2026-12-01T00:05:00Z");
  EXPECT_EQ(next("0 0 31 2 *", "2026-01-01T00:00:00Z"), "never");
}

TEST(CronSchedule, RefusesWhatIsNone) {
  EXPECT_EQ(next("* * * *", ""), "expected exactly 5 fields, found 4: [* * * *]");
  EXPECT_EQ(next("60 * * * *", ""), "end of range (60) above maximum (59): 60");
  EXPECT_EQ(next("5-1 * * * *", ""), "beginning of range (5) beyond end of range (1): 5-1");
  EXPECT_EQ(next("*/0 * * * *", ""), "step of range should be a positive number: */0");
  EXPECT_EQ(next("* * 0 * *", ""), "beginning of range (0) below minimum (1): 0");
  EXPECT_EQ(next("@never", ""), "unrecognized descriptor: @never");
  for (std::string_view text : {"", "a b c d e", "99999999999999999999 * * * *", "@every", "@every 5", "@every -1s",
                                "* * * * * *", "-1 * * * *", "1- * * * *", ",,,, * * * *"}) {
    EXPECT_FALSE(CronSchedule::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace fairlead::sandbox
