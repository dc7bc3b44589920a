#include "text/tokenizer/split.h"

#include <algorithm>

namespace mlxa::tok {
namespace {

// A match joins the cut before it, unless that was a match too.
void merge_with_previous(std::vector<Cut>& cuts) {
  size_t kept = 0;
  bool previous_match = false;
  for (const Cut cut : cuts) {
    if (cut.is_match && !previous_match && kept > 0) {
      cuts[kept - 1].end = cut.end;
    } else {
      cuts[kept++] = cut;
    }
    previous_match = cut.is_match;
  }
  cuts.resize(kept);
}

void merge_with_next(std::vector<Cut>& cuts) {
  size_t kept = cuts.size();
  bool previous_match = false;
  for (size_t i = cuts.size(); i-- > 0;) {
    const Cut cut = cuts[i];
    if (cut.is_match && !previous_match && kept < cuts.size()) {
      cuts[kept].begin = cut.begin;
    } else {
      cuts[--kept] = cut;
    }
    previous_match = cut.is_match;
  }
  cuts.erase(cuts.begin(), cuts.begin() + static_cast<ptrdiff_t>(kept));
}

void merge_runs(std::vector<Cut>& cuts) {
  size_t kept = 0;
  bool previous_match = false;
  for (const Cut cut : cuts) {
    if (cut.is_match == previous_match && kept > 0) {
      cuts[kept - 1].end = cut.end;
    } else {
      cuts[kept++] = cut;
    }
    previous_match = cut.is_match;
  }
  cuts.resize(kept);
}

}  // namespace

SplitBehavior parse_behavior(const std::string& name, const std::string& where) {
  if (name == "Removed") return SplitBehavior::kRemoved;
  if (name == "Isolated") return SplitBehavior::kIsolated;
  if (name == "MergedWithPrevious") return SplitBehavior::kMergedWithPrevious;
  if (name == "MergedWithNext") return SplitBehavior::kMergedWithNext;
  if (name == "Contiguous") return SplitBehavior::kContiguous;
  fail_invalid(where, "is " + in_quotes(name),
               "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
}

void apply_behavior(std::vector<Cut>& cuts, SplitBehavior behavior) {
  switch (behavior) {
    case SplitBehavior::kRemoved:
      cuts.erase(std::remove_if(cuts.begin(), cuts.end(), [](const Cut& c) { return c.is_match; }),
                 cuts.end());
      break;
    case SplitBehavior::kIsolated:
      break;
    case SplitBehavior::kMergedWithPrevious:
      merge_with_previous(cuts);
      break;
    case SplitBehavior::kMergedWithNext:
      merge_with_next(cuts);
      break;
    case SplitBehavior::kContiguous:
      merge_runs(cuts);
      break;
  }
}

}  // namespace mlxa::tok
