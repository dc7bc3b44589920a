#include "runtime/stop_matcher.h"

#include <gtest/gtest.h>

namespace mlxa::runtime {
namespace {

TEST(StopMatcher, HoldsBackWhatMayBecomeAStop) {
  StopMatcher matcher({"STOP"});
  EXPECT_EQ(matcher.add("abS"), "ab");
  EXPECT_EQ(matcher.add("T"), "");
  EXPECT_EQ(matcher.add("x"), "STx");
  EXPECT_EQ(matcher.add("yST"), "y");
  EXPECT_EQ(matcher.add("OPz"), "");
  EXPECT_TRUE(matcher.stopped());
  EXPECT_EQ(matcher.add("more"), "");
  EXPECT_EQ(matcher.finish(), "");
}

TEST(StopMatcher, TheEarliestStopWins) {
  StopMatcher matcher({"cd", "bcd"});
  EXPECT_EQ(matcher.add("abcd"), "a");
  EXPECT_TRUE(matcher.stopped());
}

TEST(StopMatcher, GivesTheRestAtTheEnd) {
  StopMatcher matcher({"", "aab"});
  EXPECT_EQ(matcher.add("xaa"), "x");
  EXPECT_EQ(matcher.add("a"), "a");
  EXPECT_EQ(matcher.finish(), "aa");
  EXPECT_FALSE(matcher.stopped());
}

}  // namespace
}  // namespace mlxa::runtime
