# Functions that make the project's targets. A folder under src/ is a layer and one static library;
# tools/check_layers holds the includes against the same arrows.

find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
if(MLXA_STATIC_DEPENDENCIES)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(LIBEDIT REQUIRED IMPORTED_TARGET libedit)
if(MLXA_STATIC_DEPENDENCIES)
  foreach(library tinfo bsd md)  # what libedit stands on
    find_library(${library}_archive ${library} REQUIRED)
    target_link_libraries(PkgConfig::LIBEDIT INTERFACE ${${library}_archive})
  endforeach()
endif()

add_library(mlxa_options INTERFACE)
target_compile_options(mlxa_options INTERFACE -Wall -Wextra)
if(MLXA_WERROR)
  target_compile_options(mlxa_options INTERFACE -Werror)
endif()
# GCC 12 sees overlapping copies in `"text" + std::string` where there are none.
target_compile_options(mlxa_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
# Some element-wise templates ask for vectors where a type or a branch has none.
target_compile_options(mlxa_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-pass-failed>)
if(MLXA_ASSERTS)
  target_compile_options(mlxa_options INTERFACE -UNDEBUG)
endif()
if(MLXA_SANITIZE)
  target_compile_options(mlxa_options INTERFACE -fsanitize=${MLXA_SANITIZE} -fno-omit-frame-pointer
                                                -fno-sanitize-recover=all)
  target_link_options(mlxa_options INTERFACE -fsanitize=${MLXA_SANITIZE})
endif()
if(MLXA_FUZZ)
  target_compile_options(mlxa_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(mlxa_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_compile_definitions(mlxa_options INTERFACE MLXA_VERSION="${PROJECT_VERSION}")

# mlxa_precompile(<target> <owner> [<header>...])
# The target's sources get the headers that most of the code reads, compiled once by the owner and shared by
# the targets that name it; these must have the owner's level of optimisation. (The preset for 64-bit ARM does
# without, so that a missing include is seen.)
function(mlxa_precompile target owner)
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE <algorithm> <functional> <map> <memory> <optional> <string>
                              <unordered_map> <vector> ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

# mlxa_layer(<folder> [DEPS <layer>...] [LINK <library>...])
# Library mlxa_<folder> from every .cpp under src/<folder>. DEPS are the layers below it; LINK are
# outside libraries that only this layer's sources see.
function(mlxa_layer name)
  cmake_parse_arguments(ARG "" "" "DEPS;LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_library(mlxa_${name} STATIC ${sources})
  target_include_directories(mlxa_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                                                 ${PROJECT_SOURCE_DIR}/src)
  foreach(dep ${ARG_DEPS})
    target_link_libraries(mlxa_${name} PUBLIC mlxa_${dep})
  endforeach()
  target_link_libraries(mlxa_${name} PRIVATE mlxa_options ${ARG_LINK})
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # GCC 12 warns of its own library's code there from -O2 on
    if("nlohmann_json::nlohmann_json" IN_LIST ARG_LINK)
      mlxa_precompile(mlxa_${name} mlxa_base <nlohmann/json.hpp>)
    else()
      mlxa_precompile(mlxa_${name} mlxa_array)
    endif()
  endif()
endfunction()

# mlxa_test(<folder> [LOOPBACK <filter>] [LINK <library>...])
# Program test_<folder> from every *_test.cpp under tests/<folder>, each of its cases known to ctest; with
# LOOPBACK those that the filter chooses once more on that device.
# The tests read their reference values from tests/golden.
function(mlxa_test name)
  cmake_parse_arguments(ARG "" "LOOPBACK" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*_test.cpp)
  add_executable(test_${name} ${sources})
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(test_${name} PRIVATE MLXA_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden"
                                                  MLXA_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(test_${name} PRIVATE ${ARG_LINK} mlxa_options GTest::gmock GTest::gtest_main)
  # Tests wait for what they call, not for themselves, and compile in less than half the time.
  target_compile_options(test_${name} PRIVATE -O0)
  mlxa_precompile(test_${name} test_base <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp>)
  gtest_discover_tests(test_${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300 LABELS ${name})
  if(ARG_LOOPBACK)
    gtest_discover_tests(test_${name} TEST_PREFIX loopback.${name}. DISCOVERY_TIMEOUT 60
                         TEST_LIST loopback_${name} TEST_FILTER ${ARG_LOOPBACK}
                         PROPERTIES TIMEOUT 300 LABELS loopback ENVIRONMENT MLXA_LOOPBACK=1)
  endif()
endfunction()

# mlxa_fuzz(<name> [LINK <library>...])
# Program fuzz_<name> from tests/fuzz/<name>_fuzz.cpp. With MLXA_FUZZ it is a libFuzzer program that
# tests/fuzz/run.sh starts; otherwise it runs the inputs of its corpus once, as a test.
function(mlxa_fuzz name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
  add_executable(fuzz_${name} fuzz/${name}_fuzz.cpp)
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(fuzz_${name} PRIVATE MLXA_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden")
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_LINK} mlxa_options)
  if(MLXA_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name} COMMAND fuzz_${name} -runs=0 ${corpus})
  else()
    target_sources(fuzz_${name} PRIVATE fuzz/replay_main.cpp)
    add_test(NAME fuzz.${name} COMMAND fuzz_${name} ${corpus})
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 300 LABELS fuzz)
endfunction()
