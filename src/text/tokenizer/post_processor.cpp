#include "text/tokenizer/post_processor.h"

#include <algorithm>
#include <unordered_map>

namespace mlxa::tok {
namespace {

// Ids that the templates of a file may add to a text. Real ones add a few.
constexpr size_t kMaxAdded = 4096;

}  // namespace

PostProcessor::PostProcessor(const Json& value, const std::string& where) {
  if (!value.is_null()) add(value, where);
}

void PostProcessor::add(const Json& value, const std::string& where) {
  const std::string type = component_type(value, where);
  const Fields fields(value, where);
  if (type == "ByteLevel") return;  // moves offsets only
  if (type == "TemplateProcessing") return add_template(fields);
  if (type == "BertProcessing" || type == "RobertaProcessing") return add_pair_processor(fields);
  if (type == "Sequence") {
    size_t index = 0;
    for (const Json& part : fields.array("processors")) {
      add(part, fields.where("processors[" + std::to_string(index++) + "]"));
    }
    return;
  }
  fail_unsupported(where, "the post-processor " + in_quotes(type),
                   "TemplateProcessing, ByteLevel, BertProcessing, RobertaProcessing or Sequence");
}

void PostProcessor::add_template(const Fields& fields) {
  const std::string tokens_place = fields.where("special_tokens");
  std::unordered_map<std::string, std::vector<int32_t>> special;
  if (const Json* tokens = fields.find("special_tokens")) {
    Fields(*tokens, tokens_place);
    for (const auto& [name, value] : tokens->items()) {
      const std::string place = tokens_place + "[" + in_quotes(name) + "]";
      for (const Json& id : Fields(value, place).array("ids")) {
        special[name].push_back(static_cast<int32_t>(to_integer(id, place, 0, kMaxTokenId)));
      }
    }
  }
  std::vector<Element> elements;
  size_t added = 0;
  for (const Json& item : fields.array("single")) {
    const std::string place = fields.where("single[" + std::to_string(elements.size()) + "]");
    const Fields element(item, place);
    if (const Json* token = element.find("SpecialToken")) {
      const std::string name = Fields(*token, place).string("id");
      const auto it = special.find(name);
      if (it == special.end()) {
        fail_invalid(place, "names " + in_quotes(name), "a key of special_tokens");
      }
      elements.emplace_back(it->second);
      added += it->second.size();
      if (added > kMaxAdded) break;  // append refuses it; a short file could name gigabytes
    } else if (const std::string id = Fields(element.at("Sequence"), place).string("id");
               id == "A") {
      elements.emplace_back(std::nullopt);
    } else {
      fail_invalid(place, "names the sequence " + in_quotes(id), "A");
    }
  }
  append(std::move(elements), fields.where("single"));
}

// Templates feed one another: with the text twice in each, a short file would double it without
// end.
void PostProcessor::append(std::vector<Element> elements, const std::string& where) {
  if (std::count(elements.begin(), elements.end(), std::nullopt) > 1) {
    fail_unsupported(where, "the text more than once", "a template that holds it once");
  }
  for (const Element& element : elements) added_ += element ? element->size() : 0;
  if (added_ > kMaxAdded || elements.size() > kMaxAdded) {
    fail_invalid(where, "adds more ids than any tokenizer needs",
                 "at most " + std::to_string(kMaxAdded));
  }
  templates_.push_back(std::move(elements));
}

// BERT's and RoBERTa's processors say cls and sep as [token, id].
void PostProcessor::add_pair_processor(const Fields& fields) {
  const auto id_of = [&](const char* key) {
    const Json& pair = fields.array(key);
    if (pair.size() != 2) fail_invalid(fields.where(key), "is no pair", "[token, id]");
    return static_cast<int32_t>(to_integer(pair[1], fields.where(key), 0, kMaxTokenId));
  };
  std::vector<Element> elements;
  elements.emplace_back(std::vector<int32_t>{id_of("cls")});
  elements.emplace_back(std::nullopt);
  elements.emplace_back(std::vector<int32_t>{id_of("sep")});
  append(std::move(elements), fields.where("cls"));
}

std::vector<int32_t> PostProcessor::apply(std::vector<int32_t> ids) const {
  for (const auto& elements : templates_) {
    std::vector<int32_t> out;
    out.reserve(ids.size() + elements.size());
    for (const Element& element : elements) {
      const std::vector<int32_t>& part = element ? *element : ids;
      out.insert(out.end(), part.begin(), part.end());
    }
    ids = std::move(out);
  }
  return ids;
}

int32_t PostProcessor::largest_id() const {
  int32_t largest = -1;
  for (const auto& elements : templates_) {
    for (const Element& element : elements) {
      if (!element) continue;
      for (const int32_t id : *element) largest = std::max(largest, id);
    }
  }
  return largest;
}

}  // namespace mlxa::tok
