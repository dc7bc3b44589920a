// The streaming detokenizer: one byte chooses a tokenizer and whether special tokens show, the
// others are token ids, two bytes each.
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz/detokenize.h"

namespace {

mlxa::Tokenizer golden(const std::string& name) {
  std::ifstream in(MLXA_GOLDEN_DIR "/tokenizer/" + name + "/tokenizer.json", std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  return mlxa::Tokenizer::from_json(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Byte-level, SentencePiece with byte fallback, Metaspace, WordPiece, and every decoder at once.
  static const mlxa::Tokenizer tokenizers[] = {golden("qwen2"),     golden("llama2"),
                                               golden("gemma"),     golden("metaspace"),
                                               golden("bert_like"), golden("kitchen_sink")};
  if (size == 0) return 0;
  const mlxa::Tokenizer& tokenizer = tokenizers[(data[0] >> 1) % std::size(tokenizers)];
  std::vector<int32_t> ids;
  for (size_t i = 1; i + 1 < size; i += 2) {
    const int32_t id = data[i] | data[i + 1] << 8;
    ids.push_back(id < 0xff00 ? id % tokenizer.vocab_size() : id);  // some are unknown
  }
  mlxa::fuzz::check_streaming(tokenizer, ids, (data[0] & 1) != 0);
  return 0;
}
