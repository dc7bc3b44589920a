#include "text/tokenizer/decode_stages.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "text/tokenizer/byte_level.h"
#include "text/tokenizer/unicode.h"

namespace mlxa::tok {
namespace {

class Stage : public TokenSink {
 public:
  explicit Stage(TokenSink& next) : next_(next) {}
  void finish() override { next_.finish(); }

 protected:
  TokenSink& next_;
};

// Waits for the end of a token that comes in parts.
class Gather final : public Stage {
 public:
  Gather(std::unique_ptr<TokenSink> stage, TokenSink& next)
      : Stage(next), stage_(std::move(stage)) {}
  void put(std::string_view part) override {
    text_ += part;
    check_text_size(text_.size());
  }
  void finish() override {
    stage_->put(text_);
    stage_->finish();
  }

 private:
  std::unique_ptr<TokenSink> stage_;
  std::string text_;
};

// A factory from a function that makes the stage for whole tokens; one joined token is gathered.
template <class Make>
class TokenFactory final : public StageFactory {
 public:
  explicit TokenFactory(Make make) : make_(std::move(make)) {}
  std::unique_ptr<TokenSink> make(TokenSink& next, bool fused) const override {
    auto stage = make_(next);
    if (!fused) return stage;
    return std::make_unique<Gather>(std::move(stage), next);
  }

 private:
  Make make_;
};

template <class Make>
std::unique_ptr<StageFactory> token_factory(Make make) {
  return std::make_unique<TokenFactory<Make>>(std::move(make));
}

class JoinWithSpaces final : public Stage {
 public:
  using Stage::Stage;
  void put(std::string_view token) override {
    if (!first_) next_.put(" ");
    first_ = false;
    next_.put(token);
  }

 private:
  bool first_ = true;
};

class ByteLevel final : public Stage {
 public:
  using Stage::Stage;
  void put(std::string_view token) override {
    bytes_.clear();
    text_.clear();
    append_token_bytes(bytes_, token);
    repairer_.append(bytes_, text_);
    if (!text_.empty()) next_.put(text_);
  }
  void finish() override {
    text_.clear();
    repairer_.finish(text_);
    if (!text_.empty()) next_.put(text_);
    next_.finish();
  }

