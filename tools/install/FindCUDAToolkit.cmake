# CMake's own module, of which 3.25 ends in an error on CUDA 13: it marks nvToolsExt, which is gone, as deprecated for
# projects that require CMake 3.25. For the time of the search this project requires less. Our build uses it, and so
# does an installed MuseganConfig.cmake.
set(musegan_required_cmake ${CMAKE_MINIMUM_REQUIRED_VERSION})
set(CMAKE_MINIMUM_REQUIRED_VERSION 3.24)
include(${CMAKE_ROOT}/Modules/FindCUDAToolkit.cmake)
set(CMAKE_MINIMUM_REQUIRED_VERSION ${musegan_required_cmake})
