#include "text/tokenizer/document.h"

namespace mlxa::tok {
namespace {

enum class Capture { kNone, kVocabulary, kMerges };

// Receives the parser's events and builds the document.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  Builder(Document& document, const std::string& name, bool capture)
      : document_(document), name_(name), capture_enabled_(capture) {}

  bool null() override { return scalar(nullptr); }
  bool boolean(bool value) override { return scalar(value); }
  bool number_float(double value, const std::string&) override { return scalar(value); }
  bool binary(Json::binary_t&) override { return false; }

  bool number_integer(int64_t value) override {
    if (capture_ == Capture::kVocabulary) return vocabulary_id(value);
    return scalar(value);
  }

  bool number_unsigned(uint64_t value) override {
    if (capture_ == Capture::kVocabulary) {
      const auto limit = static_cast<uint64_t>(kMaxTokenId);
      return vocabulary_id(static_cast<int64_t>(std::min(value, limit + 1)));
    }
    return scalar(value);
  }

  bool string(std::string& value) override {
    if (capture_ == Capture::kMerges) {
      if (in_pair_) {
        pair_.push_back(std::move(value));
        if (pair_.size() > 2) malformed_merge();
      } else {
        document_.merges.lines.push_back(std::move(value));
      }
      return true;
    }
    return scalar(std::move(value));
  }

  bool start_object(size_t) override {
    if (capture_ != Capture::kNone) malformed_capture();
    if (captures("vocab")) {
      capture_ = Capture::kVocabulary;
      document_.has_vocabulary = true;
      document_.vocabulary.clear();
      return true;
    }
    return open(Json::object());
  }

  bool end_object() override {
    if (capture_ == Capture::kVocabulary) {
      capture_ = Capture::kNone;
      return true;
    }
    return close();
  }

  bool start_array(size_t) override {
    if (capture_ == Capture::kMerges && !in_pair_) {
      in_pair_ = true;
      pair_.clear();
      return true;
    }
    if (capture_ != Capture::kNone) malformed_capture();
    if (captures("merges")) {
      capture_ = Capture::kMerges;
      document_.has_merges = true;
      document_.merges = {};
      return true;
    }
    return open(Json::array());
  }

  bool end_array() override {
    if (capture_ == Capture::kMerges) {
      if (!in_pair_) {
        capture_ = Capture::kNone;
        return true;
      }
      in_pair_ = false;
      if (pair_.size() != 2) malformed_merge();
      document_.merges.pairs.emplace_back(std::move(pair_[0]), std::move(pair_[1]));
      return true;
    }
    return close();
  }

  bool key(std::string& value) override {
    (capture_ == Capture::kVocabulary ? token_ : key_) = std::move(value);
    return true;
  }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    fail_invalid(name_, "is no valid JSON at byte " + std::to_string(position), "a JSON object");
  }

 private:
  // True for the value of root.model.KEY.
  bool captures(std::string_view key) const {
    return capture_enabled_ && stack_.size() == 2 && stack_[0]->is_object() &&
           stack_[1]->is_object() && outer_key_ == "model" && key_ == key;
  }

  Json* insert(Json&& value) {
    if (stack_.empty()) {
      document_.root = std::move(value);
      return &document_.root;
    }
    Json& parent = *stack_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }

  bool scalar(Json&& value) {
    if (capture_ != Capture::kNone) malformed_capture();
    insert(std::move(value));
    return true;
  }

  // A parent is not changed while a child is open, so that the pointers stay good.
  bool open(Json&& value) {
    if (stack_.size() == kMaxNesting) {
      fail_invalid(name_, "is nested deeper than " + std::to_string(kMaxNesting) + " levels",
                   "a flat file");
    }
    if (stack_.size() == 1) outer_key_ = key_;
    stack_.push_back(insert(std::move(value)));
    return true;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  bool vocabulary_id(int64_t id) {
    document_.vocabulary.push_back({std::move(token_), id});
    return true;
  }

  [[noreturn]] void malformed_merge() const {
    fail_invalid(name_ + ": model.merges", "holds an array that is no pair", "pairs of strings");
  }

  [[noreturn]] void malformed_capture() const {
    if (capture_ == Capture::kMerges) {
      fail_invalid(name_ + ": model.merges", "holds something else than text",
                   "strings or pairs of strings");
    }
    fail_invalid(name_ + ": model.vocab", "maps " + in_quotes(token_) + " to something else",
                 "an integer");
  }

  Document& document_;
  const std::string& name_;
  const bool capture_enabled_;
  Capture capture_ = Capture::kNone;
  bool in_pair_ = false;
  std::vector<std::string> pair_;
  std::vector<Json*> stack_;
  std::string key_, outer_key_, token_;
};

Document parse(std::string_view text, const std::string& name, bool capture) {
  Document document;
  Builder builder(document, name, capture);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
    fail_invalid(name, "is no valid JSON", "a JSON object");
  }
  if (!document.root.is_object()) {
    fail_invalid(name, std::string("holds a value of type ") + document.root.type_name(),
                 "a JSON object");
  }
  if (!document.merges.lines.empty() && !document.merges.pairs.empty()) {
    fail_invalid(name + ": model.merges", "mixes strings and pairs", "one of the two");
  }
  return document;
}

}  // namespace

Document parse_tokenizer_json(std::string_view text, const std::string& name) {
  return parse(text, name, true);
}

Json parse_json_object(std::string_view text, const std::string& name) {
  return parse(text, name, false).root;
}

}  // namespace mlxa::tok
