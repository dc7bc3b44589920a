#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "mlxa/error.h"
#include "mlxa/io.h"

namespace mlxa {
namespace {

namespace fs = std::filesystem;

class Safetensors : public testing::Test {
 protected:
  void SetUp() override {
    path_ = fs::temp_directory_path() / ("mlxa_safetensors_" + std::to_string(::getpid()));
  }
  void TearDown() override { fs::remove(path_); }

  void write(const std::string& header, const std::string& data, int64_t claimed = -1) {
    const uint64_t length = claimed >= 0 ? static_cast<uint64_t>(claimed) : header.size();
    std::ofstream out(path_, std::ios::binary);
    out.write(reinterpret_cast<const char*>(&length), 8);
    out << header << data;
  }

  ErrorCode code_of_load() {
    try {
      load_safetensors(path_);
    } catch (const std::exception& error) {
      return error_code(error);
    }
    ADD_FAILURE() << "loaded";
    return ErrorCode::kInternal;
  }

  fs::path path_;
};

TEST_F(Safetensors, ReadsTensorsAndMetadata) {
  const float values[] = {1.5f, -2.0f, 3.0f};
  std::string data(reinterpret_cast<const char*>(values), sizeof values);
  data += "\x01\x02";
  write(
      R"({"__metadata__":{"format":"mlx"},"a":{"dtype":"F32","shape":[3,1],"data_offsets":[0,12]},)"
      R"("b":{"dtype":"U8","shape":[2],"data_offsets":[12,14]}})",
      data);
  for (bool map : {true, false}) {
    const auto [tensors, metadata] = load_safetensors(path_, map);
    EXPECT_EQ(metadata.at("format"), "mlx");
    const array a = tensors.at("a");
    EXPECT_EQ(a.shape(), (Shape{3, 1}));
    EXPECT_EQ(std::memcmp(a.data<float>(), values, sizeof values), 0);
    EXPECT_EQ(tensors.at("b").data<uint8_t>()[1], 2);
  }
}

TEST_F(Safetensors, RefusesWhatDoesNotHold) {
  const std::string data(16, 'x');
  const std::string cases[] = {
      "",
      "[]",
      R"({"a":1})",
      R"({"a":{"dtype":"F32","shape":[4]}})",
      R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}})",
      R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}})",
      R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[4,20]}})",
      R"({"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}})",
      R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
      std::string(400, '['),
  };
  for (const std::string& header : cases) {
    write(header, data);
    EXPECT_EQ(code_of_load(), ErrorCode::kInvalidFile) << header.substr(0, 100);
  }
  write("{}", "", int64_t{1} << 60);
  EXPECT_EQ(code_of_load(), ErrorCode::kInvalidFile);
  std::ofstream(path_, std::ios::trunc) << "abc";
  EXPECT_EQ(code_of_load(), ErrorCode::kInvalidFile);
  std::ofstream(path_, std::ios::trunc).close();
  EXPECT_EQ(code_of_load(), ErrorCode::kInvalidFile);
}

TEST_F(Safetensors, NamesUnknownTypesAndMissingFiles) {
  write(R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}})", std::string(16, 'x'));
  EXPECT_EQ(code_of_load(), ErrorCode::kUnsupported);
  fs::remove(path_);
  EXPECT_EQ(code_of_load(), ErrorCode::kNotFound);
}

// The header's length decides where tensors lie: they need not be aligned.
TEST_F(Safetensors, ReadsMisalignedTensors) {
  const uint32_t value = 0x12345678;
  std::string header = R"({"a":{"dtype":"U32","shape":[1],"data_offsets":[0,4]}})";
  while (header.size() % 4 != 1) header += ' ';
  write(header, std::string(reinterpret_cast<const char*>(&value), 4));
  EXPECT_EQ(load_safetensors(path_).first.at("a").item<uint32_t>(), value);
}

TEST_F(Safetensors, NpyHasNumpysBytes) {
  save(path_, array({1.0f, 2.0f}, Shape{2}));
  std::ifstream in(path_, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  ASSERT_EQ(text.size(), 128u + 8u);
  EXPECT_EQ(text.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_NE(text.find("'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"),
            std::string::npos);
  float second = 0;
  std::memcpy(&second, text.data() + 132, 4);
  EXPECT_EQ(second, 2.0f);
}

}  // namespace
}  // namespace mlxa
