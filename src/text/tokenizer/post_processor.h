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

  /// The largest id that apply adds, -1 if it adds none.
  int32_t largest_id() const;

 private:
  /// One element of a template: the text (nothing) or fixed ids.
  using Element = std::optional<std::vector<int32_t>>;

  void add(const Json& value, const std::string& where);
  void add_template(const Fields& fields);
  void add_pair_processor(const Fields& fields);

  void append(std::vector<Element> elements, const std::string& where);

  std::vector<std::vector<Element>> templates_;  // applied one after the other
  size_t added_ = 0;                             // ids that all templates add together
};

}  // namespace mlxa::tok
