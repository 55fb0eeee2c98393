// The thread of an engine: everything that computes runs here, one piece after another, never on the event loop.
//
// One thread for good, because libtorch and its OpenMP team keep their number of threads per calling thread.
#pragma once

#include <napi.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace pentafold {

/**
 * Ends the process at once while a work thread lives.
 *
 * `process.exit` goes on to the destructors of libtorch's globals, which a thread that computes still uses. A handler of
 * the C library would come after those that were made later, so JavaScript calls this before all of them.
 */
void leave_if_running(int status);

class WorkThread : public std::enable_shared_from_this<WorkThread> {
 public:
  /** @param threads per operation */
  static std::shared_ptr<WorkThread> start(Napi::Env env, int threads);
  ~WorkThread();
  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

  /**
   * Promises what `to_js(env, work())` gives: `work` runs here, `to_js` on the event loop. Both are kept alive until then
   * and destroyed on the event loop, so that they may hold references to JavaScript values.
   */
  template <class Work, class ToJs>
  Napi::Promise run(Napi::Env env, Work work, ToJs to_js) {
    auto result = std::make_shared<std::optional<decltype(work())>>();
    return enqueue(
        env, [work = std::move(work), result] { result->emplace(work()); },
        [to_js = std::move(to_js), result](Napi::Env env) -> Napi::Value { return to_js(env, **result); });
  }

 private:
  struct Piece {
    /** The thread lives until its last piece is settled. */
    std::shared_ptr<WorkThread> thread;
    std::function<void()> work;
    std::function<Napi::Value(Napi::Env)> to_js;
    Napi::Promise::Deferred deferred;
    std::string error;
    bool failed = false;
  };

  WorkThread(Napi::Env env, int threads);
  Napi::Promise enqueue(Napi::Env env, std::function<void()> work, std::function<Napi::Value(Napi::Env)> to_js);
  /** Finishes the piece at work, drops the others. On the event loop; a second time does nothing. */
  void stop();
  void loop(int threads);
  void settle(Napi::Env env, std::unique_ptr<Piece> piece);
  static void compute(Piece& piece);

  Napi::ThreadSafeFunction to_event_loop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Piece>> queue_;
  bool closing_ = false;
  /** Pieces not settled; while there are any, the event loop stays alive. Touched on the event loop only. */
  int64_t unsettled_ = 0;
  std::thread thread_;
};

}  // namespace pentafold
