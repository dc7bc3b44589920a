// Stop strings in a stream of text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mlxa::runtime {

/// Passes text on until one of the stop strings appears, and holds back what may become one. Empty
/// stop strings are ignored.
class StopMatcher {
 public:
  explicit StopMatcher(std::vector<std::string> stops);

  /// The text that is safe to show after `piece`. Nothing follows once stopped().
  std::string add(std::string_view piece);
  /// What was held back, at the end of the text.
  std::string finish();
  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace mlxa::runtime