 private:
  std::string bytes_, text_;
  Utf8Repairer repairer_;
};

class ByteLevelFactory final : public StageFactory {
 public:
  std::unique_ptr<TokenSink> make(TokenSink& next, bool fused) const override {
    auto stage = std::make_unique<ByteLevel>(next);
    if (!fused) return stage;
    return std::make_unique<Gather>(std::move(stage), next);
  }
  bool fuses() const override { return true; }
};

class Forward final : public Stage {
 public:
  using Stage::Stage;
  void put(std::string_view text) override { next_.put(text); }
};

class FuseFactory final : public StageFactory {
 public:
  std::unique_ptr<TokenSink> make(TokenSink& next, bool) const override {
    return std::make_unique<Forward>(next);
  }
  bool fuses() const override { return true; }
};

// The byte of "<0xHH>".
std::optional<char> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  const int high = token[3] == '+' ? 0 : digit(token[3]);  // a sign passes in the reference too
  const int low = digit(token[4]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

// A run of byte tokens is text if the whole run is valid UTF-8, and one U+FFFD per byte otherwise.
// Only the end of the run decides.
class ByteFallback final : public Stage {
 public:
  using Stage::Stage;
  void put(std::string_view token) override {
    if (const auto byte = byte_of(token)) {
      run_ += *byte;
      return;
    }
    flush();
    next_.put(token);
  }
  void finish() override {
    flush();
    next_.finish();
  }

 private:
  void flush() {
    if (run_.empty()) return;
    if (is_valid_utf8(run_)) {
      next_.put(run_);
    } else {
      for (size_t i = 0; i < run_.size(); ++i) next_.put(kReplacementCharacter);
    }
    run_.clear();
  }

  std::string run_;
};

class Metaspace final : public Stage {
 public:
  Metaspace(TokenSink& next, bool fused, std::string_view replacement, bool drop_in_first)
      : Stage(next), fused_(fused), replacement_(replacement), drop_(drop_in_first) {}
  void put(std::string_view text) override {
    out_.clear();
    for (size_t i = 0; i < text.size();) {
      if (text.substr(i).starts_with(replacement_)) {
        if (!drop_) out_ += ' ';
        i += replacement_.size();
      } else {
        out_ += text[i++];
      }
    }
    if (!fused_) drop_ = false;
    next_.put(out_);
  }

 private:
  const bool fused_;
  const std::string_view replacement_;
  bool drop_;
  std::string out_;
};

class MetaspaceFactory final : public StageFactory {
 public:
  MetaspaceFactory(std::string replacement, bool drop_in_first)
      : replacement_(std::move(replacement)), drop_in_first_(drop_in_first) {}
  std::unique_ptr<TokenSink> make(TokenSink& next, bool fused) const override {
    return std::make_unique<Metaspace>(next, fused, replacement_, drop_in_first_);
  }

 private:
  std::string replacement_;
  bool drop_in_first_;
};

class Replace final : public Stage {
 public:
  Replace(TokenSink& next, const Pattern& pattern, std::string_view content)
      : Stage(next), cutter_(pattern), content_(content) {}
  void put(std::string_view token) override {
    cuts_.clear();
    cutter_.cut(token, cuts_);
    next_.put(replace_matches(token, cuts_, content_));
  }

 private:
  Cutter cutter_;
  const std::string_view content_;
  std::vector<Cut> cuts_;
};

// Replaces a literal in a token that comes in parts.
class ReplaceInParts final : public Stage {
 public:
  ReplaceInParts(TokenSink& next, std::string_view literal, std::string_view content)
      : Stage(next), literal_(literal), content_(content) {}

  void put(std::string_view part) override {
    text_ += part;
    std::string out;
    size_t done = 0;
    for (size_t at = text_.find(literal_); at != std::string::npos;
         at = text_.find(literal_, done)) {
      out.append(text_, done, at - done).append(content_);
      done = at + literal_.size();
      check_text_size(out.size());
    }
    const size_t keep = unfinished(std::string_view(text_).substr(done));
    out.append(text_, done, text_.size() - done - keep);
    text_.erase(0, text_.size() - keep);
    if (!out.empty()) next_.put(out);
  }

  void finish() override {
    if (!text_.empty()) next_.put(text_);
    next_.finish();
  }

 private:
  // Length of the longest end of `text` with which the literal may start.
  size_t unfinished(std::string_view text) const {
    for (size_t size = std::min(text.size(), literal_.size() - 1); size > 0; --size) {
      if (literal_.starts_with(text.substr(text.size() - size))) return size;
    }
    return 0;
  }

  const std::string_view literal_, content_;
  std::string text_;
};

class ReplaceFactory final : public StageFactory {
 public:
  ReplaceFactory(Pattern pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  std::unique_ptr<TokenSink> make(TokenSink& next, bool fused) const override {
    if (fused && pattern_.literal()) {
      return std::make_unique<ReplaceInParts>(next, *pattern_.literal(), content_);
    }
    auto stage = std::make_unique<Replace>(next, pattern_, content_);
    if (!fused) return stage;
    return std::make_unique<Gather>(std::move(stage), next);
  }

 private:
  Pattern pattern_;
  std::string content_;
};

// Takes up to `start` characters from the front of a token and up to `stop` from its end.
class Strip final : public Stage {
 public:
  Strip(TokenSink& next, bool fused, std::string_view character, size_t start, size_t stop)
      : Stage(next), fused_(fused), character_(character), start_(start), stop_(stop) {}

  void put(std::string_view text) override {
    if (!fused_) taken_ = 0;
    while (taken_ < start_ && text.starts_with(character_)) {
      text.remove_prefix(character_.size());
      ++taken_;
    }
    if (!text.empty()) taken_ = start_;  // the front is over
    if (!fused_) {
      for (size_t i = 0; i < stop_ && text.ends_with(character_); ++i) {
        text.remove_suffix(character_.size());
      }
      next_.put(text);
      return;
    }
    // What may turn out to be the end waits.
    std::string all = std::exchange(held_, {});
    all += text;
    std::string_view rest = all;
    size_t held = 0;
    while (held < stop_ && rest.ends_with(character_)) {
      rest.remove_suffix(character_.size());
      ++held;
    }
    held_ = all.substr(rest.size());
    if (!rest.empty()) next_.put(rest);
  }

 private:
  const bool fused_;
  const std::string_view character_;
  const size_t start_, stop_;
  size_t taken_ = 0;
  std::string held_;
};

class StripFactory final : public StageFactory {
 public:
  StripFactory(std::string character, size_t start, size_t stop)
      : character_(std::move(character)), start_(start), stop_(stop) {}
  std::unique_ptr<TokenSink> make(TokenSink& next, bool fused) const override {
    return std::make_unique<Strip>(next, fused, character_, start_, stop_);
  }

 private:
  std::string character_;
  size_t start_, stop_;
};

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  size_t done = 0;
  for (size_t at = text.find(from); at != std::string_view::npos; at = text.find(from, done)) {
    out.append(text.substr(done, at - done)).append(to);
    done = at + from.size();
  }
  return out.append(text.substr(done));
}

class WordPiece final : public Stage {
 public:
  WordPiece(TokenSink& next, std::string_view prefix, bool cleanup)
      : Stage(next), prefix_(prefix), cleanup_(cleanup) {}
  void put(std::string_view token) override {
    std::string text;
    if (!first_ && token.starts_with(prefix_)) {
      token.remove_prefix(prefix_.size());
    } else if (!first_) {
      text += ' ';
    }
    text += token;
    first_ = false;
    if (cleanup_) clean(text);
    next_.put(text);
  }

 private:
  static void clean(std::string& text) {
    constexpr std::pair<const char*, const char*> kRules[] = {
        {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
        {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
        {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    for (const auto& [from, to] : kRules) text = replace_all(text, from, to);
  }

  const std::string_view prefix_;
  const bool cleanup_;
  bool first_ = true;
};

// The suffix marks ends of words: a space there, but not after the last token.
class BpeSuffix final : public Stage {
 public:
  BpeSuffix(TokenSink& next, std::string_view suffix) : Stage(next), suffix_(suffix) {}
  void put(std::string_view token) override {
    if (held_) next_.put(replace_all(*held_, suffix_, " "));
    held_ = token;
  }
  void finish() override {
    if (held_) next_.put(replace_all(*held_, suffix_, ""));
    next_.finish();
  }

 private:
  const std::string_view suffix_;
  std::optional<std::string> held_;
};

}  // namespace

std::unique_ptr<StageFactory> join_with_spaces_stage() {
  return token_factory([](TokenSink& next) { return std::make_unique<JoinWithSpaces>(next); });
}

std::unique_ptr<StageFactory> byte_level_stage() { return std::make_unique<ByteLevelFactory>(); }

std::unique_ptr<StageFactory> fuse_stage() { return std::make_unique<FuseFactory>(); }

std::unique_ptr<StageFactory> byte_fallback_stage() {
  return token_factory([](TokenSink& next) { return std::make_unique<ByteFallback>(next); });
}

std::unique_ptr<StageFactory> metaspace_stage(std::string replacement, bool drop_in_first) {
  return std::make_unique<MetaspaceFactory>(std::move(replacement), drop_in_first);
}

std::unique_ptr<StageFactory> replace_stage(Pattern pattern, std::string content) {
  return std::make_unique<ReplaceFactory>(std::move(pattern), std::move(content));
}

std::unique_ptr<StageFactory> strip_stage(std::string character, size_t start, size_t stop) {
  return std::make_unique<StripFactory>(std::move(character), start, stop);
}

std::unique_ptr<StageFactory> word_piece_stage(std::string prefix, bool cleanup) {
  return token_factory([prefix = std::move(prefix), cleanup](TokenSink& next) {
    return std::make_unique<WordPiece>(next, prefix, cleanup);
  });
}

std::unique_ptr<StageFactory> bpe_suffix_stage(std::string suffix) {
  return token_factory([suffix = std::move(suffix)](TokenSink& next) {
    return std::make_unique<BpeSuffix>(next, suffix);
  });
}

}  // namespace mlxa::tok
