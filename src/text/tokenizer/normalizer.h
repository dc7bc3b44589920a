// Normalizers: what is done to the text before it is split.
#pragma once

#include <memory>
#include <string>

#include "text/tokenizer/component.h"

namespace mlxa::tok {

struct NormalizedText {
  std::string text;
  bool keeps_start = true;  ///< The first character still stands for the start of the original.
};

/// Immutable: may be used from any thread.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  /// Throws Error kInvalidArgument where the text grows beyond kMaxTextBytes.
  virtual void apply(NormalizedText& text) const = 0;
};

/// Null for a JSON null. Throws Error kInvalidFile or kUnsupported.
std::unique_ptr<Normalizer> make_normalizer(const Json& value, const std::string& where);

}  // namespace mlxa::tok
