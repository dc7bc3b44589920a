#include "text/template/json_read.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "text/template/numbers.h"

namespace mlxa::jinja {

namespace {

// Builds values from the parser's events, so that nothing recurses and numbers keep their digits.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Value take() { return std::move(result_); }

  bool null() override { return add(Value::none()); }
  bool boolean(bool value) override { return add(Value::boolean(value)); }
  bool number_integer(number_integer_t value) override { return add(Value::integer(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    return add(Value::integer(static_cast<Int>(value)));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    // Integers beyond 64 bits arrive here too.
    if (text.find_first_of(".eE") == text.npos) return add(Value::integer(*parse_int(text, 10)));
    return add(Value::real(value));
  }
  bool string(string_t& value) override { return add(Value::string(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(true); }
  bool end_object() override {
    return close([](Level& level) { return Value::dict(std::move(level.dict)); });
  }
  bool start_array(std::size_t) override { return open(false); }
  bool end_array() override {
    return close([](Level& level) { return Value::list(std::move(level.items)); });
  }
  bool key(string_t& name) override {
    levels_.back().key = Value::string(std::move(name));
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    std::string message = error.what();
    size_t start = message.find("] ");
    if (start != message.npos) message.erase(0, start + 2);
    value_error("at byte " + std::to_string(position) + ": " + message);
  }

 private:
  struct Level {
    std::shared_ptr<Dict> dict;  // of an object, else null
    std::vector<Value> items;
    Value key;
  };

  bool open(bool object) {
    if (levels_.size() >= static_cast<size_t>(kMaxValueDepth)) {
      fail(FailureKind::kLimit, "JSON nested too deeply");
    }
    levels_.emplace_back();
    if (object) levels_.back().dict = std::make_shared<Dict>();
    return true;
  }

  template <typename Make>
  bool close(Make make) {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    return add(make(level));
  }

  bool add(Value value) {
    if (levels_.empty()) {
      result_ = std::move(value);
    } else if (Level& level = levels_.back(); level.dict) {
      level.dict->set(std::move(level.key), std::move(value));
    } else {
      level.items.push_back(std::move(value));
    }
    return true;
  }

  std::vector<Level> levels_;
  Value result_;
};

}  // namespace

Value read_json(std::string_view text) {
  Builder builder;
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

}  // namespace mlxa::jinja
