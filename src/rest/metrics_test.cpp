#include "rest/metrics.h"

#include <gmock/gmock.h>

namespace fairlead::rest {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

TEST(Metrics, ADurationIsInItsBucketAndAllGreaterOnes) {
  FixedClock clock(1000);
  Metrics metrics(clock);
  metrics.request("GET", "/api/v1/clusters", 200, milliseconds(5));
  metrics.request("GET", "/api/v1/clusters", 200, milliseconds(200));
  metrics.request("GET", "/api/v1/clusters", 404, std::chrono::minutes(2));
  const std::string text = metrics.text();
  EXPECT_THAT(text,
              HasSubstr("fairlead_http_requests_total{method=\"GET\",route=\"/api/v1/clusters\",status=\"200\"} 2\n"));
  EXPECT_THAT(text,
              HasSubstr("fairlead_http_requests_total{method=\"GET\",route=\"/api/v1/clusters\",status=\"404\"} 1\n"));
  const auto bucket = [&](std::string_view bound, int count) {
    EXPECT_THAT(text, HasSubstr("fairlead_http_request_duration_seconds_bucket{route=\"/api/v1/clusters\",le=\"" +
                                std::string(bound) + "\"} " + std::to_string(count) + "\n"));
  };
  bucket("0.001", 0);
  bucket("0.005", 1);
  bucket("0.1", 1);
  bucket("0.25", 2);
  bucket("60", 2);
  bucket("+Inf", 3);
  EXPECT_THAT(text, HasSubstr("fairlead_http_request_duration_seconds_count{route=\"/api/v1/clusters\"} 3\n"));
}

TEST(Metrics, CallsByWhatBecameOfThem) {
  FixedClock clock(1000);
  Metrics metrics(clock);
  metrics.call("list_pods", "done");
  metrics.call("list_pods", "done");
  metrics.call("list_pods", "timeout");
  EXPECT_THAT(metrics.text(), HasSubstr("fairlead_calls_total{operation=\"list_pods\",outcome=\"done\"} 2\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("fairlead_calls_total{operation=\"list_pods\",outcome=\"timeout\"} 1\n"));
}

// Each line is a comment or "name{labels} number", and each metric is described before its first line.
TEST(Metrics, TheTextIsPrometheus) {
  FixedClock clock(1000);
  Metrics metrics(clock);
  metrics.request("GET", "/healthz", 200, milliseconds(1));
  std::string described;
  const std::string all = metrics.text();
  std::string_view text = all;
  EXPECT_TRUE(text.ends_with('\n'));
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    if (line.starts_with("# TYPE ")) {
      described = line.substr(7, line.find(' ', 7) - 7);
      continue;
    }
    if (line.starts_with("#")) continue;
    EXPECT_TRUE(line.starts_with(described)) << line;
    const std::string number(line.substr(line.rfind(' ') + 1));
    EXPECT_NO_THROW(std::stod(number)) << line;
  }
}

}  // namespace
}  // namespace fairlead::rest
