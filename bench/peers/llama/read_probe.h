// How fast this machine reads memory that no cache holds, at this moment.
#pragma once

namespace peers {

/// Bytes per second of reading 1 GiB by so many threads.
double read_probe(int threads);

}  // namespace peers
