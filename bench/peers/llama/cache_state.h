// The saved keys and values of one sequence, as llama_state_seq_get_data lays them out.
#pragma once

#include <cstdint>
#include <vector>

namespace peers {

/// The state of `positions` positions made from that of fewer by repeating its keys and values.
/// Empty if `state` is not laid out as this program knows it.
std::vector<uint8_t> tile_cache_state(const std::vector<uint8_t>& state, uint32_t known,
                                      uint32_t positions);

}  // namespace peers
