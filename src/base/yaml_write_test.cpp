#include <gtest/gtest.h>

#include <random>

#include "base/yaml.h"

namespace fairlead {
namespace {

TEST(ToYaml, LooksAsKubectlPrintsIt) {
  const json::value value = parse_json(R"({
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {}, "finalizers": []},
    "spec": {"containers": [{"name": "a", "args": ["--level=5", "-c", "a: b"], "ports": [{"containerPort": 80}]},
             {"name": "b", "command": ["sh", "-c", "set -e\necho # hi\n"]}], "nodes": [[1, 2], []]},
    "x": [null, true, 1.5, 2.0, "", "5", "true"]})",
                                       "test")
                                .value();
  EXPECT_EQ(to_yaml(value), R"(apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {}
  finalizers: []
spec:
  containers:
  - name: a
    args:
    - --level=5
    - -c
    - "a: b"
    ports:
    - containerPort: 80
  - name: b
    command:
    - sh
    - -c
    - |
      set -e
      echo # hi
  nodes:
  - - 1
    - 2
  - []
x:
- null
- true
- 1.5
- 2.0
- ""
- "5"
- "true"
)");
}

TEST(ToYaml, WritesSingleValues) {
  EXPECT_EQ(to_yaml(nullptr), "null\n");
  EXPECT_EQ(to_yaml("text"), "text\n");
  EXPECT_EQ(to_yaml("two\nlines"), "|-\n  two\n  lines\n");
  EXPECT_EQ(to_yaml(json::object()), "{}\n");
  EXPECT_EQ(to_yaml(json::array()), "[]\n");
  EXPECT_EQ(to_yaml(json::array{"a"}), "- a\n");
  EXPECT_EQ(to_yaml(std::numeric_limits<double>::infinity()), "null\n");
}

TEST(ToYaml, QuotesOnlyWhatItMust) {
  for (const char* text :
       {"plain text", "nginx:1.25", "10.0.0.1", "v1.2.3", "1.2.3", "a#b", "http://x/y?z=[1]", "-c", "/bin/sh",
        "$(POD_IP)", "<none>", "5d59d67564", "100m", "gr\xC3\xBC\xC3\x9F", "O'Neil said \"hi\"", "a{b}", "truely"})
    EXPECT_EQ(to_yaml(text), std::string(text) + "\n");
  for (const char* text : {"",
                           " a",
                           "a ",
                           "a: b",
                           "a:",
                           "a #b",
                           "# a",
                           "- a",
                           "-",
                           "?",
                           "[a",
                           "{a",
                           "&a",
                           "*a",
                           "!a",
                           "|",
                           ">",
                           "%a",
                           "@a",
                           "`a",
                           "'a",
                           ",",
                           "---",
                           "--- a",
                           "...",
                           "<<",
                           "=",
                           "~",
                           "null",
                           "yes",
                           "No",
                           "y",
                           "N",
                           "on",
                           "1",
                           "1.5",
                           "0x1",
                           "017",
                           "1_000",
                           "1e5",
                           "1:30",
                           "2001-01-01",
                           "2001-01-01T00:00:00Z",
                           ".inf",
                           ".nan",
                           "+1",
                           "1.",
                           ".5",
                           "-.5"})
    EXPECT_EQ(to_yaml(text).front(), '"') << text;
}

TEST(ToYaml, EscapesWhatCannotBeSeen) {
  EXPECT_EQ(to_yaml("a\x1B[0m\t\r\xC2\x9B\xE2\x80\xAE\xF3\xA0\x81\x81"),
            "\"a\\x1B[0m\\t\\r\\x9B\\u202E\\U000E0041\"\n");
  EXPECT_EQ(to_yaml("two\nlines \xE2\x80\xAE"), "\"two\\nlines \\u202E\"\n");
  EXPECT_EQ(to_yaml("\xFF"), "\"\xEF\xBF\xBD\"\n");
}

TEST(ToYaml, WritesLinesAsTextBlocks) {
  const json::value value{{"a", "x\n"},      {"b", "x\ny"},           {"c", "x\n\n\n"},
                          {"d", "  x\ny\n"}, {"e", {"\nx", "\tx\n"}}, {"f", "\n\n"}};
  EXPECT_EQ(
      to_yaml(value),
      "a: |\n  x\nb: |-\n  x\n  y\nc: |+\n  x\n\n\nd: |2\n    x\n  y\ne:\n- |2-\n\n  x\n- |2\n  \tx\nf: \"\\n\\n\"\n");
  EXPECT_EQ(parse_yaml(to_yaml(value), "test").value(), value);
}

