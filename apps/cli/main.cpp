#include <cstdio>

int main() {
  std::puts("mlxa " MLXA_VERSION);
  return 0;
}
