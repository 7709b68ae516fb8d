#include "base/text.h"
#include "diagnosis/cron.h"
#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using namespace testing;

std::string next(std::string_view schedule, std::string_view after) {
  const auto parsed = Schedule::parse(schedule);
  if (!parsed) return "no schedule";
  const auto at = parsed->after(*parse_rfc3339(after));
  return at ? format_rfc3339(*at) : "never";
}

TEST(Schedule, ComesDue) {
  EXPECT_EQ(next("*/15 * * * *", "2026-01-01T00:00:00Z"), "2026-01-01T00:15:00Z");
  EXPECT_EQ(next("30 9-17 * jan,feb mon-fri", "2026-01-02T17:30:00Z"), "2026-01-05T09:30:00Z");
  EXPECT_EQ(next("0 0 13 * 5", "2026-01-03T00:00:00Z"), "2026-01-09T00:00:00Z");  // either day
  EXPECT_EQ(next("@daily", "2026-01-01T00:00:00Z"), "2026-01-02T00:00:00Z");
  EXPECT_EQ(next("@every 1h30m", "2026-01-01T00:00:00Z"), "2026-01-01T01:30:00Z");
  EXPECT_EQ(next("0 0 29 2 *", "2097-01-01T00:00:00Z"), "2104-02-29T00:00:00Z");  // 2100 has none
  EXPECT_EQ(next("TZ=Europe/Berlin 0 1 * * *", "2026-01-01T00:00:00Z"), "2026-01-01T01:00:00Z");
  EXPECT_EQ(next("5/20 * * * *", "2026-01-01T00:00:00Z"), "2026-01-01T00:05:00Z");
  EXPECT_EQ(next("59/2147483647 * * * *", "2026-01-01T00:00:00Z"), "2026-01-01T00:59:00Z");  // servers take it
}

TEST(Schedule, NeverComesOrIsNone) {
  EXPECT_EQ(next("0 0 31 2 *", "2026-01-01T00:00:00Z"), "never");
  EXPECT_EQ(next("0 0 31 4,6,9,11 *", "2026-01-01T00:00:00Z"), "never");
  for (auto text : {"", "* * * *", "60 * * * *", "* * * * * *", "a * * * *", "*/0 * * * *", "5-1 * * * *", "@sometimes",
                    "@every 5"})
    EXPECT_EQ(next(text, "2026-01-01T00:00:00Z"), "no schedule") << text;
}

std::string job(std::string_view status, std::string_view spec = "{backoffLimit: 2}", std::string_view name = "report",
                std::string_view created = "2025-12-31T23:40:00Z") {
  return "{kind: Job, metadata: {name: " + std::string(name) + ", namespace: shop, creationTimestamp: '" +
         std::string(created) +
         "', ownerReferences: [{kind: CronJob, name: nightly, controller: true}]}, spec: " + std::string(spec) +
         ", status: " + std::string(status) + "}";
}
std::vector<Cause> ask_job(std::string_view text, std::vector<std::string_view> others = {}) {
  FakeSource source(others);
  source.add(text);
  const json::value object = manifest(text);
  return diagnose(source, [&](Trail trail) { return explain_job(trail, object); });
}

TEST(ExplainJob, SaysNothingOfOneThatIsDoneOrRuns) {
  EXPECT_EQ(codes(ask_job(job("{succeeded: 1, failed: 1, conditions: [{type: Complete, status: 'True'}]}"))), "");
  EXPECT_EQ(
      codes(ask_job(
          job("{active: 1}"),
          {"{kind: Pod, metadata: {name: p, namespace: shop, ownerReferences: [{kind: Job, name: report}]}, spec: "
           "{nodeName: n1, containers: [{name: a}]}, status: {phase: Running, conditions: [{type: Ready, status: "
           "'True'}], containerStatuses: [{name: a, ready: true, state: {running: {}}}]}}",
           "{kind: Node, metadata: {name: n1}, status: {conditions: [{type: Ready, status: 'True'}]}}"})),
      "");
}

TEST(ExplainJob, FailedForItsDeadline) {
  const auto causes = ask_job(
      job("{failed: 1, conditions: [{type: Failed, status: 'True', reason: DeadlineExceeded, message: Job was active "
          "longer than specified deadline}]}",
          "{activeDeadlineSeconds: 60}"));
  EXPECT_EQ(first(causes),
            "job_deadline: The Job shop/report ran longer than its activeDeadlineSeconds of 60 and was ended");
}

TEST(ExplainJob, FailedAndItsPodsAreGone) {
  const auto causes = ask_job(
      job("{failed: 3, conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded, message: Job has "
          "reached the specified backoff limit}]}"));
  ASSERT_EQ(codes(causes), "job_failed");
  EXPECT_EQ(causes[0].certainty, Certainty::symptom);
  EXPECT_EQ(causes[0].evidence[1], "0 of 1 completions, 3 pods failed (backoffLimit 2)");
}

TEST(ExplainJob, FailedByItsPolicy) {
  const auto causes =
      ask_job(job("{failed: 1, conditions: [{type: Failed, status: 'True', reason: PodFailurePolicy, message: "
                  "Container app for pod "
                  "shop/p failed with exit code 3 matching FailJob rule at index 0}]}"));
  EXPECT_EQ(codes(causes), "job_failed");
  EXPECT_EQ(causes[0].certainty, Certainty::told);
}

TEST(ExplainJob, IsSuspended) {
  const auto causes = ask_job(job("{}", "{suspend: true}"));
  ASSERT_EQ(codes(causes), "job_suspended");
  EXPECT_EQ(causes[0].certainty, Certainty::suspicious);
}