// Values with everything that is awkward in YAML, the same ones on every run.
class Generator {
 public:
  json::value value(int depth) {
    switch (pick(depth > 0 ? 10 : 7)) {
      case 0: return nullptr;
      case 1: return pick(2) == 0;
      case 2: return static_cast<std::int64_t>(random_()) >> pick(64);
      case 3: return number();
      case 4:
      case 5:
      case 6: return json::value(text());
      case 7:
      case 8: {
        json::object object;
        for (unsigned i = pick(5); i > 0; --i)
          object.emplace(pick(40) ? text() : std::string(pick(3000), 'k'), value(depth - 1));
        return object;
      }
      default: {
        json::array array;
        for (unsigned i = pick(5); i > 0; --i) array.push_back(value(depth - 1));
        return array;
      }
    }
  }

  std::string text() {
    static constexpr const char* words[] = {"a",
                                            "b",
                                            "true",
                                            "yes",
                                            "n",
                                            "null",
                                            "~",
                                            "1",
                                            "0x1",
                                            "0o7",
                                            "1e3",
                                            ".5",
                                            "-",
                                            "--",
                                            "---",
                                            "...",
                                            "+",
                                            ":",
                                            ": ",
                                            "#",
                                            " #",
                                            " ",
                                            "  ",
                                            "\n",
                                            "\n\n",
                                            "\t",
                                            "\r",
                                            "\"",
                                            "'",
                                            "\\",
                                            "|",
                                            ">",
                                            "&x",
                                            "*x",
                                            "!",
                                            "!!str",
                                            "%",
                                            "@",
                                            "`",
                                            "{",
                                            "}",
                                            "[",
                                            "]",
                                            ",",
                                            "?",
                                            "? ",
                                            "- ",
                                            "<<",
                                            "=",
                                            ".inf",
                                            "2001-01-01",
                                            "\x1B",
                                            "\x7F",
                                            "\xC2\x85",
                                            "\xC2\xA0",
                                            "\xE2\x80\xA8",
                                            "\xE2\x80\xAE",
                                            "\xEF\xBB\xBF",
                                            "\xEF\xBF\xBE",
                                            "\xEF\xBF\xBD",
                                            "\xF0\x9F\x9A\x80",
                                            "\xF3\xA0\x81\x81",
                                            "\xC3\xBC",
                                            "word",
                                            "\n  ",
                                            "\n\t"};
    std::string out;
    for (unsigned i = pick(6); i > 0; --i) out += words[pick(std::size(words))];
    if (pick(50) == 0) out += '\0';
    if (pick(100) == 0) out += std::string(pick(2000), 'x');
    return out;
  }

 private:
  unsigned pick(std::size_t below) { return static_cast<unsigned>(random_() % below); }
  json::value number() {
    if (pick(4) == 0) return static_cast<std::uint64_t>(random_());
    if (pick(4) == 0) return static_cast<double>(pick(1000));
    const std::uint64_t bits = random_();
    double number;
    std::memcpy(&number, &bits, sizeof number);
    return std::isfinite(number) ? number : 0.0;
  }

  std::mt19937_64 random_{20240229};
};

TEST(ToYaml, IsReadBackAsItWas) {
  Generator generator;
  for (int round = 0; round < 20000; ++round) {
    const json::value value = generator.value(4);
    const std::string text = to_yaml(value);
    const auto back = parse_yaml(text, "test");
    ASSERT_TRUE(back) << back.error().sentence() << "\n" << compact(value) << "\n" << text;
    ASSERT_EQ(*back, value) << compact(*back) << "\n" << compact(value) << "\n" << text;
  }
}

TEST(ToYaml, TextIsReadBackAsItWas) {
  Generator generator;
  for (int round = 0; round < 50000; ++round) {
    const std::string text = generator.text();
    for (const json::value& value :
         {json::value(text), json::value{{"a", text}, {text, 1}}, json::value{text, json::array{text, text}}}) {
      const auto back = parse_yaml(to_yaml(value), "test");
      ASSERT_TRUE(back) << back.error().sentence() << "\n" << to_yaml(value);
      ASSERT_EQ(*back, value) << to_yaml(value);
    }
  }
}

TEST(ParseYaml, SurvivesDamagedText) {
  Generator generator;
  std::mt19937 random(7);
  for (int round = 0; round < 5000; ++round) {
    std::string text = to_yaml(generator.value(3)) + generator.text() + to_yaml(generator.value(2));
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = "\n:-[]{}&*!|>'\"%# \xC3"[random() % 18];
    if (const auto value = parse_yaml(text, "test")) {
      EXPECT_EQ(parse_yaml(to_yaml(*value), "test").value(), *value);
    } else {
      EXPECT_EQ(value.error().code, ErrorCode::invalid_request);
    }
  }
}

}  // namespace
}  // namespace fairlead
