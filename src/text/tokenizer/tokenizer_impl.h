// The state behind Tokenizer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mlxa/tokenizer.h"

#include "text/tokenizer/added_tokens.h"
#include "text/tokenizer/decoder.h"
#include "text/tokenizer/model.h"
#include "text/tokenizer/normalizer.h"
#include "text/tokenizer/post_processor.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace mlxa {

struct Tokenizer::Impl {
  explicit Impl(const tok::Document& document);

  std::vector<int32_t> encode(std::string_view text, bool add_special_tokens) const;
  /// The token of an id as decoders see it; nothing for unknown ids, and for special ones if they
  /// are to be skipped.
  std::optional<std::string_view> decodable(int32_t id, bool skip_special_tokens) const;

  std::unique_ptr<tok::Normalizer> normalizer;
  std::unique_ptr<tok::PreTokenizer> pre_tokenizer;
  std::unique_ptr<tok::Model> model;
  tok::PostProcessor post_processor;
  tok::Decoder decoder;
  tok::AddedTokens added;
  std::vector<std::pair<std::string, std::string>> special_tokens;

 private:
  void encode_normalized(std::string_view text, bool at_origin, tok::ModelScratch& scratch,
                         std::vector<int32_t>& ids) const;
};

}  // namespace mlxa
