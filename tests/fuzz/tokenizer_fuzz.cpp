// tokenizer.json: what loads encodes any text and decodes what it gave, at once and as a stream.
#include <vector>

#include "fuzz/detokenize.h"

namespace {

void use(std::string_view json) {
  const mlxa::Tokenizer tokenizer = mlxa::Tokenizer::from_json(json);
  constexpr std::string_view kTexts[] = {
      "",
      "Hello, world! It's 12345.67\n\n  two   spaces\t",
      "<s>[INST] a</s><|im_start|>user",
      "na\xc3\xafve \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x99\x82 e\xcc\x81 \xef\xac\x81",
      "\xff\xc3(\xed\xa0\x80",  // no UTF-8
  };
  for (const std::string_view text : kTexts) {
    mlxa::fuzz::answer_or_refuse([&] {
      const std::vector<int32_t> ids = tokenizer.encode(text);
      for (const int32_t id : ids) {
        mlxa::fuzz::require(id >= 0 && id < tokenizer.vocab_size(), "ids lie in the vocabulary");
      }
      mlxa::fuzz::check_streaming(tokenizer, ids, /*skip_special=*/false);
    });
  }
  const std::vector<int32_t> ids = {0, 1, 2, 3, 300, 257, 5, 4, 3, 2, 1, 0, 7, 8, 9, -1, 1 << 30};
  mlxa::fuzz::check_streaming(tokenizer, ids, /*skip_special=*/true);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mlxa::fuzz::answer_or_refuse([&] { use({reinterpret_cast<const char*>(data), size}); });
  return 0;
}
