#include "mlxa/error.h"

#include <new>

#include <gtest/gtest.h>

namespace mlxa {
namespace {

TEST(Error, CarriesCodeAndRemedy) {
  Error error(ErrorCode::kNotFound, "[load] no such directory: x", "Check the path.");
  EXPECT_EQ(error_code(error), ErrorCode::kNotFound);
  EXPECT_EQ(error.remedy(), "Check the path.");
  EXPECT_STREQ(error.what(), "[load] no such directory: x");
}

// Messages quote names from files, which may hold anything.
TEST(Error, IsOneBoundedLine) {
  const Error error(ErrorCode::kInvalidFile, "tensor a\nb\x1b[2J\x7f\tc");
  EXPECT_STREQ(error.what(), "tensor a b [2J  c");
  const std::string character = "\xe6\xbc\xa2";
  std::string name = "x";
  while (name.size() < 5000) name += character;
  const std::string cut = Error(ErrorCode::kInvalidFile, name).what();
  EXPECT_LE(cut.size(), Error::kMaxMessageBytes + 3);
  EXPECT_EQ(cut.substr(cut.size() - 6), character + "...");
}

TEST(Error, StandardTypesMapToCodes) {
  EXPECT_EQ(error_code(std::invalid_argument("x")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code(std::out_of_range("x")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code(std::bad_alloc()), ErrorCode::kOutOfMemory);
  EXPECT_EQ(error_code(std::runtime_error("x")), ErrorCode::kInternal);
}

TEST(Error, ExitCodesAreDistinctAndNotSuccess) {
  for (int a = 0; a <= static_cast<int>(ErrorCode::kCancelled); a++) {
    EXPECT_NE(error_info(static_cast<ErrorCode>(a)).exit_code, 0);
    for (int b = 0; b < a; b++) {
      EXPECT_NE(error_info(static_cast<ErrorCode>(a)).exit_code,
                error_info(static_cast<ErrorCode>(b)).exit_code);
    }
  }
}

}  // namespace
}  // namespace mlxa
