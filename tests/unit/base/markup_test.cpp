#include "base/markup.hpp"

#include <gtest/gtest.h>

namespace mosaic {
namespace {

TEST(EscapeMarkup, LeavesNothingThatEndsTextOrAttribute) {
  EXPECT_EQ(escape_markup("<a href=\"x\">R&D</a>"),
            "&lt;a href=&quot;x&quot;&gt;R&amp;D&lt;/a&gt;");
  EXPECT_EQ(escape_markup("a\x01\nb"), "a  b");
  EXPECT_EQ(escape_markup("Zürich"), "Zürich");
}

}  // namespace
}  // namespace mosaic
