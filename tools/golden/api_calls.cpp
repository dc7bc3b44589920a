// Writes the results of the calls of tests/support/api_calls.h as MLX has them. Built against the
// headers and the library of the mlx package, never as part of the project:
//   MLX=$($PY -c "import mlx.core, os; print(os.path.dirname(mlx.core.__file__))")
//   g++ -std=c++20 -I$MLX/include -Itests -c tools/golden/api_calls.cpp -o build/api_calls.o
//   g++ build/api_calls.o -L$MLX/lib -lmlx -Wl,-rpath,$MLX/lib -o build/api_calls
//   build/api_calls > tests/golden/api_calls.txt
#include "support/api_calls.h"

int main() {
  mlx::core::set_default_device(mlx::core::Device::cpu);
  api_calls::visit_all([](const std::string& call, const std::function<mlx::core::array()>& run) {
    std::puts(api_calls::result_of(call, run).c_str());
  });
}
