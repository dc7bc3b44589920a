// Decoders: from tokens to text, as a stream. Decoding a whole list is the same stream run at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer/component.h"

namespace mlxa::tok {

/// One stage of a stream. Before the first stage that joins all tokens into one (ByteLevel, Fuse)
/// every put() is a whole token; after it every put() is the next part of that one token.
class TokenSink {
 public:
  virtual ~TokenSink() = default;
  virtual void put(std::string_view text) = 0;
  virtual void finish() = 0;
};

class StageFactory;

/// The decoder of a file. Immutable: may be used from any thread.
class Decoder {
 public:
  /// From a component; null joins the tokens with spaces. Throws Error kInvalidFile or
  /// kUnsupported.
  Decoder(const Json& value, const std::string& where);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  /// One text in the making. The decoder must outlive it. Both members throw Error
  /// kInvalidArgument where a replacement grows beyond kMaxTextBytes.
  class Stream {
   public:
    explicit Stream(const Decoder& decoder);
    /// Appends to `out` the text that is certain once `token` is known: whole characters.
    void put(std::string_view token, std::string& out);
    /// Appends the rest.
    void finish(std::string& out);

   private:
    struct Output final : TokenSink {
      void put(std::string_view part) override { text.append(part); }
      void finish() override {}
      std::string text;
    };
    void drain(std::string& out);

    std::unique_ptr<Output> output_;
    std::vector<std::unique_ptr<TokenSink>> stages_;  // the last comes first in the stream
  };

 private:
  void add(const Json& value, const std::string& where);

  std::vector<std::unique_ptr<StageFactory>> stages_;  // in the order of the stream
};

}  // namespace mlxa::tok
