#include "text/tokenizer/model.h"

#include "text/tokenizer/bpe.h"

namespace mlxa::tok {
namespace {

// Files from before model.type: merges make it BPE.
std::string model_type(const Document& document, const Fields& fields) {
  if (const auto type = fields.optional_string("type")) return *type;
  if (document.has_merges) return "BPE";
  fail_invalid(fields.where("type"), "is missing", "BPE");
}

std::unique_ptr<Model> make_bpe(const Document& document, const Fields& fields) {
  if (!document.has_vocabulary) fail_invalid(fields.where("vocab"), "is missing", "an object");
  if (!document.has_merges) fail_invalid(fields.where("merges"), "is missing", "an array");
  Bpe::Options options;
  options.unknown_token = fields.optional_string("unk_token");
  options.continuing_prefix =
      fields.optional_string("continuing_subword_prefix").value_or(std::string());
  options.end_suffix = fields.optional_string("end_of_word_suffix").value_or(std::string());
  options.fuse_unknown = fields.boolean("fuse_unk", false);
  options.byte_fallback = fields.boolean("byte_fallback", false);
  options.ignore_merges = fields.boolean("ignore_merges", false);
  return std::make_unique<Bpe>(Vocabulary(document.vocabulary), document.merges,
                               std::move(options));
}

}  // namespace

std::unique_ptr<Model> make_model(const Document& document) {
  const Fields root(document.root, "tokenizer.json");
  const Fields fields(root.at("model"), root.where("model"));
  const std::string type = model_type(document, fields);
  if (type == "BPE") return make_bpe(document, fields);
  fail_unsupported(fields.where(), "of type " + in_quotes(type), "BPE");
}

}  // namespace mlxa::tok
