#include "cluster/document_ledger.hpp"

#include <algorithm>

namespace mosaic::cluster {

DocumentLedger::PlacePtr DocumentLedger::enter(CollectionId collection, std::uint64_t documents) {
  const std::lock_guard lock(mutex_);
  auto& account = accounts_[collection];
  if (!account.counted) return nullptr;
  if (*account.counted + account.under_way + documents > documents_max_) return nullptr;
  return place(collection, account, documents);
}

DocumentLedger::CountBegin DocumentLedger::begin_count(CollectionId collection, Seq cut) {
  const std::lock_guard lock(mutex_);
  const auto& account = accounts_[collection];
  return {account.ended, std::max(account.newest, cut)};
}

DocumentLedger::Verdict DocumentLedger::enter(CollectionId collection, std::uint64_t documents,
                                              const CountBegin& begin, const Count& count) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(collection);
  if (found == accounts_.end()) return Gone{};
  auto& account = found->second;
  const auto fresh = documents - std::min(documents, count.existing);
  const auto since = account.ended - std::min(account.ended, begin.ended);
  // A shard that is late may yet bring more than it tells.
  if (begin.newest != 0 && count.seq >= begin.newest) {
    account.counted = count.documents + since;
    account.full = count.documents >= documents_max_;
  }
  if (fresh == 0) return place(collection, account, 0);
  if (count.documents + fresh > documents_max_) return Full{count.documents};
  // Without a cut, shards that have applied nothing are those of a new collection, most likely.
  const bool late = begin.newest == 0 ? count.seq != 0 : count.seq < begin.newest;
  const auto most = account.counted.value_or(count.documents + (late ? account.ended : since)) +
                    account.under_way;
  const bool guessed = late && !account.counted;
  if (most + fresh > (guessed ? uncounted_max() : documents_max_)) return Unclear{};
  return place(collection, account, fresh);
}

DocumentLedger::PlacePtr DocumentLedger::enter_guessed(CollectionId collection,
                                                       std::uint64_t documents,
                                                       const CountBegin& begin,
                                                       std::uint64_t guess) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(collection);
  if (found == accounts_.end()) return nullptr;
  auto& account = found->second;
  const auto since = account.ended - std::min(account.ended, begin.ended);
  if (guess + since + account.under_way + documents > uncounted_max()) return nullptr;
  return place(collection, account, documents);
}

bool DocumentLedger::full(CollectionId collection) const {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(collection);
  return found != accounts_.end() && found->second.full;
}

std::optional<bool> DocumentLedger::turned(CollectionId collection) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(collection);
  if (found == accounts_.end()) return std::nullopt;
  auto& account = found->second;
  if (account.full == account.told_full) return std::nullopt;
  account.told_full = account.full;
  return account.full;
}

void DocumentLedger::show_full(const std::function<void(std::size_t)>& show) const {
  const std::lock_guard lock(mutex_);
  show(static_cast<std::size_t>(std::count_if(accounts_.begin(), accounts_.end(),
                                              [](const auto& each) { return each.second.full; })));
}

void DocumentLedger::freed(CollectionId collection) {
  const std::lock_guard lock(mutex_);
  if (const auto found = accounts_.find(collection); found != accounts_.end())
    found->second.full = false;
}

void DocumentLedger::forget(CollectionId collection) {
  const std::lock_guard lock(mutex_);
  accounts_.erase(collection);
}

std::uint64_t DocumentLedger::uncounted_max() const {
  // Divided first: a limit may be as large as the number can be.
  return documents_max_ / 100 * kUncountedPercentMax +
         documents_max_ % 100 * kUncountedPercentMax / 100;
}

DocumentLedger::PlacePtr DocumentLedger::place(CollectionId collection, Account& account,
                                               std::uint64_t documents) {
  account.under_way += documents;
  return std::make_shared<Place>(shared_from_this(), collection, documents);
}

void DocumentLedger::leave(CollectionId collection, std::uint64_t documents, Seq seq) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(collection);
  if (found == accounts_.end()) return;
  auto& account = found->second;
  account.under_way -= std::min(account.under_way, documents);
  account.ended += documents;
  account.newest = std::max(account.newest, seq);
  if (account.counted) *account.counted += documents;
}

}  // namespace mosaic::cluster
