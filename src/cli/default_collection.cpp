#include "cli/default_collection.hpp"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <memory>

namespace mosaic::cli {

namespace {

/// A node whose disk hangs serves what it has all the same.
constexpr std::chrono::seconds kPatience{10};

template <class T, class Call>
Result<T> wait_for(Call call) {
  const auto answer = std::make_shared<std::promise<Result<T>>>();
  auto future = answer->get_future();
  call([answer](Result<T> result) { answer->set_value(std::move(result)); });
  if (future.wait_for(kPatience) == std::future_status::ready) return future.get();
  return Error{ErrorCode::kDeadlineExceeded,
               fmt::format("no answer within {} s", kPatience.count())};
}

}  // namespace

Status create_default_collection(Engine& engine, const NodeSettings& settings) {
  if (!settings.search.create_default) return {};
  const auto& name = settings.search.default_collection;
  // Asked first: at a limit the node refuses to make collections, also one that is there.
  const auto there =
      wait_for<CollectionInfo>([&](auto done) { engine.get_collection(name, std::move(done)); });
  if (there || there.error().code != ErrorCode::kNotFound) return {};
  CollectionSettings collection;
  collection.name = name;
  const auto put = wait_for<CollectionPut>(
      [&](auto done) { engine.put_collection(collection, std::move(done)); });
  return put ? Status() : Status(put.error());
}

}  // namespace mosaic::cli
