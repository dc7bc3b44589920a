// Pre-tokenizers: cutting normalized text into the pieces that the model sees one by one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "text/tokenizer/component.h"

namespace mlxa::tok {

struct Piece {
  size_t begin, end;
  bool at_origin;  ///< Starts where the text given to encode() starts.
};

/// Pieces of one text, in order, none of them empty. What is between them has been removed.
struct PieceList {
  std::string text;
  std::vector<Piece> pieces;

  std::string_view view(const Piece& piece) const {
    return std::string_view(text).substr(piece.begin, piece.end - piece.begin);
  }
};

/// Immutable: may be used from any thread.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// Throws Error kInvalidArgument where the text grows beyond kMaxTextBytes.
  virtual void apply(PieceList& list) const = 0;
};

/// Null for a JSON null. Throws Error kInvalidFile or kUnsupported.
std::unique_ptr<PreTokenizer> make_pre_tokenizer(const Json& value, const std::string& where);

}  // namespace mlxa::tok
