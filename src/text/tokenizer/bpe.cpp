#include "text/tokenizer/bpe.h"

#include <algorithm>
#include <bit>

#include "mlxa/error.h"

#include "text/tokenizer/unicode.h"

namespace mlxa::tok {
namespace {

constexpr const char* kWhereMerges = "tokenizer.json: model.merges";

// A heap with the lowest rank on top, the leftmost of equal ranks.
bool later(const ModelScratch::Merge& a, const ModelScratch::Merge& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.position > b.position;
}

}  // namespace

MergeTable::MergeTable(size_t expected) : entries_(std::bit_ceil(expected * 2 + 2)) {}

size_t MergeTable::slot_of(uint64_t pair) const {
  uint64_t hash = pair * 0x9E3779B97F4A7C15u;
  hash ^= hash >> 32;
  size_t i = hash & (entries_.size() - 1);
  while (entries_[i].pair != kEmpty && entries_[i].pair != pair) {
    i = (i + 1) & (entries_.size() - 1);
  }
  return i;
}

void MergeTable::insert(int32_t left, int32_t right, uint32_t rank, int32_t id) {
  const uint64_t pair = static_cast<uint64_t>(left) << 32 | static_cast<uint32_t>(right);
  entries_[slot_of(pair)] = {pair, rank, id};
}

const MergeTable::Entry* MergeTable::find(int32_t left, int32_t right) const {
  const uint64_t pair = static_cast<uint64_t>(left) << 32 | static_cast<uint32_t>(right);
  const Entry& entry = entries_[slot_of(pair)];
  return entry.pair == kEmpty ? nullptr : &entry;
}

Bpe::Bpe(Vocabulary vocabulary, const MergeList& merges, Options options)
    : Model(std::move(vocabulary)),
      options_(std::move(options)),
      merges_(merges.lines.size() + merges.pairs.size()) {
  uint32_t rank = 0;
  for (const auto& [left, right] : merges.pairs) add_merge(left, right, rank++);
  for (const std::string_view line : merges.lines) {
    if (line.starts_with("#version")) continue;
    const size_t space = line.find(' ');
    if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
      fail_invalid(kWhereMerges, "holds " + in_quotes(line), "two tokens with one space between");
    }
    add_merge(line.substr(0, space), line.substr(space + 1), rank++);
  }
  if (options_.unknown_token) unknown_id_ = this->vocabulary().find(*options_.unknown_token);
  for (size_t c = 0; c < low_ids_.size(); ++c) {
    std::string character;
    append_utf8(character, static_cast<char32_t>(c));
    low_ids_[c] = this->vocabulary().find(character);
  }
  for (size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    byte_ids_[byte] =
        this->vocabulary().find(std::string("<0x") + kDigits[byte >> 4] + kDigits[byte & 15] + ">");
  }
}

void Bpe::add_merge(std::string_view left, std::string_view right, uint32_t rank) {
  const auto known = [&](std::string_view token) {
    const int32_t id = vocabulary().find(token);
    if (id == kNoToken) {
      fail_invalid(kWhereMerges, "names " + in_quotes(token) + ", which is not in the vocabulary",
                   "known tokens");
    }
    return id;
  };
  const size_t prefix = options_.continuing_prefix.size();
  if (right.size() < prefix) {
    fail_invalid(kWhereMerges, "holds " + in_quotes(right),
                 "a token with the prefix " + in_quotes(options_.continuing_prefix));
  }
  std::string both(left);
  both += right.substr(prefix);
  const int32_t left_id = known(left), right_id = known(right);
  merges_.insert(left_id, right_id, rank, known(both));
}

int32_t Bpe::initial_id(std::string_view character, bool first, bool last) const {
  const bool with_prefix = !first && !options_.continuing_prefix.empty();
  const bool with_suffix = last && !options_.end_suffix.empty();
  if (with_prefix || with_suffix) {
    std::string token = with_prefix ? options_.continuing_prefix : std::string();
    token += character;
    if (with_suffix) token += options_.end_suffix;
    return vocabulary().find(token);
  }
  if (character.size() <= 2) {
    size_t position = 0;
    const char32_t c = next_code_point(character, position);
    if (c < low_ids_.size()) return low_ids_[c];
  }
  return vocabulary().find(character);
}

