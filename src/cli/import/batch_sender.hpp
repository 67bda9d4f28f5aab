// Brings one batch to the server, come what may: waits while it is overloaded or away (a batch that
// got no answer is sent again under its idempotency key, so that it is stored once), halves what is
// too large, names the lines of documents that are refused. One sender belongs to one thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "cli/api_client.hpp"
#include "cli/import/batch.hpp"
#include "cli/import/tally.hpp"

namespace mosaic::cli {

/// Documents of one batch that may be refused before the import is given up.
constexpr int kRefusedPerBatchMax = 100;

/// Tries of a batch after which one that gets no answer ends the import: for some 13 seconds, in
/// which a node that was restarted is back.
constexpr int kUnansweredMax = 9;

/// How long to wait before try number `attempt` (from 1) is repeated, after waiting `waited` in
/// all; nothing when it is time to give up. `retry_after` is what the server asked for.
std::optional<std::chrono::milliseconds> retry_delay(int attempt, std::chrono::seconds retry_after,
                                                     std::chrono::milliseconds waited);

/// The i of "documents[i]" in the detail of a problem, and the detail without it.
struct RefusedDocument {
  std::size_t position = 0;
  std::string reason;
};
std::optional<RefusedDocument> parse_refused(const std::string& detail);

/// Waits; false when the import ends meanwhile.
using Pause = std::function<bool(std::chrono::milliseconds)>;

class BatchSender {
 public:
  BatchSender(Server server, std::string_view collection, ImportTally& tally);

  /// Returns when every document of the batch is stored or counted as bad; throws Failure when the
  /// import cannot go on. What was stored until then is counted.
  void send(Batch batch, const Pause& pause);

 private:
  ApiAnswer post(const Batch& batch, const Pause& pause);
  Result<ApiAnswer> try_post(const Batch& batch, const std::string& key);
  void refuse(Batch& batch, const RefusedDocument& refused, const std::string& code);
  void halve(const Batch& batch, const ApiAnswer& answer, const Pause& pause);

  ApiClient client_;
  std::string path_;
  ImportTally& tally_;
};

}  // namespace mosaic::cli
