#include "base/json.h"

#include "mlxa/error.h"

namespace mlxa {
namespace {

// Depth counted on the raw text: brackets outside strings.
void check_depth(std::string_view text, const std::string& where) {
  int depth = 0;
  bool in_string = false, escaped = false;
  for (char c : text) {
    if (in_string) {
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        in_string = false;
      }
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') depth++;
    if (c == ']' || c == '}') depth--;
    if (depth > kMaxJsonDepth) {
      throw Error(ErrorCode::kInvalidFile,
                  "[" + where + "] JSON nested deeper than " + std::to_string(kMaxJsonDepth),
                  "Check that the file is what it should be.");
    }
  }
}

}  // namespace

template <class Json>
Json parse_json(std::string_view text, const std::string& where) {
  check_depth(text, where);
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kInvalidFile, "[" + where + "] not valid JSON: " + error.what(),
                "The file is damaged or incomplete: fetch it again.");
  }
}

template nlohmann::json parse_json(std::string_view text, const std::string& where);
template nlohmann::ordered_json parse_json(std::string_view text, const std::string& where);

}  // namespace mlxa
