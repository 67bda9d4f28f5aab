#include "fake_node.hpp"

#include <algorithm>

namespace mosaic::actors {
namespace {

/// What an engine knows besides its script.
struct fake_engine_state {
  fake_engine_config config;
  std::size_t errors = 0;  ///< given so far
};
using state_ptr = std::shared_ptr<fake_engine_state>;

/// `reply` as a script says; unanswered requests end with the engine.
template <class Reply>
caf::result<Reply> scripted(engine_actor::pointer self, const state_ptr& state, Reply reply) {
  const auto& config = state->config;
  if (config.on_request) config.on_request();
  if (config.answer == FakeAnswer::kNever) return self->template make_response_promise<Reply>();
  if (config.answer == FakeAnswer::kError && state->errors++ < config.errors)
    return to_caf(config.error);
  return reply;
}

/// A write whose answer never comes has been done.
template <class Reply>
caf::result<Reply> scripted_write(engine_actor::pointer self, const state_ptr& state,
                                  const RequestId& id, Reply reply) {
  if (state->config.answer != FakeAnswer::kError) state->config.log->note(id);
  return scripted(self, state, std::move(reply));
}

}  // namespace

std::size_t FakeLog::note(const RequestId& id) {
  const std::lock_guard lock(mutex_);
  shortest_window_s_ = std::min(shortest_window_s_, id.window_s);
  return ++writes_[id];
}

std::size_t FakeLog::size() const {
  const std::lock_guard lock(mutex_);
  return writes_.size();
}

std::size_t FakeLog::most() const {
  const std::lock_guard lock(mutex_);
  std::size_t most = 0;
  for (const auto& [id, times] : writes_) most = std::max(most, times);
  return most;
}

std::uint32_t FakeLog::shortest_window_s() const {
  const std::lock_guard lock(mutex_);
  return shortest_window_s_;
}

engine_actor::behavior_type fake_engine(engine_actor::pointer self, fake_engine_config config) {
  const auto state = std::make_shared<fake_engine_state>();
  state->config = std::move(config);
  return {
      [=](search_atom, const SearchRequest& request) {
        SearchReply reply;
        reply.hits.resize(request.k);
        return scripted(self, state, reply);
      },
      [=](read_atom, const GetRequest& request) {
        StoredDocument stored;
        stored.document.id = request.id;
        return scripted(self, state, stored);
      },
      [=](upsert_atom, const UpsertRequest& request, const RequestId& id) {
        return scripted_write(self, state, id, UpsertReply{request.documents.size(), 7, true});
      },
      [=](remove_atom, const DeleteRequest& request, const RequestId& id) {
        return scripted_write(self, state, id, DeleteReply{request.ids.size(), 8, true});
      },
      [=](create_atom, const CollectionSettings& settings, const RequestId& id) {
        CollectionPut put;
        put.info.settings = settings;
        put.created = true;
        return scripted_write(self, state, id, put);
      },
      [=](info_atom, const std::string& name) {
        CollectionInfo info;
        info.settings.name = name;
        return scripted(self, state, info);
      },
      [=](health_atom) {
        Health health;
        health.node = state->config.name;
        return scripted(self, state, health);
      },
      [](parts_atom, const node_parts_ptr&) {},
      [](fault_atom, const FaultRequest&) {},
  };
}

FakeNode::FakeNode(fake_engine_config config, std::string listen)
    : publication_(system_, std::move(listen), "CAF clients") {
  start_engine(std::move(config));
}

FakeNode::~FakeNode() {
  caf::anon_send_exit(engine_, caf::exit_reason::user_shutdown);
}

void FakeNode::start_engine(fake_engine_config config) {
  engine_ = system_.spawn(fake_engine, std::move(config));
  const auto port = publication_.publish(engine_);
  port_ = port ? *port : 0;
}

void FakeNode::restart_engine(fake_engine_config config) {
  caf::anon_send_exit(engine_, caf::exit_reason::user_shutdown);
  start_engine(std::move(config));
}

}  // namespace mosaic::actors
