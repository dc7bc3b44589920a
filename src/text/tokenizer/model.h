// Models: what turns one piece of pre-tokenized text into ids.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "text/tokenizer/document.h"
#include "text/tokenizer/vocabulary.h"

namespace mlxa::tok {

/// Buffers that a model reuses from piece to piece; one per thread and call.
struct ModelScratch {
  struct Symbol {
    int32_t id;
    int32_t previous;  ///< Index of the neighbour, -1 at the ends.
    int32_t next;
    bool alive;
  };
  struct Merge {
    uint32_t rank;
    int32_t position;
    int32_t id;
  };
  std::vector<Symbol> symbols;
  std::vector<Merge> merges;
};

/// Immutable but for internally locked caches: may be used from any thread.
class Model {
 public:
  explicit Model(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}
  virtual ~Model() = default;

  /// Appends the ids of a non-empty piece. Throws Error kInvalidFile where the piece needs an
  /// unknown token that the vocabulary lacks.
  virtual void encode(std::string_view piece, ModelScratch& scratch,
                      std::vector<int32_t>& ids) const = 0;

  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  Vocabulary vocabulary_;
};

/// The model of a file. Throws Error kInvalidFile or
/// kUnsupported.
std::unique_ptr<Model> make_model(const Document& document);

}  // namespace mlxa::tok