// Appends the character's bytes as "<0xHH>" tokens if the vocabulary has all of them.
bool Bpe::append_bytes(std::string_view character, bool first, bool last,
                       ModelScratch& scratch) const {
  std::string bytes = first ? std::string() : options_.continuing_prefix;
  bytes += character;
  if (last) bytes += options_.end_suffix;
  const auto id_of = [&](char c) { return byte_ids_[static_cast<unsigned char>(c)]; };
  if (!std::all_of(bytes.begin(), bytes.end(), [&](char c) { return id_of(c) != kNoToken; })) {
    return false;
  }
  for (const char c : bytes) scratch.symbols.push_back({id_of(c), 0, 0, true});
  return true;
}

// The symbols before any merge.
void Bpe::start(std::string_view piece, ModelScratch& scratch) const {
  auto& symbols = scratch.symbols;
  symbols.clear();
  bool unknown = false;  // one unknown token is due; byte tokens overtake it, as in the reference
  for (size_t begin = 0; begin < piece.size();) {
    const size_t size = sequence_length(static_cast<unsigned char>(piece[begin]));
    const std::string_view character = piece.substr(begin, size);
    const bool first = begin == 0;
    begin += size;
    const bool last = begin >= piece.size();
    const int32_t id = initial_id(character, first, last);
    if (id != kNoToken) {
      if (unknown) symbols.push_back({unknown_id_, 0, 0, true});
      unknown = false;
      symbols.push_back({id, 0, 0, true});
      continue;
    }
    if (options_.byte_fallback && append_bytes(character, first, last, scratch)) continue;
    if (!options_.unknown_token) continue;
    if (unknown_id_ == kNoToken) {
      fail_invalid("tokenizer.json: model.unk_token",
                   "is " + in_quotes(*options_.unknown_token) + " and the text holds " +
                       in_quotes(character) + ", both unknown",
                   "an unknown token that is in model.vocab");
    }
    if (unknown && !options_.fuse_unknown) symbols.push_back({unknown_id_, 0, 0, true});
    unknown = true;
  }
  if (unknown) symbols.push_back({unknown_id_, 0, 0, true});
}

// Applies the merge of the lowest rank until none is left, in O(n log n). An entry of the heap
// whose symbols have changed counts as expired unless the new pair makes the same token.
void Bpe::merge(ModelScratch& scratch) const {
  auto& symbols = scratch.symbols;
  auto& heap = scratch.merges;
  heap.clear();
  const auto count = static_cast<int32_t>(symbols.size());
  for (int32_t i = 0; i < count; ++i) {
    symbols[static_cast<size_t>(i)].previous = i - 1;
    symbols[static_cast<size_t>(i)].next = i + 1 < count ? i + 1 : -1;
  }
  const auto pair_at = [&](int32_t left) -> const MergeTable::Entry* {
    const auto& symbol = symbols[static_cast<size_t>(left)];
    return merges_.find(symbol.id, symbols[static_cast<size_t>(symbol.next)].id);
  };
  for (int32_t i = 0; i + 1 < count; ++i) {
    if (const auto* entry = pair_at(i)) heap.push_back({entry->rank, i, entry->id});
  }
  std::make_heap(heap.begin(), heap.end(), later);
  const auto offer = [&](int32_t left) {
    if (const auto* entry = pair_at(left)) {
      heap.push_back({entry->rank, left, entry->id});
      std::push_heap(heap.begin(), heap.end(), later);
    }
  };
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), later);
    const ModelScratch::Merge top = heap.back();
    heap.pop_back();
    auto& left = symbols[static_cast<size_t>(top.position)];
    if (!left.alive || left.next < 0) continue;
    const auto* entry = pair_at(top.position);
    if (entry == nullptr || entry->id != top.id) continue;
    auto& right = symbols[static_cast<size_t>(left.next)];
    right.alive = false;
    left.id = top.id;
    left.next = right.next;
    if (left.next >= 0) symbols[static_cast<size_t>(left.next)].previous = top.position;
    if (left.previous >= 0) offer(left.previous);
    if (left.next >= 0) offer(top.position);
  }
}

void Bpe::encode(std::string_view piece, ModelScratch& scratch, std::vector<int32_t>& ids) const {
  if (options_.ignore_merges) {
    const int32_t id = vocabulary().find(piece);
    if (id != kNoToken) {
      ids.push_back(id);
      return;
    }
  }
  const bool cached = piece.size() <= PieceCache::kMaxPieceBytes;
  if (cached && cache_.find(piece, ids)) return;
  start(piece, scratch);
  merge(scratch);
  const size_t before = ids.size();
  for (const auto& symbol : scratch.symbols) {
    if (symbol.alive) ids.push_back(symbol.id);
  }
  if (cached) cache_.insert(piece, ids.data() + before, ids.size() - before);
}

}  // namespace mlxa::tok
