// Post-processors: the tokens that are put around a text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "text/tokenizer/component.h"

namespace mlxa::tok {

/// The templates of a file, for a single text. Immutable: may be used from any thread.
class PostProcessor {
 public:
  PostProcessor() = default;
  /// From a component or a JSON null. Throws Error kInvalidFile or kUnsupported.
  PostProcessor(const Json& value, const std::string& where);

  std::vector<int32_t> apply(std::vector<int32_t> ids) const;

 private:
  /// One element of a template: the text (nothing) or fixed ids.
  using Element = std::optional<std::vector<int32_t>>;

  void add(const Json& value, const std::string& where);
  void add_template(const Fields& fields);
  void add_pair_processor(const Fields& fields);

  std::vector<std::vector<Element>> templates_;  // applied one after the other
};

}  // namespace mlxa::tok
