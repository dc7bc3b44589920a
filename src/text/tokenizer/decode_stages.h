// The stages that decoders are made of.
#pragma once

#include <memory>
#include <string>

#include "text/tokenizer/decoder.h"
#include "text/tokenizer/pattern.h"

namespace mlxa::tok {

/// Makes a stage for one stream. Immutable: may be used from any thread.
class StageFactory {
 public:
  virtual ~StageFactory() = default;
  /// `fused` says that the stage sees parts of one token instead of tokens.
  virtual std::unique_ptr<TokenSink> make(TokenSink& next, bool fused) const = 0;
  /// True if later stages see one token.
  virtual bool fuses() const { return false; }
};

std::unique_ptr<StageFactory> join_with_spaces_stage();
std::unique_ptr<StageFactory> byte_level_stage();
std::unique_ptr<StageFactory> fuse_stage();
std::unique_ptr<StageFactory> byte_fallback_stage();
std::unique_ptr<StageFactory> metaspace_stage(std::string replacement, bool drop_in_first);
std::unique_ptr<StageFactory> replace_stage(Pattern pattern, std::string content);
std::unique_ptr<StageFactory> strip_stage(std::string character, size_t start, size_t stop);
std::unique_ptr<StageFactory> word_piece_stage(std::string prefix, bool cleanup);
std::unique_ptr<StageFactory> bpe_suffix_stage(std::string suffix);

}  // namespace mlxa::tok
