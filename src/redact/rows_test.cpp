#include "redact/rows.h"

#include <gtest/gtest.h>

#include "redact/lines.h"
#include "redact/redact.h"

namespace fairlead::redact {
namespace {

void expect(std::string_view written, std::string_view shown) {
  EXPECT_EQ(text(written), shown);
  EXPECT_EQ(text_by_lines(written), shown);
}

TEST(Rows, ColumnsOfTables) {
  expect("id,user,password\n1,bob,hunter2\n2,\"ann, b\",\"se,cret\"\n\nmore,than,this\n",
         "id,user,password\n1,bob,<redacted>\n2,\"ann, b\",\"<redacted>\"\n\nmore,than,this\n");
  expect("\"user\";\"api_key\"\r\n\"bob\";\"hunter2\"\r\n", "\"user\";\"api_key\"\r\n\"bob\";\"<redacted>\"\r\n");
  expect("user\tpassword\nbob\thunter2\n", "user\tpassword\nbob\t<redacted>\n");
  expect(" id | password \n----+----------\n 1  | hunter2\n(1 row)\n",
         " id | password \n----+----------\n 1  | <redacted>\n(1 row)\n");
  expect("+----+\n| id | password |\n+----+---+\n| 1 | hunter2 |\n",
         "+----+\n| id | password |\n+----+---+\n| 1 | <redacted> |\n");
  for (std::string_view other :
       {"a,b\n1,hunter2\n", "give a user, password\nthen, x1y2\n", "user,password\n\nbob,hunter2\n",
        "kind,tokens\nprompt,500\n", "user,password\nbob,$(PASSWORD)\n"})
    expect(other, other);
}

TEST(Rows, FieldsOfForms) {
  expect(
      "--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--x\r\nContent-Disposition: "
      "form-data; name=\"user\"\r\n\r\nbob\r\n--x--\r\n",
      "--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n<redacted>\r\n--x\r\nContent-Disposition: "
      "form-data; name=\"user\"\r\n\r\nbob\r\n--x--\r\n");
}

TEST(Rows, LinesThatAProgramReads) {
  expect("chpasswd <<EOF\nroot:hunter2\nbob:a:b\nEOF\nid:5\n",
         "chpasswd <<EOF\nroot:<redacted>\nbob:<redacted>\nEOF\nid:5\n");
  expect("  cat <<-'END' | chpasswd -e\n  root:hunter2\n  END\n  x:y\n",
         "  cat <<-'<redacted>' | chpasswd -e\n  root:<redacted>\n  END\n  x:y\n");
  expect("chpasswd <<< \"root:hunter2\" && id\n", "chpasswd <<< \"root:<redacted>\" && id\n");
  expect("cat <<EOF\nroot:visible\nEOF\n", "cat <<EOF\nroot:visible\nEOF\n");
}

TEST(Rows, AnAddressOfOracle) {
  expect("url jdbc:oracle:thin:app/hunter2@db:1521:X ok", "url jdbc:oracle:thin:app/<redacted>@db:1521:X ok");
  expect("\"jdbc:oracle:thin:app/hun/t@er2@//db:1521/shop\"", "\"jdbc:oracle:thin:app/<redacted>@//db:1521/shop\"");
  expect("jdbc:oracle:thin:@//db:1521/shop and jdbc:oracle:thin:@db:1521:X",
         "jdbc:oracle:thin:@//db:1521/shop and jdbc:oracle:thin:@db:1521:X");
}

}  // namespace
}  // namespace fairlead::redact
