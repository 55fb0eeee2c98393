#include "work_thread.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>

namespace pentafold {
namespace {

/** Work threads of the process that may compute. */
std::atomic<int> running{0};

}  // namespace

void leave_if_running(int status) {
  if (running > 0) _exit(status);
}

WorkThread::WorkThread(Napi::Env env, int threads)
    : to_event_loop_(Napi::ThreadSafeFunction::New(env, Napi::Function(), "pentafold_torch", 0, 1)),
      thread_([this, threads] { loop(threads); }) {
  to_event_loop_.Unref(env);
  running++;
}

std::shared_ptr<WorkThread> WorkThread::start(Napi::Env env, int threads) {
  std::shared_ptr<WorkThread> started(new WorkThread(env, threads));
  // A process that exits in the middle of a step must not pull libtorch away from under it.
  env.AddCleanupHook([weak = std::weak_ptr(started)] {
    if (const auto thread = weak.lock()) thread->stop();
  });
  return started;
}

WorkThread::~WorkThread() { stop(); }

void WorkThread::stop() {
  std::deque<std::unique_ptr<Piece>> dropped;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    dropped.swap(queue_);
  }
  changed_.notify_one();
  if (!thread_.joinable()) return;
  thread_.join();
  running--;
  // Once, and not after the environment has gone: it frees what this names.
  to_event_loop_.Release();
}

Napi::Promise WorkThread::enqueue(Napi::Env env, std::function<void()> work,
                                  std::function<Napi::Value(Napi::Env)> to_js) {
  auto piece = std::make_unique<Piece>(
      Piece{shared_from_this(), std::move(work), std::move(to_js), Napi::Promise::Deferred::New(env), {}, false});
  const Napi::Promise promise = piece->deferred.Promise();
  if (unsettled_++ == 0) to_event_loop_.Ref(env);
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(piece));
  }
  changed_.notify_one();
  return promise;
}

void WorkThread::loop(int threads) {
  at::set_num_threads(threads);
  const c10::InferenceMode no_autograd;
  for (;;) {
    std::unique_ptr<Piece> piece;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (closing_) return;
      piece = std::move(queue_.front());
      queue_.pop_front();
    }
    compute(*piece);
    Piece* raw = piece.release();
    const napi_status status = to_event_loop_.BlockingCall(
        raw, [this](Napi::Env env, Napi::Function, Piece* done) { settle(env, std::unique_ptr<Piece>(done)); });
    // The event loop is going away and nobody waits any more; its references may not be touched from here.
    if (status != napi_ok) return;
  }
}

// The one place where a C++ exception becomes data; `torch-error.ts` makes an Error of ours of it.
void WorkThread::compute(Piece& piece) {
  try {
    piece.work();
  } catch (const c10::Error& error) {
    piece.failed = true;
    piece.error = error.what_without_backtrace();
  } catch (const std::exception& error) {
    piece.failed = true;
    piece.error = error.what();
  }
}

void WorkThread::settle(Napi::Env env, std::unique_ptr<Piece> piece) {
  if (--unsettled_ == 0) to_event_loop_.Unref(env);
  const Napi::HandleScope scope(env);
  if (piece->failed)
    piece->deferred.Reject(Napi::Error::New(env, piece->error).Value());
  else
    piece->deferred.Resolve(piece->to_js(env));
}

}  // namespace pentafold
