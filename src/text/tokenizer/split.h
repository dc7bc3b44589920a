// What becomes of the matches when pieces are cut.
#pragma once

#include <string>
#include <vector>

#include "text/tokenizer/pattern.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace mlxa::tok {

enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

/// From its name in the file. Throws Error kInvalidFile.
SplitBehavior parse_behavior(const std::string& name, const std::string& where);

/// Turns the cuts of a text into the stretches that stay.
void apply_behavior(std::vector<Cut>& cuts, SplitBehavior behavior);

/// Replaces every piece by its parts; `cut(text, cuts)` appends the cuts of one text.
template <class CutText>
void split_pieces(PieceList& list, SplitBehavior behavior, bool invert, CutText cut) {
  std::vector<Piece> pieces;
  std::vector<Cut> cuts;
  for (const Piece& piece : list.pieces) {
    cuts.clear();
    cut(list.view(piece), cuts);
    if (invert) {
      for (Cut& one : cuts) one.is_match = !one.is_match;
    }
    apply_behavior(cuts, behavior);
    for (const Cut& one : cuts) {
      if (one.begin == one.end) continue;
      pieces.push_back(
          {piece.begin + one.begin, piece.begin + one.end, piece.at_origin && one.begin == 0});
    }
  }
  list.pieces = std::move(pieces);
}

}  // namespace mlxa::tok
