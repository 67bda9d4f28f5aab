#include "text/model/builtin_model.hpp"

#include "base/failure.hpp"

// The assembler puts whole files between two labels; C++ has #embed only from C++26 on. Rows start
// where cache lines do.
#define MOSAIC_ASSET(label, file)                                                     \
  asm(".pushsection .rodata\n.balign 64\n" #label "_begin:\n.incbin \"" MOSAIC_ASSETS \
      "/embedding/" file "\"\n" #label "_end:\n.byte 0\n.popsection\n");              \
  extern "C" const char label##_begin[];                                              \
  extern "C" const char label##_end[];

MOSAIC_ASSET(mosaic_model_table, "model.safetensors")
MOSAIC_ASSET(mosaic_model_tokenizer, "tokenizer.json")
MOSAIC_ASSET(mosaic_model_config, "config.json")

namespace mosaic::text {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::shared_ptr<const StaticModel> open_linked() {
  auto model = StaticModel::from({between(mosaic_model_table_begin, mosaic_model_table_end),
                                  between(mosaic_model_tokenizer_begin, mosaic_model_tokenizer_end),
                                  between(mosaic_model_config_begin, mosaic_model_config_end)});
  if (!model) throw Failure(model.error());  // the program itself is damaged
  return std::move(*model);
}

}  // namespace

std::shared_ptr<const StaticModel> builtin_model() {
  static const auto kModel = open_linked();
  return kModel;
}

}  // namespace mosaic::text
