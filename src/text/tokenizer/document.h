// Parsing tokenizer files. The vocabulary and the merges, nearly all of such a file, go straight
// into flat lists; the rest becomes a small JSON value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer/component.h"

namespace mlxa::tok {

struct VocabularyEntry {
  std::string token;
  int64_t id;
};

/// The two forms of model.merges. One file uses one of them.
struct MergeList {
  std::vector<std::string> lines;                          ///< "left right"
  std::vector<std::pair<std::string, std::string>> pairs;  ///< [left, right]
};

struct Document {
  Json root;  ///< An object, without model.vocab (where that is an object) and model.merges.
  std::vector<VocabularyEntry> vocabulary;  ///< model.vocab, in the order of the file.
  MergeList merges;
  bool has_vocabulary = false;
  bool has_merges = false;
};

/// Throws Error kInvalidFile: no JSON, nested deeper than kMaxNesting, no object, malformed
/// vocabulary or merges. `name` is the file's name for messages.
Document parse_tokenizer_json(std::string_view text, const std::string& name);

/// Any other JSON file that must hold an object; checked as above.
Json parse_json_object(std::string_view text, const std::string& name);

}  // namespace mlxa::tok