std::string cron(std::string_view spec, std::string_view status = "{lastScheduleTime: '2025-12-31T23:55:00Z'}") {
  return "{kind: CronJob, metadata: {name: nightly, namespace: shop, creationTimestamp: '2025-12-01T00:00:00Z'}, "
         "spec: " +
         std::string(spec) + ", status: " + std::string(status) + "}";
}
std::vector<Cause> ask_cron(std::string_view text, std::vector<std::string_view> others = {}) {
  FakeSource source(others);
  source.add(text);
  const json::value object = manifest(text);
  return diagnose(source, [&](Trail trail) { return explain_cron_job(trail, object); });
}

TEST(ExplainCronJob, SaysNothingOfOneThatRuns) {
  EXPECT_EQ(codes(ask_cron(cron("{schedule: '*/5 * * * *'}"))), "");
  EXPECT_EQ(codes(ask_cron(cron("{schedule: '*/5 * * * *'}"),
                           {job("{succeeded: 1, conditions: [{type: Complete, status: 'True'}]}")})),
            "");
  EXPECT_EQ(codes(ask_cron(cron("{schedule: '0 0 29 2 *'}"))), "");
  EXPECT_EQ(codes(ask_cron(
                cron("{schedule: '0 3 * * *', timeZone: Asia/Tokyo}", "{lastScheduleTime: '2025-12-30T18:00:00Z'}"))),
            "");
}

TEST(ExplainCronJob, NeverRuns) {
  EXPECT_EQ(
      first(ask_cron(cron("{schedule: '0 0 31 2 *'}"))),
      "cron_schedule_never: The CronJob shop/nightly never runs: no day of any year fits its schedule \"0 0 31 2 *\"");
  const auto zone =
      "{kind: Event, metadata: {name: e, namespace: shop}, type: Warning, reason: UnknownTimeZone, message: 'invalid "
      "timeZone: "
      "\"Mars\"', involvedObject: {kind: CronJob, namespace: shop, name: nightly}, lastTimestamp: "
      "'2025-12-31T23:59:00Z'}";
  EXPECT_EQ(codes(ask_cron(cron("{schedule: '0 0 * * *', timeZone: Mars}"), {zone})), "cron_time_zone");
}

TEST(ExplainCronJob, IsSuspendedAndNothingMore) {
  const auto causes =
      ask_cron(cron("{schedule: '*/5 * * * *', suspend: true}", "{lastScheduleTime: '2025-12-01T00:00:00Z'}"));
  ASSERT_EQ(codes(causes), "cron_job_suspended");
  EXPECT_EQ(causes[0].certainty, Certainty::suspicious);
}

TEST(ExplainCronJob, IsBlockedByItsOwnJob) {
  const std::string hangs = job("{active: 1, startTime: '2025-12-31T23:40:00Z'}");
  const auto causes = ask_cron(
      cron("{schedule: '*/5 * * * *', concurrencyPolicy: Forbid}", "{lastScheduleTime: '2025-12-31T23:40:00Z'}"),
      {hangs});
  ASSERT_FALSE(causes.empty());
  EXPECT_EQ(first(causes),
            "cron_job_blocked: The CronJob shop/nightly skipped 3 runs, because its Job \"report\" has been running "
            "for 20m and its "
            "concurrencyPolicy is Forbid");
  // A run that takes a little longer than the time between two is no fault.
  EXPECT_EQ(codes(ask_cron(cron("{schedule: '*/15 * * * *', concurrencyPolicy: Forbid}",
                                "{lastScheduleTime: '2025-12-31T23:40:00Z'}"),
                           {job("{active: 1, startTime: '2025-12-31T23:44:00Z'}")})),
            "");
}

TEST(ExplainCronJob, IsOverdue) {
  const auto overdue = "{lastScheduleTime: '2025-12-31T22:00:00Z'}";
  EXPECT_EQ(codes(ask_cron(cron("{schedule: '0 * * * *'}", overdue))), "cron_job_missed");
  const auto short_deadline = ask_cron(cron("{schedule: '0 * * * *', startingDeadlineSeconds: 5}", overdue));
  EXPECT_EQ(codes(short_deadline), "cron_deadline_short");
  const auto event =
      "{kind: Event, metadata: {name: e, namespace: shop}, type: Warning, reason: TooManyMissedTimes, message: 'too "
      "many missed start "
      "times', involvedObject: {kind: CronJob, namespace: shop, name: nightly}, lastTimestamp: '2025-12-31T23:59:00Z'}";
  EXPECT_EQ(first(ask_cron(cron("{schedule: '0 * * * *'}", overdue), {event})),
            "cron_job_missed: The CronJob shop/nightly does not run: too many missed start times");
}

TEST(ExplainCronJob, ItsLastJobFailed) {
  const std::string failed = job("{failed: 1, conditions: [{type: Failed, status: 'True', reason: DeadlineExceeded}]}",
                                 "{activeDeadlineSeconds: 60}");
  const auto causes = ask_cron(cron("{schedule: '*/5 * * * *'}"), {failed});
  ASSERT_EQ(codes(causes), "job_deadline");
  EXPECT_EQ(causes[0].affects.back(), (Ref{"CronJob", "shop", "nightly"}));
  // An older one that failed is history.
  const std::string newer =
      job("{succeeded: 1, conditions: [{type: Complete, status: 'True'}]}", "{}", "report-2", "2025-12-31T23:55:00Z");
  EXPECT_EQ(codes(ask_cron(cron("{schedule: '*/5 * * * *'}"), {failed, newer})), "");
}

}  // namespace
}  // namespace fairlead::diagnosis
