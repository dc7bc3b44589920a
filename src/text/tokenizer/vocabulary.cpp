#include "text/tokenizer/vocabulary.h"

#include <bit>
#include <functional>

namespace mlxa::tok {
namespace {

constexpr const char* kWhere = "tokenizer.json: model.vocab";

uint32_t hash_of(std::string_view token) {
  const uint64_t hash = std::hash<std::string_view>{}(token);
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

}  // namespace

Vocabulary::Vocabulary(const std::vector<VocabularyEntry>& entries) {
  slots_.resize(std::bit_ceil(entries.size() * 2 + 2));
  size_t bytes = 0;
  int64_t largest = -1;
  for (const auto& [token, id] : entries) {
    if (id < 0 || id > kMaxTokenId) {
      fail_invalid(kWhere, "gives " + in_quotes(token) + " an id out of range",
                   "0 to " + std::to_string(kMaxTokenId));
    }
    bytes += token.size();
    largest = std::max(largest, id);
  }
  text_.reserve(bytes);
  extents_.resize(static_cast<size_t>(largest + 1));
  for (const auto& [token, id] : entries) {
    Slot& slot = slot_for(token, hash_of(token));
    if (slot.id != kNoToken) {
      extents_[static_cast<size_t>(slot.id)].size = kAbsent;
    } else {
      ++count_;
    }
    Extent& extent = extents_[static_cast<size_t>(id)];
    if (extent.size != kAbsent) {
      fail_invalid(kWhere,
                   "gives the id " + std::to_string(id) + " to " +
                       in_quotes({text_.data() + extent.offset, extent.size}) + " and to " +
                       in_quotes(token),
                   "one token for each id");
    }
    extent = {static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(token.size())};
    text_ += token;
    slot = {hash_of(token), static_cast<int32_t>(id)};
  }
}

Vocabulary::Slot& Vocabulary::slot_for(std::string_view token, uint32_t hash) {
  size_t i = hash & (slots_.size() - 1);
  while (slots_[i].id != kNoToken) {
    if (slots_[i].hash == hash && this->token(slots_[i].id) == token) break;
    i = (i + 1) & (slots_.size() - 1);
  }
  return slots_[i];
}

int32_t Vocabulary::find(std::string_view token) const {
  if (slots_.empty()) return kNoToken;
  const uint32_t hash = hash_of(token);
  for (size_t i = hash & (slots_.size() - 1); slots_[i].id != kNoToken;
       i = (i + 1) & (slots_.size() - 1)) {
    if (slots_[i].hash == hash && this->token(slots_[i].id) == token) return slots_[i].id;
  }
  return kNoToken;
}

bool Vocabulary::contains(int32_t id) const {
  return id >= 0 && static_cast<size_t>(id) < extents_.size() &&
         extents_[static_cast<size_t>(id)].size != kAbsent;
}

std::string_view Vocabulary::token(int32_t id) const {
  const Extent& extent = extents_[static_cast<size_t>(id)];
  return {text_.data() + extent.offset, extent.size};
}

}  // namespace mlxa::tok
