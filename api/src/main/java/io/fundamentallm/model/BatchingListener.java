package io.fundamentallm.model;

/**
 * Receives what {@link io.fundamentallm.LanguageModels#batching} does, for metrics. Called by the
 * callers' threads, several at a time, so it must be thread-safe and quick: the caller that led a
 * pass reports it after waking the others and before it continues. What it throws is dropped. The
 * figures are plain numbers, so nothing is allocated for them.
 */
public interface BatchingListener {
  /**
   * Called after each pass, including one that failed.
   *
   * @param waiting how many calls waited when it ended, including those it read only a part of
   * @param sessions how many sessions were in it
   * @param tokens how many tokens it read
   * @param nanos how long it took
   */
  default void onPass(int waiting, int sessions, int tokens, long nanos) {}

  /**
   * Called after a call was refused because of {@link BatchingLimits#callers()}.
   *
   * @param waiting how many calls waited
   */
  default void onRejection(int waiting) {}

  /** Does nothing. */
  static BatchingListener none() {
    return new BatchingListener() {};
  }
}
