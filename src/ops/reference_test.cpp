#include "ops/reference.h"

#include <gmock/gmock.h>

#include <set>

#include "base/text.h"

namespace fairlead::ops {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Reference, HoldsEveryOperationOnceWithItsParametersAndColumns) {
  const Catalog catalog = kubernetes_catalog();
  const std::string text = catalog_markdown(catalog);
  for (const auto& operation : catalog.operations()) {
    const std::string heading = "\n### " + std::string(operation.name) + "\n";
    const std::size_t begin = text.find(heading);
    ASSERT_NE(begin, std::string::npos) << operation.name;
    EXPECT_EQ(text.find(heading, begin + 1), std::string::npos);
    const std::string section = text.substr(begin, text.find("\n##", begin + heading.size()) - begin);
    for (const auto& parameter : operation.parameters)
      EXPECT_EQ(section.find("`" + std::string(parameter.name) + "`") != section.npos, !parameter.by_face);
    for (const auto& column : operation.columns)
      EXPECT_THAT(section, HasSubstr("| `" + std::string(column.name) + "`"));
    EXPECT_THAT(section, HasSubstr("    fairlead call " + std::string(operation.name)));
    EXPECT_THAT(section, HasSubstr("API access: "));
  }
}

TEST(Reference, LinksLead) {
  const std::string text = catalog_markdown(kubernetes_catalog());
  std::set<std::string> anchors;
  for (auto line : split(text, '\n')) {
    if (!line.starts_with("##")) continue;
    std::string anchor(line.substr(line.find(' ') + 1));
    for (char& c : anchor) c = c == ' ' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_TRUE(anchors.insert(anchor).second) << anchor << " is there twice";
  }
  std::size_t links = 0;
  for (std::size_t at = text.find("](#"); at != std::string::npos; at = text.find("](#", at + 1), ++links)
    EXPECT_TRUE(anchors.contains(text.substr(at + 3, text.find(')', at) - at - 3)));
  EXPECT_GT(links, 50u);
}

TEST(Reference, OneOperation) {
  const Catalog catalog = kubernetes_catalog();
  EXPECT_EQ(operation_markdown(*catalog.find("get_namespace")),
            "### get_namespace\n\n**READ** · Get namespace details including labels, annotations, quotas and limit "
            "ranges.\n\n"
            "| parameter | type | meaning |\n|---|---|---|\n"
            "| `name` | name, required | The object's name |\n"
            "| `format` | table\\|json\\|yaml, default table | How the answer is written |\n\n"
            "API access: get `namespaces`. It tells more with list `resourcequotas`, list `limitranges`.\n\n"
            "    fairlead call get_namespace --name shop\n\n");
  EXPECT_THAT(operation_markdown(*catalog.find("delete_pod")), HasSubstr("--allow destructive"));
}

}  // namespace
}  // namespace fairlead::ops
