#include "mlxa/tokenizer.h"

#include "text/tokenizer/tokenizer_impl.h"

namespace mlxa {

struct StreamingDetokenizer::Stream : tok::Decoder::Stream {
  using tok::Decoder::Stream::Stream;
};

StreamingDetokenizer::StreamingDetokenizer(const Tokenizer& tokenizer, bool skip_special_tokens)
    : tokenizer_(tokenizer), skip_special_tokens_(skip_special_tokens) {
  reset();
}

StreamingDetokenizer::~StreamingDetokenizer() = default;
StreamingDetokenizer::StreamingDetokenizer(StreamingDetokenizer&&) noexcept = default;
StreamingDetokenizer& StreamingDetokenizer::operator=(StreamingDetokenizer&&) noexcept = default;

std::string StreamingDetokenizer::add(int32_t id) {
  std::string text;
  if (const auto token = tokenizer_.impl_->decodable(id, skip_special_tokens_)) {
    stream_->put(*token, text);
  }
  return text;
}

std::string StreamingDetokenizer::finish() {
  std::string text;
  stream_->finish(text);
  reset();
  return text;
}

void StreamingDetokenizer::reset() {
  stream_ = std::make_unique<Stream>(tokenizer_.impl_->decoder);
}

}  // namespace mlxa
