// Control groups, as a made-up tree of their files.
#include "base/limits.h"

#include <cstdint>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace mlxa {
namespace {

namespace fs = std::filesystem;

class ControlGroups : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(testing::TempDir()) /
            ("mlxa_" + std::string(info->name()) + std::to_string(::getpid()));
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const fs::path& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text << "\n";
  }

  size_t room(const std::string& groups) {
    write("groups", groups);
    return control_group_room(root_ / "groups", root_);
  }

  fs::path root_;
};

TEST_F(ControlGroups, TheTightestAboveTheProcessCounts) {
  write("a/memory.max", "1000");
  write("a/memory.current", "400");
  write("a/b/memory.max", "max");
  write("a/b/memory.current", "100");
  write("other/memory.max", "1");
  EXPECT_EQ(room("0::/a/b"), 600u);
  EXPECT_EQ(room("0::/"), SIZE_MAX);
  write("a/b/memory.max", "300");
  EXPECT_EQ(room("0::/a/b"), 200u);
  write("a/b/memory.current", "301");
  EXPECT_EQ(room("0::/a/b"), 0u);
}

TEST_F(ControlGroups, FilePagesAreTakenBack) {
  write("memory.max", "1000");
  write("memory.current", "900");
  write("memory.stat", "anon 100\ninactive_file 700\nactive_file 50");
  EXPECT_EQ(room("0::/"), 800u);
}

TEST_F(ControlGroups, AContainerSeesItsOwnGroupAtTheRoot) {
  write("memory.max", "1000");
  write("memory.current", "100");
  EXPECT_EQ(room("0::/docker/of/the/host"), 900u);
  EXPECT_EQ(room("0::/../../outside"), 900u);
}

TEST_F(ControlGroups, FirstVersion) {
  write("memory/x/memory.limit_in_bytes", "1000");
  write("memory/x/memory.usage_in_bytes", "300");
  write("memory/x/memory.stat", "inactive_file 1\ntotal_inactive_file 200");
  EXPECT_EQ(room("5:cpu:/\n4:cpuset,memory:/x\n0::/"), 900u);
  EXPECT_EQ(room("4:memory:/"), SIZE_MAX);
}

TEST_F(ControlGroups, NoGroups) {
  EXPECT_EQ(room("nonsense"), SIZE_MAX);
  EXPECT_EQ(control_group_room(root_ / "missing", root_), SIZE_MAX);
}

}  // namespace
}  // namespace mlxa
